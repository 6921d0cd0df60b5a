"""The models of the recipes' Keras sources, built from real Keras layers, in the order in which the sources have them.

Each is a list of layers, as `keras.Sequential` takes them; the last gives logits. The benchmarks use them too.
"""

from collections.abc import Callable
from typing import Any

import keras

L = keras.layers


def four_by_four() -> list[Any]:
    block = [L.Conv2D(32, (4, 4), activation="relu"), L.MaxPool2D()]
    again = [L.Conv2D(32, (4, 4), activation="relu"), L.MaxPool2D()]
    return [*block, *again, L.Flatten(), L.Dense(256, activation="relu"), L.Dense(10)]


def wide_cnn() -> list[Any]:
    blocks = [
        layer
        for width in (512, 256, 128)
        for layer in (L.Conv2D(width, (3, 3)), L.Activation("relu"), L.MaxPooling2D((2, 2)), L.Dropout(0.3))
    ]
    return [*blocks, L.Flatten(), L.Dense(2048, activation="relu"), L.Dense(1024, activation="relu"), L.Dense(100)]


def dense_net(batch_norm: bool, published: bool = False) -> list[Any]:
    def norm(momentum: float, epsilon: float) -> list[Any]:
        given = {"momentum": momentum, "epsilon": epsilon} if published else {}
        return [L.BatchNormalization(**given)] if batch_norm else []

    numbers = ((2048, 0.99, 0.002), (1024, 1.0, 0.003), (512, 0.923, 0.003), (256, 0.94, 0.034))
    hidden = [layer for width, *of in numbers for layer in (L.Dense(width, activation="relu"), *norm(*of))]
    return [L.Flatten(), *hidden, L.Dense(10)]


def mini_vgg(dropout: bool, batch_norm: bool, two: bool = False) -> list[Any]:
    def regularise() -> list[Any]:
        given = {"momentum": 1.0, "epsilon": 0.003} if two else {}
        return [*([L.Dropout(0.25)] if dropout else []), *([L.BatchNormalization(**given)] if batch_norm else [])]

    def convolution(width: int, padding: str = "valid") -> Any:
        return L.Conv2D(width, (3, 3), activation="relu", padding=padding)

    first = [L.ZeroPadding2D((2, 2)), convolution(32)] if two else [convolution(32, "same")]
    return [
        *(*first, convolution(32), L.MaxPool2D(), *regularise()),
        *(convolution(64), convolution(64), L.MaxPool2D(), *regularise()),
        *(L.Flatten(), L.Dense(512, activation="relu"), *regularise(), L.Dense(10)),
    ]


def leaky_cnn(published: bool) -> list[Any]:
    def leaky() -> Any:
        return L.LeakyReLU(negative_slope=0.1)

    first = L.Conv2D(16, (3, 3), padding="same", activation="relu" if published else None)
    return [
        *(first, leaky(), L.Conv2D(32, (3, 3), padding="same"), leaky(), L.MaxPooling2D(), L.Dropout(0.25)),
        *(L.Conv2D(32, (3, 3), padding="same"), leaky(), L.Conv2D(64, (3, 3), padding="same"), leaky()),
        *(L.MaxPooling2D(), L.Dropout(0.25), L.Flatten(), L.Dense(256), leaky(), L.Dropout(0.5), L.Dense(10)),
        *([leaky()] if published else []),
    ]


def elu_net(published: bool, paper: bool = False) -> list[Any]:
    third = (640, 1) if paper else (640, 3)
    stacks = (
        ((384, 3),),
        ((384, 1), (384, 2), (640, 2), (640, 2)),
        (third, (768, 2), (768, 2), (768, 2)),
        ((768, 1), (896, 2), (896, 2)),
        ((896, 3), (1024, 2), (1024, 2)),
        ((1024, 1), (1152, 2)),
        ((1152, 1),),
    )
    rates = (0.5,) * 7 if published else (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.0)
    layers = [L.ZeroPadding2D(4)] if published else []
    for stack, rate in zip(stacks, rates, strict=True):
        for place, (units, kernel) in enumerate(stack, 1):
            penalty = keras.regularizers.l2(0.01 if units == 384 and kernel == 3 else 0.0005)
            layers.append(L.Conv2D(units, (kernel, kernel), padding="same", kernel_regularizer=penalty))
            if place == len(stack) or not published:
                layers.append(L.Activation("elu"))
        layers += [L.MaxPooling2D((2, 2), padding="same"), L.Dropout(rate)]
    return [*layers, L.Flatten(), L.Dense(100)]


class Residual(L.Layer):
    """x + two convolutions of x, as slim-resnet has them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inside = keras.Sequential([*convolution(channels), *convolution(channels)])

    def call(self, x: Any, training: bool = False) -> Any:
        return x + self.inside(x, training=training)


def convolution(channels: int, pool: bool = False) -> list[Any]:
    layers = [L.Conv2D(channels, (3, 3), padding="same", use_bias=False), *([L.MaxPooling2D()] if pool else [])]
    return [*layers, L.BatchNormalization(momentum=0.9, epsilon=1e-5), L.Activation("relu")]


def slim_resnet() -> list[Any]:
    patches = [L.Reshape((16, 2, 16, 2, 3)), L.Permute((1, 3, 2, 4, 5)), L.Reshape((16, 16, 12))]
    stages = [*convolution(48), Residual(48), *convolution(96, pool=True), Residual(96), *convolution(192, pool=True)]
    return [*patches, *stages, L.GlobalMaxPooling2D(), L.Dense(10)]


def brisk_vgg() -> list[Any]:
    pairs = [layer for width in (32, 64, 128) for layer in (*convolution(width), *convolution(width, pool=True))]
    return [*pairs, L.GlobalMaxPooling2D(), L.Dense(10)]


def sprint() -> list[Any]:
    def block(channels: int, pool: bool = False) -> list[Any]:
        layers = [L.Conv2D(channels, (3, 3), padding="same", use_bias=False), *([L.MaxPooling2D()] if pool else [])]
        return [*layers, L.BatchNormalization(momentum=0.6, epsilon=1e-12, scale=False), L.Activation("gelu")]

    whitened = [L.Conv2D(24, (2, 2), use_bias=False, trainable=False), L.Activation("gelu")]
    stages = [layer for width in (64, 256, 256) for layer in (*block(width, pool=True), *block(width))]
    return [*whitened, *stages, L.GlobalMaxPooling2D(), L.Dense(10, use_bias=False)]


# recipe, settings, classes, layers
MODELS: list[tuple[str, dict[str, Any], int, Callable[[], list[Any]]]] = [
    ("four-by-four", {}, 10, four_by_four),
    ("wide-cnn", {}, 100, wide_cnn),
    ("dense-net", {}, 10, lambda: dense_net(False)),
    ("dense-net", {"batch_norm": True}, 10, lambda: dense_net(True)),
    ("dense-net", {"as_published": True, "batch_norm": True}, 10, lambda: dense_net(True, published=True)),
    ("mini-vgg", {}, 10, lambda: mini_vgg(False, False)),
    ("mini-vgg", {"dropout": 0.25}, 10, lambda: mini_vgg(True, False)),
    ("mini-vgg", {"dropout": 0.25, "batch_norm": True}, 10, lambda: mini_vgg(True, True)),
    ("mini-vgg", {"as_published": True}, 10, lambda: mini_vgg(False, False, two=True)),
    (
        "mini-vgg",
        {"as_published": True, "dropout": 0.25, "batch_norm": True},
        10,
        lambda: mini_vgg(True, True, two=True),
    ),
    ("leaky-cnn", {}, 10, lambda: leaky_cnn(False)),
    ("leaky-cnn", {"as_published": True}, 10, lambda: leaky_cnn(True)),
    ("elu-net", {}, 100, lambda: elu_net(False)),
    ("elu-net", {"as_published": True}, 100, lambda: elu_net(True)),
    ("elu-net-paper", {}, 100, lambda: elu_net(False, paper=True)),
]

# Ours, which have no Keras source: the benchmarks time them.
OWN: list[tuple[str, dict[str, Any], int, Callable[[], list[Any]]]] = [
    ("slim-resnet", {}, 10, slim_resnet),
    ("brisk-vgg", {}, 10, brisk_vgg),
    ("sprint", {}, 10, sprint),
]
