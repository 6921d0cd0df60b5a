"""Keras' ways: how kernels and biases begin, and padding that keeps an image's size."""

import warnings
from math import sqrt
from typing import get_args

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch import nn

from tinylens.networks.keras import Initialiser, SameConv2d, initialise, keras_initialise


@pytest.mark.parametrize(
    ("layer", "fan_in", "fan_out"),
    [(nn.Conv2d(3, 32, 4), 3 * 16, 32 * 16), (nn.Linear(800, 256), 800, 256), (nn.Conv2d(8, 4, 3, bias=False), 72, 36)],
)
def test_weights_fill_glorot_s_interval_and_biases_are_zero(layer: nn.Module, fan_in: int, fan_out: int) -> None:
    keras_initialise(layer)
    bound = sqrt(6 / (fan_in + fan_out))
    weight, bias = layer.get_parameter("weight"), getattr(layer, "bias", None)
    assert 0.95 * bound < weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / sqrt(3), rel=0.1)
    assert bias is None or not torch.any(bias)


@pytest.mark.parametrize("size", [(8, 8), (9, 5), (3, 4), (2, 2), (1, 7), (1, 1)])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_a_same_convolution_is_torch_s_and_warns_of_nothing(kernel: int, size: tuple[int, int]) -> None:
    torch.manual_seed(kernel)
    ours, theirs = SameConv2d(3, 6, kernel), nn.Conv2d(3, 6, kernel, padding="same")
    theirs.load_state_dict(ours.state_dict())
    images = torch.randn(4, 3, *size).contiguous(memory_format=torch.channels_last)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = ours(images)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, with each even kernel
        expected = theirs(images)
    assert out.shape == (4, 6, *size)
    assert out.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(out, expected)
    for result in (out, expected):
        result.square().sum().backward()
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)
    torch.testing.assert_close(ours.bias.grad, theirs.bias.grad)


@pytest.mark.parametrize("kernel", [2, 4])
def test_an_even_kernel_of_a_same_convolution_has_more_zeros_right_and_below(kernel: int) -> None:
    layer = SameConv2d(1, 1, kernel)
    with torch.no_grad():
        layer.weight.fill_(1)
        layer.bias.zero_()
    out = layer(torch.ones(1, 1, 6, 6))[0, 0]
    before, after = (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
    assert out[0, 0] == (kernel - before) ** 2
    assert out[-1, -1] == (kernel - after) ** 2
    assert out.max() == kernel**2


@pytest.mark.parametrize("name", get_args(Initialiser))
@pytest.mark.parametrize("shape", [(64, 48, 3, 3), (200, 300)], ids=["convolution", "dense"])
def test_kernels_begin_as_keras_begins_them(name: Initialiser, shape: tuple[int, ...]) -> None:
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    ours = torch.empty(shape)
    initialise(ours, name)
    units, channels, *window = shape
    theirs = keras.ops.convert_to_numpy(keras.initializers.get(name)((*window, channels, units)))
    assert float(ours.std()) == pytest.approx(float(theirs.std()), rel=0.02)
    assert float(ours.abs().max()) == pytest.approx(float(np.abs(theirs).max()), rel=0.02)
    assert kstest(ours.flatten().numpy(), theirs.ravel()).pvalue > 1e-3


def test_biases_begin_at_zero_and_only_kernels_are_drawn() -> None:
    model = keras_initialise(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 2)), "he_normal")
    assert not model[0].bias.any()
    assert not model[2].bias.any()
    assert (model[1].weight == 1).all()
