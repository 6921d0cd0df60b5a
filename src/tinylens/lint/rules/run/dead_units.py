"""TL116: units that are never active.

A unit behind ReLU that is 0 for every image takes part in nothing, and gets no gradient to come back. A few are usual;
where they are a large part of a layer the network is smaller than it looks, often after steps that were too large.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from tinylens.lens import Lens
from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule("TL116", "units that are never active", "warning", "a lower learning rate, warmup, or a leaky activation")
IMAGES = 1000  # that are looked at, of the training images, each class in its share
SHARE = 0.5  # of a layer's units


def check(case: Case) -> Iterator[Finding]:
    """Fires for layers of ReLU in a trained lens of which half or more is 0 for all of some training images."""
    if case.run is None or case.splits is None or not case.run.trained:
        return
    images = case.splits.train.sample(IMAGES, seed=0).images
    for name, dead, units in silent_units(case.run.lens, images):
        if dead >= SHARE * units:
            yield RULE.found(f"{dead} of {units} units of {name} are 0 for all of {len(images):,} training images")


def silent_units(lens: Lens, images: UInt8[np.ndarray, "n h w 3"]) -> list[tuple[str, int, int]]:
    """Each layer of ReLU: its name, how many units are 0 for every image, and how many there are."""
    highest: dict[str, Tensor] = {}
    layers = [(name, layer) for name, layer in lens.network.named_modules() if type(layer) is nn.ReLU]
    handles = [layer.register_forward_hook(keep_highest(highest, name)) for name, layer in layers]
    try:
        if layers:
            lens.logits(images, views=False)
    finally:
        for handle in handles:
            handle.remove()
    return [(name, int((most <= 0).sum()), most.numel()) for name, most in highest.items()]


def keep_highest(highest: dict[str, Tensor], name: str) -> Any:
    """A hook that keeps the highest value of each unit: of a feature map, over all its places."""

    def hook(layer: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        most = output.detach().float().transpose(0, 1).flatten(1).amax(dim=1)
        highest[name] = torch.maximum(highest[name], most) if name in highest else most

    return hook
