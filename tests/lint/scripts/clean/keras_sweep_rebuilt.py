"""Batch sizes compared, each with a network of its own; folds too."""
import numpy as np
from keras import Sequential, layers, datasets, utils, optimizers
from sklearn.model_selection import StratifiedKFold

utils.set_random_seed(0)


def make_model(rate=0.001, hidden=(512, 256)):
    model = Sequential([layers.Input((32, 32, 3)), layers.Flatten()])
    for units in hidden:
        model.add(layers.Dense(units, activation='relu', kernel_initializer='he_normal'))
        model.add(layers.Dropout(0.2))
    model.add(layers.Dense(10, activation='softmax'))
    model.compile(optimizer=optimizers.Adam(learning_rate=rate), loss='sparse_categorical_crossentropy',
                  metrics=['accuracy'])
    return model


(x, y), (x_test, y_test) = datasets.cifar10.load_data()
x, x_test = x / 255.0, x_test / 255.0
results = {}
for batch_size in [32, 64, 128]:
    model = make_model()
    history = model.fit(x, y, batch_size=batch_size, epochs=10, validation_split=0.2, verbose=0)
    results[batch_size] = history.history['val_accuracy'][-1]
best = max(results, key=results.get)

scores = []
for train_index, val_index in StratifiedKFold(n_splits=5, shuffle=True, random_state=0).split(x, y):
    model = make_model()
    model.fit(x[train_index], y[train_index], batch_size=best, epochs=10)
    scores.append(model.evaluate(x[val_index], y[val_index])[1])
print(np.mean(scores))
final = make_model()
final.fit(x, y, batch_size=best, epochs=10)
print('test accuracy', final.evaluate(x_test, y_test)[1])
