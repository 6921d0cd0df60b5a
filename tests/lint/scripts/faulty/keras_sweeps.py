"""Sweeps whose runs continue each other: batch sizes, optimizers, folds, numbers from numpy."""
import numpy as np
import keras
from keras import layers, optimizers
from sklearn.model_selection import KFold

keras.utils.set_random_seed(5)
(x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
x = x.astype('float32') / 255


def build():
    net = keras.Sequential([layers.Flatten(), layers.Dense(64, activation='relu'), layers.Dense(10, activation='softmax')])
    net.compile('adam', 'sparse_categorical_crossentropy')
    return net


a = build()
for size in [16, 32, 64]:
    a.fit(x, y, batch_size=size, epochs=3, validation_split=0.2)  # -> TL209
b = build()
for name in ('sgd', 'adam'):
    b.compile(name, 'sparse_categorical_crossentropy')
    b.fit(x, y, epochs=3, validation_split=0.2)  # -> TL209
c = build()
for rate in np.logspace(-4, -1, 10):
    c.compile(optimizers.SGD(learning_rate=rate), 'sparse_categorical_crossentropy')
    c.fit(x, y, epochs=3, validation_split=0.2)  # -> TL209
d = build()
for train, test in KFold(5, shuffle=True).split(x):
    d.fit(x[train], y[train], epochs=3)  # -> TL209
    print(d.evaluate(x[test], y[test]))
