"""A list of Keras layers as a plain PyTorch network: the same layers, in the same order, as a tutorial has them."""

from typing import Any

import keras
import torch
import torch.nn.functional as F
from torch import Tensor, nn

L = keras.layers
ACTIVATIONS = {"relu": nn.ReLU, "elu": nn.ELU, "gelu": nn.GELU, "linear": nn.Identity}


class Rearranged(nn.Module):
    """Reshape and Permute of Keras, whose images have their channels last."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Tensor) -> Tensor:
        if isinstance(self.layer, L.Permute):
            return images.permute(0, *self.layer.dims)
        return images.reshape(len(images), *self.layer.target_shape)


class Turned(nn.Module):
    """Layers that work with channels last, in a network that has them first."""

    def __init__(self, inside: nn.Sequential) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, images: Tensor) -> Tensor:
        return self.inside(images.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()


class Residual(nn.Module):
    """x + what layers make of x."""

    def __init__(self, inside: nn.Sequential) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, images: Tensor) -> Tensor:
        return images + self.inside(images)


class Largest(nn.Module):
    """The largest value of each channel."""

    def forward(self, images: Tensor) -> Tensor:
        return F.adaptive_max_pool2d(images, 1).flatten(1)


def network(layers: list[Any]) -> nn.Sequential:
    """The network, whose sizes are found with its first images."""
    parts: list[nn.Module] = []
    before: list[Any] = []
    for layer in layers:
        if isinstance(layer, L.Reshape | L.Permute):
            before.append(layer)
            continue
        if before:
            parts.append(Turned(nn.Sequential(*map(Rearranged, before))))
            before = []
        parts += translated(layer)
    return nn.Sequential(*parts)


def translated(layer: Any) -> list[nn.Module]:
    """A layer of Keras in PyTorch. Raises ValueError for a kind that the recipes' models do not have."""
    if hasattr(layer, "inside"):
        return [Residual(network(layer.inside.layers))]
    for kind, translate in KINDS.items():
        if isinstance(layer, kind):
            return translate(layer)
    raise ValueError(f"no layer of PyTorch is known for {type(layer).__name__}")


def convolution(layer: Any) -> list[nn.Module]:
    """A convolution with its activation."""
    made = nn.LazyConv2d(layer.filters, layer.kernel_size, padding=layer.padding, bias=layer.use_bias)
    made.weight.requires_grad = layer.trainable
    return [made, *activation(layer)]


def dense(layer: Any) -> list[nn.Module]:
    """A dense layer with its activation."""
    return [nn.LazyLinear(layer.units, bias=layer.use_bias), *activation(layer)]


def activation(layer: Any) -> list[nn.Module]:
    """What a layer's own activation is, nothing where it has none."""
    name = layer.activation.__name__
    return [] if name == "linear" else [ACTIVATIONS[name]()]


def pool(layer: Any) -> list[nn.Module]:
    """Max-pool; what Keras calls same keeps what is left at the edge."""
    return [nn.MaxPool2d(layer.pool_size, ceil_mode=layer.padding == "same")]


def padding(layer: Any) -> list[nn.Module]:
    """Black around images, as wide on all sides."""
    return [nn.ZeroPad2d(layer.padding[0][0])]


def normalisation(layer: Any) -> list[nn.Module]:
    """Batch normalisation, of images or of features, known when the first come."""
    return [Normalisation(layer.epsilon, 1 - layer.momentum, layer.scale)]


class Normalisation(nn.Module):
    """nn.BatchNorm2d for images, nn.BatchNorm1d for features."""

    def __init__(self, epsilon: float, momentum: float, scale: bool) -> None:
        super().__init__()
        self.numbers = epsilon, momentum
        self.scale = scale
        self.inside: nn.Module | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.inside is None:
            kind = nn.BatchNorm2d if x.ndim == 4 else nn.BatchNorm1d
            self.inside = kind(x.shape[1], *self.numbers)
            self.inside.weight.requires_grad = self.scale
        return self.inside(x)


KINDS: dict[Any, Any] = {
    L.Conv2D: convolution,
    L.Dense: dense,
    L.Activation: activation,
    L.LeakyReLU: lambda layer: [nn.LeakyReLU(layer.negative_slope)],
    L.MaxPooling2D: pool,
    L.Dropout: lambda layer: [nn.Dropout(layer.rate)],
    L.ZeroPadding2D: padding,
    L.BatchNormalization: normalisation,
    L.GlobalMaxPooling2D: lambda layer: [Largest()],
    L.Flatten: lambda layer: [nn.Flatten()],
}


def sized(model: nn.Sequential, images: Tensor) -> nn.Sequential:
    """The network with all its weights, which are known when the first images went through it."""
    with torch.no_grad():
        model.eval()(images)
    return model.train()
