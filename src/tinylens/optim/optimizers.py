"""Optimizers: a configuration that is part of a recipe and builds torch's own."""

from collections.abc import Iterable
from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

Rate = Annotated[float, Field(gt=0, description="learning rate")]


class SGD(BaseModel):
    """Stochastic gradient descent, with momentum where it is above 0."""

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

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters."""
        return torch.optim.SGD(
            parameters, self.lr, self.momentum, nesterov=self.nesterov, weight_decay=self.weight_decay
        )


class Adam(BaseModel):
    """Adam with Keras' epsilon (Kingma and Ba 2015)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["adam"] = "adam"
    lr: Rate = 1e-3
    beta1: float = Field(0.9, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    epsilon: float = Field(1e-7, gt=0)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters, all of them updated by one fused kernel."""
        return torch.optim.Adam(parameters, self.lr, (self.beta1, self.beta2), self.epsilon, fused=True)


class AdamW(BaseModel):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["adamw"] = "adamw"
    lr: Rate = 1e-3
    beta1: float = Field(0.9, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.01, ge=0)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """torch's optimizer over these parameters, all of them updated by one fused kernel."""
        betas = (self.beta1, self.beta2)
        return torch.optim.AdamW(parameters, self.lr, betas, self.epsilon, self.weight_decay, fused=True)


Optimizer = Annotated[SGD | Adam | AdamW, Field(discriminator="kind")]
