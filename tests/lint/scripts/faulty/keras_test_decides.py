"""Checkpoint and plateau on the test set, in functions, with aliases."""
import tensorflow.keras as K
from tensorflow.keras import layers, callbacks as cb

K.utils.set_random_seed(0)


def load():
    (a, b), (c, d) = K.datasets.cifar10.load_data()
    return a.astype('float32') / 255., b, c.astype('float32') / 255., d


def network(width):
    inputs = layers.Input((32, 32, 3))
    h = layers.Conv2D(width, 3, activation='relu')(inputs)
    h = layers.Conv2D(width * 2, 3)(h)
    h = layers.Conv2D(width * 2, 3, activation='relu')(h)  # -> TL305
    h = layers.GlobalAveragePooling2D()(h)
    h = layers.Dense(10)(h)
    h = layers.ReLU()(h)  # -> TL303
    return K.Model(inputs, layers.Softmax()(h))


images, labels, held_images, held_labels = load()
model = network(16)
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
keep = cb.ModelCheckpoint('best.keras', monitor='val_accuracy', save_best_only=True)
slower = cb.ReduceLROnPlateau(patience=50)  # -> TL501
model.fit(  # -> TL201
    images,
    labels,
    epochs=40,
    validation_data=(held_images, held_labels),
    callbacks=[keep, slower],
)
