"""The layer table: each layer's output shape and parameters, with the multiplication written out."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerRow:
    """One layer.

    output: shape for one image, height x width x channels or features. formula: `32·3·4·4 + 32`, or empty.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    formula: str


def layer_table(model: nn.Module, image_size: tuple[int, int]) -> list[LayerRow]:
    """A row for each layer of the model, in the order in which an image of `image_size` (height, width) passes them."""
    rows: list[LayerRow] = []
    seen: set[nn.Module] = set()

    def record(name: str) -> Any:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:
            first = output if isinstance(output, Tensor) else output[0]  # some layers give more than one tensor
            _, *shape = first.shape
            shape = [*shape[1:], shape[0]] if len(shape) == 3 else shape
            again = layer in seen  # a layer that is used twice has its parameters once
            seen.add(layer)
            count = 0 if again else sum(p.numel() for p in layer.parameters(recurse=False))
            rows.append(LayerRow(name, type(layer).__name__, tuple(shape), count, "" if again else formula(layer)))

        return hook

    layers = [
        (name, layer)
        for name, layer in model.named_modules()
        if not any(layer.children()) or any(True for _ in layer.parameters(recurse=False))
    ]
    handles = [layer.register_forward_hook(record(name)) for name, layer in layers]
    mode = model.training
    try:
        parameter = next(model.parameters())
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, *image_size, device=parameter.device, dtype=parameter.dtype))
    finally:
        model.train(mode)
        for handle in handles:
            handle.remove()
    return rows


def formula(layer: nn.Module) -> str:
    """How a layer's own parameters are counted: the shape of each multiplied out, and added."""
    return " + ".join("·".join(map(str, parameter.shape)) for parameter in layer.parameters(recurse=False))


def parameter_count(model: nn.Module) -> int:
    """How many numbers of the model are learned."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
