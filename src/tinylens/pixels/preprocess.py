"""Preprocessing: fitted on the training images, kept in the lens, the same in training and in use.

A configuration (a few numbers, part of a recipe) is fitted to images and becomes a module, which takes float images in
0 .. 255 and whose buffers are saved with the weights.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from tinylens.data import Dataset


class Affine(nn.Module):
    """x · scale + shift, with a number of each for every channel."""

    scale: Tensor
    shift: Tensor

    def __init__(self, scale: Sequence[float] = (1, 1, 1), shift: Sequence[float] = (0, 0, 0)) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32).reshape(3, 1, 1))
        self.register_buffer("shift", torch.tensor(shift, dtype=torch.float32).reshape(3, 1, 1))

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
        return torch.addcmul(self.shift, images, self.scale)


class Scale(BaseModel):
    """Scale pixel values from 0 .. 255 to minimum .. maximum: 0 and 1 is x / 255, -0.5 and 0.5 is x / 255 - 0.5."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["scale"] = "scale"
    minimum: float = 0.0
    maximum: float = 1.0

    def unfitted(self) -> Affine:
        """A module that waits for its numbers, as they are read with a lens."""
        return Affine()

    def fit(self, training: Dataset) -> Affine:
        """The module; it needs nothing of the images."""
        return Affine([(self.maximum - self.minimum) / 255] * 3, [self.minimum] * 3)


class Standardise(BaseModel):
    """Bring each channel to mean 0 and standard deviation 1 over all pixels of the training images."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["standardise"] = "standardise"

    def unfitted(self) -> Affine:
        """A module that waits for its numbers, as they are read with a lens."""
        return Affine()

    def fit(self, training: Dataset) -> Affine:
        """The module with the training images' mean and deviation; a channel without any variation is only centred."""
        mean, deviation = training.channel_statistics()
        deviation[deviation == 0] = 1
        return Affine((1 / deviation).tolist(), (-mean / deviation).tolist())


Preprocess = Annotated[Scale | Standardise, Field(discriminator="kind")]
