"""Sprint-100: sprint's network, wider at its end, for a hundred classes."""

import pytest
import torch
from torch import nn

from tinylens import recipes


def test_it_is_sprint_with_a_wider_last_stage_and_one_look() -> None:
    recipe = recipes.find("sprint-100")()
    assert recipe.data == "cifar100"
    assert recipe.views == ()
    network = recipe.build((32, 32), 100)
    widths = [module.out_channels for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert widths[1:] == [64, 64, 256, 256, 512, 512]
    assert network(torch.randn(2, 3, 32, 32)).shape == (2, 100)


def test_its_last_layer_learns_faster_than_that_of_sprint() -> None:
    scales = []
    for name in ("sprint", "sprint-100"):
        recipe = recipes.find(name)()
        network = recipe.build((32, 32), 100)
        (last,) = [group for group in recipe.parameter_groups(network) if group["params"] == [network.head.weight]]
        scales.append(last["scale"])
    assert scales[1] / scales[0] == pytest.approx(2000 / 1340)
