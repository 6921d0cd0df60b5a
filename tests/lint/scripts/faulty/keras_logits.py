"""from_logits on probabilities, encodings, units, sigmoid for exclusive classes."""
import keras
from keras import layers
from keras.losses import CategoricalCrossentropy, SparseCategoricalCrossentropy

keras.utils.set_random_seed(0)
(x, y), (xt, yt) = keras.datasets.cifar100.load_data()
x, xt = x / 255.0, xt / 255.0


def net(last):
    return keras.Sequential([layers.Flatten(), layers.Dense(300, activation='tanh'), last])


one = net(layers.Dense(100, activation='softmax'))
one.compile('adam', SparseCategoricalCrossentropy(from_logits=True))  # -> TL302
one.fit(x, y, validation_split=0.1)
two = net(layers.Dense(100, activation='softmax'))
two.compile('adam', CategoricalCrossentropy())  # -> TL307
two.fit(x, y, validation_split=0.1)
three = net(layers.Dense(10, activation='softmax'))  # -> TL308
three.compile('adam', 'sparse_categorical_crossentropy')
three.fit(x, y, validation_split=0.1)
four = net(layers.Dense(100, activation='sigmoid'))  # -> TL309
four.compile('adam', 'categorical_crossentropy')
hot = keras.utils.to_categorical(y, 100)
four.fit(x, hot, validation_split=0.1)
five = net(layers.Dense(1, activation='softmax'))  # -> TL308 TL309
five.compile('adam', 'binary_crossentropy')
five.fit(x, y, validation_split=0.1)
