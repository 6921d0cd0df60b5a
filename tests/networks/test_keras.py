"""Keras' defaults: glorot_uniform kernels, zero biases."""

from math import sqrt

import pytest
import torch
from torch import nn

from tinylens.networks.keras import keras_initialise


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
