"""Sequence: the layers of a recipe's network in the order in which an image passes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tinylens.recipe import Recipe

CLASSES = 10  # of the network that is built, which is only looked at
SHARES = (nn.Softmax, nn.LogSoftmax, nn.Softmax2d, nn.Softmin, nn.MultiheadAttention)
PASSING = (nn.Dropout, nn.Dropout2d, nn.Flatten, nn.Identity)  # that may stand between two others without changing much


@dataclass(frozen=True, eq=False)
class Passed:
    """A layer that an image passed. name: in the network. before: the layer whose output it takes, if that is known."""

    name: str
    layer: nn.Module
    before: "Passed | None"

    @property
    def is_activation(self) -> bool:
        """Whether it is an activation of hidden layers."""
        return type(self.layer).__module__ == nn.ReLU.__module__ and not isinstance(self.layer, SHARES)

    @property
    def is_linear(self) -> bool:
        """Whether it is a linear layer by itself: no part of one, as grouped convolutions and 3x1 windows are."""
        if isinstance(self.layer, nn.Conv2d):
            return self.layer.groups == 1 and len(set(self.layer.kernel_size)) == 1
        return isinstance(self.layer, nn.Linear)

    def earlier(self) -> Iterator["Passed"]:
        """The layers before it, nearest first, as far as one takes what the other gives."""
        one = self.before
        while one is not None:
            yield one
            one = one.before

    @property
    def words(self) -> str:
        """The layer, for people."""
        return f"{type(self.layer).__name__} ({self.name})"


def passed(recipe: Recipe) -> list[Passed]:
    """The layers of a recipe's network, in order. Nothing where it cannot be built without numbers.

    It is built on the meta device, which has shapes and no numbers: that takes no time, whatever its size.
    """
    size = recipe.image_size
    try:
        with torch.device("meta"), torch.no_grad():
            network = recipe.build((size, size), CLASSES).eval()
            return in_order(network, torch.empty(2, 3, size, size))
    except Exception:  # what a recipe of the user's own does with numbers that are not there
        return []


def in_order(network: nn.Module, images: Tensor) -> list[Passed]:
    """The layers without parts, as they are called for these images."""
    found: list[Passed] = []
    gave: dict[int, Passed] = {}
    kept: list[Any] = []  # outputs stay alive, so that their ids stay theirs

    def note(name: str) -> Any:
        def hook(layer: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            one = Passed(name, layer, gave.get(id(inputs[0])) if inputs else None)
            found.append(one)
            gave[id(output)] = one
            kept.append((inputs, output))

        return hook

    leaves = [(name, layer) for name, layer in network.named_modules() if not list(layer.children())]
    handles = [layer.register_forward_hook(note(name)) for name, layer in leaves]
    try:
        network(images)
    finally:
        for handle in handles:
            handle.remove()
    return found
