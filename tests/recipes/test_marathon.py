"""Marathon: sprint's network, larger."""

import torch
from torch import nn

from tinylens import recipes


def test_its_stages_have_three_convolutions_the_first_of_which_is_added_to_the_last() -> None:
    network = recipes.find("marathon")().build((32, 32), 10)
    kernels = [tuple(module.weight.shape) for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert kernels[1:] == [
        shape for before, width in ((24, 128), (128, 384), (384, 512)) for shape in shapes(before, width)
    ]
    stage = network.stage3.eval()
    for layer in stage.rest:
        if isinstance(layer, nn.Conv2d):
            nn.init.zeros_(layer.weight)
    images = torch.randn(2, 384, 7, 7)
    with torch.no_grad():
        torch.testing.assert_close(stage(images), nn.functional.gelu(stage.first(images)))


def shapes(before: int, width: int) -> list[tuple[int, int, int, int]]:
    """Of the kernels of a stage."""
    return [(width, before, 3, 3), (width, width, 3, 3), (width, width, 3, 3)]


def test_its_rates_are_a_fifth_lower_than_those_of_sprint() -> None:
    sprint, marathon = (recipes.find(name)() for name in ("sprint", "marathon"))
    for name in ("lr", "other_lr"):
        assert 0.75 < getattr(marathon.optimizer, name) / getattr(sprint.optimizer, name) < 0.8
    assert 0.75 < marathon.head_lr / sprint.head_lr < 0.8
