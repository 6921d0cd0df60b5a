"""The training generator serves validation too; another generator is never used; the rescale comes twice."""
import tensorflow as tf
from tensorflow.keras.datasets import cifar10
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras import models
from tensorflow.keras import layers
from sklearn.model_selection import train_test_split

tf.random.set_seed(1)
(train_images, train_labels), (test_images, test_labels) = cifar10.load_data()
train_images, test_images = train_images / 255.0, test_images / 255.0
train_images, val_images, train_labels, val_labels = train_test_split(train_images, train_labels, test_size=5000)
gen = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True, rotation_range=10)
idle = ImageDataGenerator(zoom_range=0.2)  # -> TL406
idle.fit(train_images)
train_flow = gen.flow(train_images, train_labels, batch_size=50)  # -> TL402
val_flow = gen.flow(val_images, val_labels, batch_size=50)  # -> TL402
model = models.Sequential([
    layers.Conv2D(32, (3, 3), activation='relu', input_shape=(32, 32, 3)),
    layers.Flatten(),
    layers.Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(train_flow, validation_data=val_flow, epochs=10)  # -> TL407
model.evaluate(test_images, test_labels)  # -> TL403
