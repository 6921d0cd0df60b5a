"""Sequential.add, early stopping on a cut of the training images, the best weights restored."""
from __future__ import print_function
import tensorflow as tf
from sklearn.model_selection import train_test_split
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from tensorflow.keras.datasets import cifar10
from tensorflow.keras.layers import *
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.random.set_seed(42)
(X, y), (X_test, y_test) = cifar10.load_data()
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, stratify=y, random_state=42)
mean = X_train.mean(axis=(0, 1, 2, 3))
std = X_train.std(axis=(0, 1, 2, 3))
X_train = (X_train - mean) / (std + 1e-7)
X_val = (X_val - mean) / (std + 1e-7)
X_test = (X_test - mean) / (std + 1e-7)

weight_decay = 1e-4
model = Sequential()
for filters in (32, 64, 128):
    model.add(Conv2D(filters, (3, 3), padding='same', kernel_regularizer=tf.keras.regularizers.l2(weight_decay),
                     input_shape=X_train.shape[1:]))
    model.add(Activation('elu'))
    model.add(BatchNormalization())
    model.add(Conv2D(filters, (3, 3), padding='same'))
    model.add(Activation('elu'))
    model.add(BatchNormalization())
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.3))
model.add(Flatten())
model.add(Dense(10, activation='softmax'))

datagen = ImageDataGenerator(rotation_range=15, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True)
datagen.fit(X_train)
callbacks = [
    EarlyStopping(monitor='val_loss', patience=10, restore_best_weights=True),
    ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience=4, verbose=1),
    ModelCheckpoint('best.h5', monitor='val_accuracy', save_best_only=True),
]
model.compile(loss='sparse_categorical_crossentropy', optimizer=tf.keras.optimizers.RMSprop(1e-3), metrics=['accuracy'])
history = model.fit(datagen.flow(X_train, y_train, batch_size=64), steps_per_epoch=len(X_train) // 64, epochs=125,
                    validation_data=(X_val, y_val), callbacks=callbacks)
print('best validation accuracy', max(history.history['val_accuracy']))
loss, acc = model.evaluate(X_test, y_test)
print('Test accuracy: %.4f' % acc)
