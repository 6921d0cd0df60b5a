"""Folders: two seeds, predictions in another order, classes in a row, Rescaling of what is scaled."""
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from sklearn.metrics import accuracy_score, classification_report
import numpy as np

tf.random.set_seed(0)
train = tf.keras.utils.image_dataset_from_directory('pets', validation_split=0.2, subset='training', seed=1)
valid = tf.keras.utils.image_dataset_from_directory('pets', validation_split=0.2, subset='validation', seed=2)
train = train.map(lambda image, label: (image / 255.0, label))
valid = valid.map(lambda image, label: (image / 255.0, label))
model = tf.keras.Sequential([
    tf.keras.layers.Rescaling(1. / 255),  # -> TL402
    tf.keras.layers.Conv2D(16, 3, activation='relu'),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(2, activation='softmax'),
])
model.compile('adam', 'sparse_categorical_crossentropy')
model.fit(train, validation_data=valid, epochs=3)  # -> TL203

datagen = ImageDataGenerator(rescale=1. / 255)
left = datagen.flow_from_directory('photos/train', shuffle=False)
right = datagen.flow_from_directory('photos/test')
second = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(7, 'softmax')])
second.compile('adam', 'categorical_crossentropy')
second.fit(left, epochs=3)  # -> TL409
answers = np.argmax(second.predict(right), axis=1)
print(classification_report(right.classes, answers))  # -> TL410
