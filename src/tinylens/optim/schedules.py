"""Learning-rate schedules: the factor by which the optimizer's rate is multiplied at each step."""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Constant(BaseModel):
    """The rate stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["constant"] = "constant"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """1, whatever the step."""
        return 1.0


class Step(BaseModel):
    """The rate is multiplied by `gamma` after every `epochs` epochs."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["step"] = "step"
    epochs: int = Field(10, ge=1)
    gamma: float = Field(0.1, gt=0)

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """gamma to the power of the whole periods that are over at `step`, which counts from 0."""
        return self.gamma ** (step // steps_per_epoch // self.epochs)


class Cosine(BaseModel):
    """A linear rise over the first `warmup` of all steps, then half a cosine down to `final` (Loshchilov and Hutter
    2017).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["cosine"] = "cosine"
    warmup: float = Field(0.0, ge=0, lt=1, description="share of all steps")
    final: float = Field(0.0, ge=0, le=1, description="factor at the end")

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor at `step`, which counts from 0 to total_steps - 1."""
        rise = self.warmup * total_steps
        if step < rise:
            return (step + 1) / (rise + 1)
        progress = (step - rise) / max(total_steps - rise, 1)
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * progress)) / 2


Schedule = Annotated[Constant | Step | Cosine, Field(discriminator="kind")]
