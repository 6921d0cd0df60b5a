"""Penalties on kernels, against Keras' own regularizer."""

import numpy as np
import pytest
import torch
from torch import nn

from tinylens.networks.penalty import l2_groups
from tinylens.optim.optimizers import SGD


def test_only_the_kernels_that_are_named_are_penalised() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))
    groups = l2_groups(network, {"0": 0.01})
    assert [len(group["params"]) for group in groups] == [3, 1]
    assert groups[1]["params"][0] is network[0].weight
    assert groups[1]["weight_decay"] == pytest.approx(0.02)
    assert "weight_decay" not in groups[0]


def test_steps_are_those_of_keras_with_its_regularizer() -> None:
    keras = pytest.importorskip("keras")
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(20, 6, generator=generator), torch.randint(3, (20,), generator=generator)
    ours = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    theirs = keras.Sequential([
        keras.Input((6,)),
        keras.layers.Dense(5, activation="relu", kernel_regularizer=keras.regularizers.l2(0.05)),
        keras.layers.Dense(3),
    ])  # fmt: skip
    for mine, layer in zip((ours[0], ours[2]), theirs.layers, strict=True):
        layer.set_weights([mine.weight.detach().T.numpy(), mine.bias.detach().numpy()])
    theirs.compile(
        optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    optimizer = SGD(lr=0.1, momentum=0.9).build(l2_groups(ours, {"0": 0.05}))
    for _ in range(5):
        theirs.train_on_batch(x.numpy(), y.numpy())
        optimizer.zero_grad()
        nn.functional.cross_entropy(ours(x), y).backward()
        optimizer.step()
    kernel, bias = theirs.layers[0].get_weights()
    np.testing.assert_allclose(ours[0].weight.detach().numpy().T, kernel, atol=1e-5)
    np.testing.assert_allclose(ours[0].bias.detach().numpy(), bias, atol=1e-5)
