"""Optimizers: one step against the formula of each, and several against Keras' own."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import nn

from tinylens.optim.optimizers import SGD, Adam, Adamax, AdamW, Optimizer
from tinylens.optim.schedules import InverseTime


def stepped(optimizer: Optimizer, *, start: float, gradient: float, steps: int = 1) -> float:
    weight = nn.Parameter(torch.tensor([start], dtype=torch.float32))
    built = optimizer.build([weight])
    for _ in range(steps):
        weight.grad = torch.tensor([gradient], dtype=torch.float32)
        built.step()
    return weight.item()


def test_sgd_steps_along_the_gradient_with_momentum_and_decay() -> None:
    assert stepped(SGD(lr=0.1), start=1, gradient=2) == pytest.approx(0.8)
    assert stepped(SGD(lr=0.1, momentum=0.5), start=1, gradient=2, steps=2) == pytest.approx(1 - 0.2 - 0.3)
    assert stepped(SGD(lr=0.1, weight_decay=0.5), start=1, gradient=2) == pytest.approx(1 - 0.1 * 2.5)


def test_adam_s_first_step_is_the_rate_whatever_the_gradient() -> None:
    for gradient in (1e-1, 5.0):
        assert stepped(Adam(lr=0.1), start=1, gradient=gradient) == pytest.approx(0.9, abs=1e-4)


def test_adamw_decays_apart_from_the_gradient() -> None:
    assert stepped(AdamW(lr=0.1, weight_decay=0.5), start=2, gradient=5) == pytest.approx(2 - 0.1 * 0.5 * 2 - 0.1)


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "sgd", "lr": 0},
        {"kind": "sgd", "lr": float("inf")},
        {"kind": "adam", "lr": float("nan")},
        {"kind": "sgd", "nesterov": True},
        {"kind": "adam", "momentum": 0.9},
        {"kind": "sdg"},
    ],
)
def test_settings_that_cannot_be_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Optimizer).validate_python(value)


@pytest.mark.parametrize(
    ("optimizer", "keras_optimizer"),
    [
        (SGD(lr=0.05), lambda keras: keras.SGD(0.05)),
        (SGD(lr=0.01, momentum=0.9), lambda keras: keras.SGD(0.01, momentum=0.9)),
        (SGD(lr=0.01, momentum=0.9, nesterov=True), lambda keras: keras.SGD(0.01, momentum=0.9, nesterov=True)),
        (Adam(lr=1e-2), lambda keras: keras.Adam(1e-2)),
        (AdamW(lr=1e-2, epsilon=1e-7, weight_decay=0.1), lambda keras: keras.AdamW(1e-2, weight_decay=0.1)),
        (Adamax(lr=5e-3), lambda keras: keras.Adamax(5e-3)),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_an_optimizer_steps_as_keras_own_does(optimizer: Optimizer, keras_optimizer: Callable) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not here to compare with")
    draw = np.random.default_rng(0)
    start = draw.normal(size=50).astype(np.float32)
    # From gradients that dwarf epsilon to gradients that it dwarfs.
    gradients = [(draw.normal(size=50) * np.logspace(0, -9, 50)).astype(np.float32) for _ in range(3)]
    ours, theirs = nn.Parameter(torch.from_numpy(start.copy())), keras.Variable(start)
    built, reference = optimizer.build([ours]), keras_optimizer(keras.optimizers)
    for gradient in gradients:
        ours.grad = torch.from_numpy(gradient)
        built.step()
        reference.apply([keras.ops.convert_to_tensor(gradient)], [theirs])
    moved = np.abs(ours.detach().numpy() - start)
    tolerance = 1e-6 + 3e-4 * moved * (optimizer.kind == "adamax")  # it adds epsilon in another place
    assert (np.abs(ours.detach().numpy() - keras.ops.convert_to_numpy(theirs)) <= tolerance).all()


def test_sgd_with_decay_steps_as_keras_own_does() -> None:
    keras = pytest.importorskip("keras", reason="Keras is not here to compare with")
    draw = np.random.default_rng(0)
    start = draw.normal(size=50).astype(np.float32)
    ours, theirs = nn.Parameter(torch.from_numpy(start.copy())), keras.Variable(start)
    schedule = InverseTime(decay=0.3)
    built = SGD(lr=0.05).build([ours])
    rate = keras.optimizers.schedules.InverseTimeDecay(0.05, decay_steps=1, decay_rate=0.3)
    reference = keras.optimizers.SGD(rate)
    for step in range(6):
        gradient = draw.normal(size=50).astype(np.float32)
        built.param_groups[0]["lr"] = 0.05 * schedule.factor(step, 100, 6)
        ours.grad = torch.from_numpy(gradient)
        built.step()
        reference.apply([keras.ops.convert_to_tensor(gradient)], [theirs])
    np.testing.assert_allclose(ours.detach().numpy(), keras.ops.convert_to_numpy(theirs), rtol=1e-5, atol=1e-6)
