"""Learning-rate schedules: the factor by which the optimizer's rate is multiplied at each step.

A schedule counts in whole epochs or in iterations (steps), both from 0, as its field `unit` says.
"""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["epoch", "iteration"]
PLAIN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def count(unit: Unit, step: int, steps_per_epoch: int) -> int:
    """How many units are over at `step`."""
    return step if unit == "iteration" else step // steps_per_epoch


class Constant(BaseModel):
    """The rate stays as it is."""

    model_config = PLAIN
    kind: Literal["constant"] = "constant"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """1, whatever the step."""
        return 1.0


class Step(BaseModel):
    """The rate is multiplied by `gamma` after every `every` units."""

    model_config = PLAIN
    kind: Literal["step"] = "step"
    every: int = Field(10, ge=1)
    gamma: float = Field(0.1, gt=0)
    unit: Unit = "epoch"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """gamma to the power of the whole periods that are over at `step`."""
        return self.gamma ** (count(self.unit, step, steps_per_epoch) // self.every)


class Milestones(BaseModel):
    """The rate is multiplied by `gamma` at each of the units in `at`, as Keras' PiecewiseConstantDecay does."""

    model_config = PLAIN
    kind: Literal["milestones"] = "milestones"
    at: tuple[Annotated[int, Field(ge=1)], ...] = (60, 90)
    gamma: float = Field(0.1, gt=0)
    unit: Unit = "epoch"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """gamma to the power of the milestones that are reached at `step`."""
        over = count(self.unit, step, steps_per_epoch)
        return self.gamma ** sum(milestone <= over for milestone in self.at)


class Exponential(BaseModel):
    """The rate is multiplied by `gamma` after each unit, as Keras' ExponentialDecay does."""

    model_config = PLAIN
    kind: Literal["exponential"] = "exponential"
    gamma: float = Field(0.9, gt=0)
    unit: Unit = "epoch"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """gamma to the power of the units that are over at `step`."""
        return self.gamma ** count(self.unit, step, steps_per_epoch)


class InverseTime(BaseModel):
    """The rate is divided by 1 + decay · t, as Keras' SGD(decay=...) and InverseTimeDecay do."""

    model_config = PLAIN
    kind: Literal["inverse-time"] = "inverse-time"
    decay: float = Field(1e-4, ge=0)
    unit: Unit = "iteration"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """1 / (1 + decay · units that are over at `step`)."""
        return 1 / (1 + self.decay * count(self.unit, step, steps_per_epoch))


class Cosine(BaseModel):
    """A linear rise, then half a cosine down to `final` (Loshchilov and Hutter 2017). It runs over all steps."""

    model_config = PLAIN
    kind: Literal["cosine"] = "cosine"
    warmup: float = Field(0.0, ge=0, lt=1, description="share of all steps")
    final: float = Field(0.0, ge=0, le=1, description="factor at the end")

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor at `step`, which counts from 0 to total_steps - 1."""
        rise, after = risen(self.warmup, step, total_steps)
        return rise * annealed(1.0, self.final, after)


class Linear(BaseModel):
    """A linear rise, then a straight line down to `final`. It runs over all steps."""

    model_config = PLAIN
    kind: Literal["linear"] = "linear"
    warmup: float = Field(0.0, ge=0, lt=1, description="share of all steps")
    final: float = Field(0.0, ge=0, le=1, description="factor at the end")

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor at `step`, which counts from 0 to total_steps - 1."""
        rise, after = risen(self.warmup, step, total_steps)
        return rise * (1 + (self.final - 1) * after)


class OneCycle(BaseModel):
    """From `start` up to 1 and down to `final`, both along half a cosine (Smith and Topin 2018), over all steps.

    As torch.optim.lr_scheduler.OneCycleLR with pct_start=peak, div_factor=1/start, final_div_factor=start/final.
    """

    model_config = PLAIN
    kind: Literal["one-cycle"] = "one-cycle"
    peak: float = Field(0.3, gt=0, lt=1, description="share of all steps at which the rate is highest")
    start: float = Field(0.04, gt=0, le=1, description="factor at the start")
    final: float = Field(4e-6, gt=0, le=1, description="factor at the end")

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor at `step`, which counts from 0 to total_steps - 1."""
        top = self.peak * total_steps - 1
        if step < top:
            return annealed(self.start, 1.0, step / top)
        return annealed(1.0, self.final, (step - top) / max(total_steps - 1 - top, 1))


def risen(warmup: float, step: int, total_steps: int) -> tuple[float, float]:
    """How far the rate has risen at `step`, up to 1, and which share of the steps after the rise is over.

    warmup: the share of all steps in which it rises.
    """
    rise = warmup * total_steps
    if step < rise:
        return (step + 1) / (rise + 1), 0.0
    return 1.0, (step - rise) / max(total_steps - rise, 1)


def annealed(start: float, end: float, progress: float) -> float:
    """Half a cosine from `start` to `end`, at `progress` from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


class DropoutChange(BaseModel):
    """From one moment on, dropout layers have other rates. Changes are in force from their unit on, one after another.

    at: the epoch or iteration, from 0. rates: of each stage of the network, or one for all. factor: of the rate before.
    """

    model_config = PLAIN
    kind: Literal["dropout"] = "dropout"
    at: int = Field(ge=0)
    rates: tuple[Annotated[float, Field(ge=0, lt=1)], ...] | None = Field(None, min_length=1)
    factor: float = Field(1.0, ge=0)
    unit: Unit = "iteration"

    def changed(self, rate: float, stage: int) -> float:
        """The rate of a layer of `stage` (from 0) when the change is in force; 0.99 at most, where a factor asks more.

        Raises ValueError where there is no rate for the stage.
        """
        if self.rates is not None:
            if len(self.rates) > 1 and stage >= len(self.rates):
                raise ValueError(f"dropout_schedule has {len(self.rates)} rates, but the model has a stage {stage + 1}")
            rate = self.rates[stage if len(self.rates) > 1 else 0]
        return min(rate * self.factor, 0.99)


Schedule = Annotated[
    Constant | Step | Milestones | Exponential | InverseTime | Cosine | Linear | OneCycle, Field(discriminator="kind")
]
