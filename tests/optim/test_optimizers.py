"""Optimizers: one step against the formula of each."""

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import nn

from tinylens.optim.optimizers import SGD, Adam, AdamW, Optimizer


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
    for gradient in (1e-3, 5.0):
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
