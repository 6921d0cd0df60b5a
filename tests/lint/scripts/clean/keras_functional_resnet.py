"""A small residual network, functional, logits out, a loss that takes logits."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers as L

tf.keras.utils.set_random_seed(0)


def conv_bn(x, filters, stride=1, relu=True):
    x = L.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    x = L.BatchNormalization(momentum=0.9)(x)
    return L.ReLU()(x) if relu else x


def block(x, filters, stride=1):
    shortcut = x
    y = conv_bn(x, filters, stride)
    y = conv_bn(y, filters, relu=False)
    if stride != 1:
        shortcut = L.Conv2D(filters, 1, strides=stride)(shortcut)
    y = L.add([y, shortcut])
    return L.Activation("relu")(y)


def build(num_classes=10, depth=2):
    inputs = keras.Input(shape=(32, 32, 3))
    x = L.Rescaling(1.0 / 255)(inputs)
    x = conv_bn(x, 16)
    for stage, filters in enumerate([16, 32, 64]):
        for i in range(depth):
            x = block(x, filters, stride=2 if stage > 0 and i == 0 else 1)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, L.Dense(num_classes)(x), name="resnet")


(x, y), test = keras.datasets.cifar10.load_data()
x_val, y_val = x[45000:], y[45000:]
x_train, y_train = x[:45000], y[:45000]
train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(10000).batch(128).prefetch(2)
val_ds = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(128)

model = build()
EPOCHS = 30
schedule = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=EPOCHS * (45000 // 128))
model.compile(
    optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS)
probability_model = keras.Sequential([model, L.Softmax()])
print(model.evaluate(*test, verbose=0))
predictions = probability_model.predict(test[0])
