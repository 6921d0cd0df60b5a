"""Gradients from some images of a batch, drawn by how much each has to say, in place of all."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

LEAST = 0.1  # probability with which an image is drawn, so that none weighs more than ten
ROUNDS = 30  # of finding the factor


class Importance(BaseModel):
    """From a share of all steps on, the convolutions' gradients come from about this share of each batch.

    An image is drawn with a probability in proportion to the norm of its loss's gradient at the logits, and weighs one
    over that probability: the expected gradient is that of all, but for what batch normalisation, which sees the whole
    batch, passes on to images that are not drawn.
    Source: Katharopoulos and Fleuret 2018, Not All Samples Are Created Equal: Deep Learning with Importance Sampling.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["importance"] = "importance"
    since: float = Field(0.0, ge=0, lt=1, description="share of all steps")
    share: float = Field(0.5, gt=0, le=1, description="of the images of a batch")


def share_at(changes: Sequence[Importance], done: float) -> float:
    """The share of each batch that gradients come from. done: the share of all steps that are over."""
    begun = [change for change in changes if change.since <= done]
    return max(begun, key=lambda change: change.since).share if begun else 1.0


def drawn(gradients: Float[Tensor, "n k"], share: float) -> Float[Tensor, "n"]:
    """The weight of each image: 0 where it is not drawn, else one over the probability with which it was.

    gradients: of the loss at the logits. share: of the images; as many are drawn each time, give or take one, since
    blocks of memory that are as large as those of the step before are the ones that it left.
    Source: of drawing a number that does not vary, Madow 1949, systematic sampling.
    """
    norms = gradients.double().norm(dim=1) + torch.finfo(torch.float32).tiny
    wanted = max(1, round(share * len(norms)))
    least = min(LEAST, share / 2)
    factor = wanted / norms.sum()
    for _ in range(ROUNDS):  # what is sure cannot become more so, nor what is least less: the rest takes its part
        factor = factor * wanted / (factor * norms).clamp(least, 1).sum()
    chances = (factor * norms).clamp(least, 1)
    steps = (chances.cumsum(0) + torch.rand((), dtype=chances.dtype, device=chances.device)).floor()
    taken = steps.diff(prepend=steps.new_zeros(1)) > 0
    return torch.where(taken, 1 / chances, 0.0).to(gradients.dtype)
