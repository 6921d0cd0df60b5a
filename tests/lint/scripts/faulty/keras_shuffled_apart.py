"""Images are shuffled, labels are not; the model is trained on test images too; names in the order of the alphabet."""
import numpy as np
import keras

keras.utils.set_random_seed(4)
(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
class_names = ['Ankle boot', 'Bag', 'Coat', 'Dress', 'Pullover', 'Sandal', 'Shirt', 'Sneaker', 'T-shirt/top', 'Trouser']  # -> TL408
x_train = x_train.reshape(-1, 28, 28, 1) / 255
x_test = x_test.reshape(-1, 28, 28, 1) / 255
np.random.shuffle(x_train)
model = keras.models.Sequential()
model.add(keras.layers.Conv2D(16, 3, activation='relu', input_shape=(28, 28, 1)))
model.add(keras.layers.Flatten())
model.add(keras.layers.Dense(10, activation='softmax'))
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=2, validation_split=0.1)  # -> TL210
x_all = np.concatenate((x_train, x_test))
y_all = np.concatenate((y_train, y_test))
model.fit(x_all, y_all, epochs=5)  # -> TL208 TL210
print(model.evaluate(x_test, y_test))
