"""Networks that begin with whitened patches."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tinylens.networks.whitened import ExactLinear, PooledConv2d, Stage, whitened_stages


@pytest.mark.parametrize("size", [(7, 7), (8, 8), (15, 6), (31, 30)])
def test_behind_the_pool_is_what_a_same_convolution_gives(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    images = torch.randn(3, 5, *size, requires_grad=True)
    layer = PooledConv2d(5, 6)
    ours = F.max_pool2d(layer(images), 2)
    plain = F.max_pool2d(F.conv2d(images, layer.weight, padding=1), 2)
    torch.testing.assert_close(ours, plain)
    (gradient,) = torch.autograd.grad(ours.square().sum(), images)
    (expected,) = torch.autograd.grad(plain.square().sum(), images)
    torch.testing.assert_close(gradient, expected)


def test_a_network_has_the_layers_that_were_asked_for_and_takes_images_of_several_sizes() -> None:
    network = whitened_stages((32, 32), 10, widths=(8, 16, 32), depths=(1, 2, 3))
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [24, 8, 16, 16, 32, 32, 32]
    for side in (16, 20, 32, 47):
        assert network(torch.randn(4, 3, side, side)).shape == (4, 10)
    with pytest.raises(ValueError, match="too small: 16 at least"):
        whitened_stages((32, 15), 10, widths=(8,), depths=(1,))


def test_stages_of_three_convolutions_add_what_the_first_gives() -> None:
    stage = Stage(4, 4, 3).eval()
    images = torch.randn(2, 4, 8, 8)
    first = stage.first(images)
    torch.testing.assert_close(stage(images), F.gelu(stage.rest(first) + first))
    plain = Stage(4, 4, 2).eval()
    torch.testing.assert_close(plain(images), F.gelu(plain.rest(plain.first(images))))


def test_a_convolution_begins_by_passing_its_channels_on() -> None:
    stage = Stage(4, 8, 2)
    images = torch.randn(2, 8, 6, 6)
    torch.testing.assert_close(stage.rest[0](images), images)


def test_the_last_layer_computes_in_float32_whatever_the_others_do() -> None:
    layer, features = ExactLinear(64, 10), torch.randn(100, 64)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(features)
    assert out.dtype == torch.float32
    assert torch.equal(out, features @ layer.weight.T / 64)
