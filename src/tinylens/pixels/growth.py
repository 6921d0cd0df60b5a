"""Training images that are small at first, and grow as training goes."""

from collections.abc import Sequence
from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

PLAIN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Growth(BaseModel):
    """From a share of all steps on, training images are shrunk to `scale` of their side when prepared and augmented.

    Small images cost less, and early on as much is learned from them; the last steps should see nearly the full size.
    Source: Howard 2018 (fast.ai's progressive resizing, DAWNBench); Tan and Le 2021, EfficientNetV2.
    """

    model_config = PLAIN
    kind: Literal["growth"] = "growth"
    since: float = Field(0.0, ge=0, lt=1, description="share of all steps")
    scale: float = Field(gt=0, le=1)


def grown(changes: Sequence[Growth], images: Float[Tensor, "n 3 h w"], done: float) -> Float[Tensor, "n 3 i j"]:
    """The images in the size of their time. done: the share of all steps that are over."""
    begun = [change for change in changes if change.since <= done]
    scale = max(begun, key=lambda change: change.since).scale if begun else 1.0
    if scale == 1:
        return images
    size = [max(1, round(scale * side)) for side in images.shape[2:]]
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)
