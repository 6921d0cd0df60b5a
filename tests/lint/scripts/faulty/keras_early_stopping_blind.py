"""Early stopping without validation, a patience of a part of an epoch, labels scaled with the images."""
import numpy as np
from keras import Sequential
from keras.callbacks import EarlyStopping
from keras.datasets import mnist
from keras.layers import BatchNormalization, Dense, Dropout, Flatten

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = [a / 255 for a in (x_train, x_test)]
y_train = y_train / 255  # -> TL405
stopper = EarlyStopping(monitor='val_loss', patience=0.5)  # -> TL205
net = Sequential([
    Flatten(input_shape=(28, 28)),
    Dense(128, activation='relu'),
    BatchNormalization(momentum=0.01),  # -> TL306
    Dense(64, 'relu'),
    Dense(10),
    Dropout(0.5),  # -> TL310
])
net.compile(optimizer='sgd', loss='sparse_categorical_crossentropy')  # -> TL301
net.fit(x_train, y_train, epochs=5, callbacks=[stopper])  # -> TL204 TL211
