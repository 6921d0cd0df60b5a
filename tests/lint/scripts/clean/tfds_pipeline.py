"""tensorflow_datasets with shares of the training split."""
import tensorflow as tf
import tensorflow_datasets as tfds

tf.random.set_seed(1)
(train, val, test), info = tfds.load('cifar10', split=['train[:80%]', 'train[80%:]', 'test'], as_supervised=True,
                                     with_info=True)


def scale(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


def augment(image, label):
    image = tf.image.resize_with_crop_or_pad(image, 40, 40)
    image = tf.image.random_crop(image, [32, 32, 3])
    image = tf.image.random_flip_left_right(image)
    return image, label


train = train.map(scale).map(augment).shuffle(1024).batch(64).prefetch(tf.data.AUTOTUNE)
val = val.map(scale).batch(64)
test = test.map(scale).batch(64)
model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(32, 3, activation='relu', input_shape=(32, 32, 3)),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.SeparableConv2D(64, 3),
    tf.keras.layers.BatchNormalization(),
    tf.keras.layers.LeakyReLU(0.1),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dense(10),
])
model.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), ['accuracy'])
model.fit(train, validation_data=val, epochs=20,
          callbacks=[tf.keras.callbacks.LearningRateScheduler(lambda e, lr: lr * 0.1 if e in (10, 15) else lr)])
print(model.evaluate(test))
