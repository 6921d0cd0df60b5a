"""Iterations as epochs, a decay over as many batches as there are epochs, schedules too late or without an answer."""
import tensorflow as tf
from tensorflow.keras.callbacks import LearningRateScheduler
from tensorflow.keras.optimizers.schedules import CosineDecay, PiecewiseConstantDecay

tf.random.set_seed(0)
(x, y), _ = tf.keras.datasets.cifar10.load_data()
x = x / 255.0
layers = tf.keras.layers
ITERATIONS = 64000


def fresh(rate):
    model = tf.keras.Sequential([layers.Flatten(), layers.Dense(100, 'relu'), layers.Dense(10, 'softmax')])
    model.compile(tf.keras.optimizers.SGD(rate), 'sparse_categorical_crossentropy')
    return model


def steps(epoch):  # -> TL506
    if epoch < 10:
        return 0.1
    elif epoch < 20:
        return 0.01


def late(epoch, lr):
    if epoch == 80 or epoch == 120:
        return lr * 0.1
    return lr


fresh(0.1).fit(x, y, epochs=ITERATIONS, validation_split=0.1)  # -> TL502
fresh(CosineDecay(0.1, decay_steps=30)).fit(x, y, epochs=30, validation_split=0.1)  # -> TL502
fresh(PiecewiseConstantDecay([100000, 150000], [0.1, 0.01, 0.001])).fit(x, y, epochs=20, validation_split=0.1)  # -> TL501
fresh(0.1).fit(x, y, epochs=30, validation_split=0.1, callbacks=[LearningRateScheduler(steps)])
fresh(0.1).fit(x, y, epochs=50, validation_split=0.1, callbacks=[LearningRateScheduler(late)])  # -> TL501
