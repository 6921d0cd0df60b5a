"""take and skip after shuffle; augmentation without effect; results of a pipeline thrown away."""
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
(images, labels), (test_images, test_labels) = tf.keras.datasets.cifar10.load_data()
ds = tf.data.Dataset.from_tensor_slices((images / 255, labels)).shuffle(50000)
train_ds = ds.take(40000)
val_ds = ds.skip(40000)


def augment(image, label):
    image = tf.image.random_crop(image, size=[32, 32, 3])  # -> TL406
    return image, label


train_ds = train_ds.map(augment)
train_ds.cache()  # -> TL412
train_ds = train_ds.batch(32)
val_ds = val_ds.batch(32)
model = tf.keras.models.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
model.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(), ['accuracy'])  # -> TL301
model.fit(train_ds, validation_data=val_ds, epochs=4)  # -> TL203
