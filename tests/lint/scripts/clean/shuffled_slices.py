"""One permutation for images and labels, slices by numbers that are computed, standardised by scikit-learn."""
import numpy as np
from keras.datasets import fashion_mnist
from keras.layers import Dense, Dropout, Input
from keras.models import Model
from sklearn.preprocessing import StandardScaler
import keras

keras.utils.set_random_seed(2)
(x, y), (x_test, y_test) = fashion_mnist.load_data()
order = np.random.permutation(len(x))
x, y = x[order], y[order]
n_val = int(len(x) * 0.15)
x_val, y_val = x[:n_val], y[:n_val]
x_train, y_train = x[n_val:], y[n_val:]
scaler = StandardScaler()
x_train = scaler.fit_transform(x_train.reshape(-1, 784).astype('float32'))
x_val = scaler.transform(x_val.reshape(-1, 784).astype('float32'))
x_test = scaler.transform(x_test.reshape(-1, 784).astype('float32'))
class_names = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']

inp = Input(shape=(784,))
h = Dense(256, activation='relu')(inp)
h = Dropout(0.3)(h)
h = Dense(128, activation='relu')(h)
out = Dense(10, activation='softmax')(h)
net = Model(inputs=inp, outputs=out)
net.compile(loss='sparse_categorical_crossentropy', optimizer='nadam', metrics=['accuracy'])
net.fit(x_train, y_train, epochs=30, batch_size=256, validation_data=(x_val, y_val))
train_loss, train_acc = net.evaluate(x_train, y_train)
test_loss, test_acc = net.evaluate(x_test, y_test)
print(f'Training accuracy: {train_acc:.3f}, test accuracy: {test_acc:.3f}')
