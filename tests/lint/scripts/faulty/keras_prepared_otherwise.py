"""Raw images in training, scaled ones in use; a result thrown away; probabilities twice in the network."""
import keras
from keras.layers import Activation, Conv2D, Dense, Flatten, LeakyReLU

keras.utils.set_random_seed(0)
(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
x_train.astype('float32') / 255  # -> TL412
x_test = x_test.astype('float32') / 255
labels = ['plane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship']  # -> TL408
model = keras.Sequential()
model.add(Conv2D(32, (3, 3), padding='same', activation='relu', input_shape=x_train.shape[1:]))
model.add(LeakyReLU())  # -> TL304
model.add(Flatten())
model.add(Dense(10, activation='softmax'))
model.add(Activation('softmax'))  # -> TL302
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x_train, y_train, batch_size=64, epochs=10, validation_split=0.2)  # -> TL401
print(model.evaluate(x_test, y_test))  # -> TL403
