"""Slices that overlap; labels from elsewhere; statistics of everything."""
import numpy as np
import keras
from keras.datasets import cifar10
from keras.layers import Conv2D, Dense, Flatten

keras.utils.set_random_seed(3)
(x, y), (x_test, y_test) = cifar10.load_data()
everything = np.concatenate([x, x_test])
mu, sigma = np.mean(everything), np.std(everything)
x = (x - mu) / sigma  # -> TL404
x_test = (x_test - mu) / sigma  # -> TL404
n = 40000
x_train, y_train = x[:n], y[:n]
x_val, y_val = x[n - 5000:], y[n - 5000:]
model = keras.Sequential([Conv2D(8, 3, activation='relu'), Flatten(), Dense(10, activation='softmax')])
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['acc'])
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=3)  # -> TL203
model.fit(x_train, y_train, validation_data=(x_test, y_val), epochs=3)  # -> TL202 TL210
print('Test accuracy:', model.evaluate(x_train, y_train)[1])  # -> TL207
