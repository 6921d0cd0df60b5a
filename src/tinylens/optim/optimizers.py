"""Optimizers: a configuration that is part of a recipe and builds torch's own.

Each takes parameters, or groups of them as torch does: {"params": [...], "weight_decay": ...}.
"""

import math
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from tinylens.optim.muon import MomentumOrthogonal

Parameters = Iterable[nn.Parameter] | Iterable[dict[str, Any]]
Rate = Annotated[float, Field(gt=0, description="learning rate")]


class SGD(BaseModel):
    """Stochastic gradient descent, with momentum where it is above 0.

    As torch has it: a new learning rate is at once that of the whole momentum. In Keras each gradient keeps the rate
    of its own step, so that with momentum the steps after a change of rate differ a little.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["sgd"] = "sgd"
    lr: Rate = 0.01
    momentum: float = Field(0.0, ge=0, lt=1)
    nesterov: bool = False
    weight_decay: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def nesterov_has_momentum(self) -> "SGD":
        """Nesterov's method looks ahead along the momentum: without any there is nowhere to look."""
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0")
        return self

    def build(self, parameters: Parameters) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters."""
        return torch.optim.SGD(
            parameters, self.lr, self.momentum, nesterov=self.nesterov, weight_decay=self.weight_decay
        )


class Adam(BaseModel):
    """Adam as Keras has it (Kingma and Ba 2015): epsilon is added before the second moment is corrected."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["adam"] = "adam"
    lr: Rate = 1e-3
    beta1: float = Field(0.9, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    epsilon: float = Field(1e-7, gt=0)

    def build(self, parameters: Parameters) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters, all of them updated by one fused kernel."""
        optimizer = torch.optim.Adam(parameters, self.lr, (self.beta1, self.beta2), self.epsilon, fused=True)
        optimizer.register_step_pre_hook(keras_epsilon(self.epsilon, self.beta2))
        return optimizer


def keras_epsilon(epsilon: float, beta2: float) -> Callable[..., None]:
    """A hook that gives torch's Adam, before each step, the epsilon with which it does what Keras' Adam does.

    torch divides by sqrt(v / (1 - beta2^t)) + epsilon, Keras by (sqrt(v) + epsilon) / sqrt(1 - beta2^t): the epsilon
    hat of the paper's section 2.
    """

    def before_step(optimizer: torch.optim.Optimizer, *arguments: Any) -> None:
        for group in optimizer.param_groups:
            steps = next((int(optimizer.state[p]["step"]) for p in group["params"] if p in optimizer.state), 0)
            group["eps"] = epsilon / math.sqrt(1 - beta2 ** (steps + 1))

    return before_step


class AdamW(BaseModel):
    """Adam, as above, with decoupled weight decay (Loshchilov and Hutter 2019)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["adamw"] = "adamw"
    lr: Rate = 1e-3
    beta1: float = Field(0.9, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.01, ge=0)

    def build(self, parameters: Parameters) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters, all of them updated by one fused kernel."""
        betas = (self.beta1, self.beta2)
        optimizer = torch.optim.AdamW(parameters, self.lr, betas, self.epsilon, self.weight_decay, fused=True)
        optimizer.register_step_pre_hook(keras_epsilon(self.epsilon, self.beta2))
        return optimizer


class Adamax(BaseModel):
    """Adam with the largest gradient in place of the second moment (Kingma and Ba 2015, section 7), Keras' defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["adamax"] = "adamax"
    lr: Rate = 1e-3
    beta1: float = Field(0.9, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    epsilon: float = Field(1e-7, gt=0)

    def build(self, parameters: Parameters) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters."""
        return torch.optim.Adamax(parameters, self.lr, (self.beta1, self.beta2), self.epsilon)


class Muon(BaseModel):
    """Kernels step along an orthogonal matrix near to their momentum (Jordan et al. 2024), all else by SGD.

    lr, momentum: of kernels; other_lr, other_momentum, weight_decay: of everything else, with Nesterov's momentum.
    A recipe says in its parameter_groups which group is `orthogonal`; without that, whatever has two dimensions or
    more is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["muon"] = "muon"
    lr: Rate = 0.24
    momentum: float = Field(0.6, ge=0, lt=1)
    rounds: int = Field(3, ge=1, description="of Newton-Schulz")
    other_lr: Rate = 0.05
    other_momentum: float = Field(0.85, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)

    def build(self, parameters: Parameters) -> torch.optim.Optimizer:
        """Our optimizer over these parameters, in groups."""
        groups = [part for group in grouped(parameters) for part in by_shape(group)]
        others = {"momentum": self.other_momentum, "weight_decay": self.weight_decay, "scale": self.other_lr / self.lr}
        groups = [group if group["orthogonal"] else others | group for group in groups]
        return MomentumOrthogonal(groups, self.lr, momentum=self.momentum, rounds=self.rounds)


def grouped(parameters: Parameters) -> list[dict[str, Any]]:
    """Parameters as groups, whether or not they are some already."""
    given = list(parameters)
    return [one for one in given if isinstance(one, dict)] or [{"params": given}]


def by_shape(group: dict[str, Any]) -> list[dict[str, Any]]:
    """A group that says whether it is orthogonal; one that does not say it parted by the parameters' dimensions."""
    if "orthogonal" in group:
        return [group]
    parts = {flat: [p for p in group["params"] if (p.ndim < 2) == flat] for flat in (False, True)}
    return [group | {"params": found, "orthogonal": not flat} for flat, found in parts.items() if found]


Optimizer = Annotated[SGD | Adam | AdamW | Adamax | Muon, Field(discriminator="kind")]
