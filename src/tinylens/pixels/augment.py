"""Augmentation: training images changed at random, whole batches at a time. Validation and test images never are.

Each draws from torch's own random numbers, whose state is in a checkpoint, or follows from the run's seed and the
epoch: training that was stopped goes on exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

PLAIN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
Images = Float[Tensor, "n 3 h w"]


@dataclass(frozen=True)
class Batch:
    """Training images with their labels.

    images: float (n, 3, h, w). labels: (n,). places: of the images in the training split. epoch: from 0. seed: of the
    run. others: where images are mixtures, the label of each one's other part. share: of the image that is its
    label's, in 0 .. 1; the rest is the other's.
    """

    images: Images
    labels: Int[Tensor, " n"]
    places: Int[Tensor, " n"]
    epoch: int = 0
    seed: int = 0
    others: Int[Tensor, " n"] | None = None
    share: float = 1.0


class Flip(BaseModel):
    """Mirror half of the images, left to right.

    alternate: an image that is mirrored in one epoch is not in the next, so that two epochs show it both ways.
    Source: of alternating, K. Jordan 2024, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU.
    """

    model_config = PLAIN
    kind: Literal["flip"] = "flip"
    on_pixels: ClassVar[bool] = False
    alternate: bool = False

    def apply(self, batch: Batch) -> Batch:
        """The batch, each image mirrored or not."""
        images = batch.images
        if self.alternate:
            mirrored = (scattered(batch.places + (batch.seed << 20)) + batch.epoch) % 2 == 0
        else:
            mirrored = torch.rand(len(images), device=images.device) < 0.5
        return replace(batch, images=torch.where(along(mirrored, images), images.flip(3), images))


class PadAndCrop(BaseModel):
    """Pad each image on all sides and cut a window of its own size out, at random: the image moves by up to `pixels`.

    fill: what stands beside the image, `zero` (the mean, where images are centred) or `reflect`, the image mirrored.
    window: its side, as a share of the image's: a smaller one is less work, and the image moves by more.
    """

    model_config = PLAIN
    kind: Literal["pad-and-crop"] = "pad-and-crop"
    on_pixels: ClassVar[bool] = False
    pixels: int = Field(4, ge=1)
    fill: Literal["zero", "reflect"] = "reflect"
    window: float = Field(1.0, gt=0, le=1)

    def apply(self, batch: Batch) -> Batch:
        """The batch, each image moved."""
        images = batch.images
        count, _, height, width = images.shape
        mode = "reflect" if self.fill == "reflect" else "constant"
        # Channels last: a window's rows then lie together in memory.
        padded = F.pad(images, [self.pixels] * 4, mode=mode).permute(0, 2, 3, 1)
        rows, columns = (max(1, round(self.window * side)) for side in (height, width))
        windows = padded.unfold(1, rows, 1).unfold(2, columns, 1)  # n, y, x, 3, rows, columns, without a copy
        y, x = (torch.randint(places, (count,), device=images.device) for places in windows.shape[1:3])
        moved = windows[torch.arange(count, device=images.device), y, x]
        return replace(batch, images=moved.contiguous(memory_format=torch.channels_last))


class Cutout(BaseModel):
    """Blank a square of each image, around a random pixel: to 0, the mean where images are centred.

    Source: DeVries and Taylor 2017, Improved Regularization of Convolutional Neural Networks with Cutout.
    """

    model_config = PLAIN
    kind: Literal["cutout"] = "cutout"
    on_pixels: ClassVar[bool] = False
    pixels: int = Field(8, ge=1, description="a side of the square")

    def apply(self, batch: Batch) -> Batch:
        """The batch, a square of each image blanked; squares at the border reach over it."""
        images = batch.images
        count, _, height, width = images.shape
        y, x = (torch.randint(side, (count,), device=images.device) for side in (height, width))
        hidden = square(y, x, self.pixels, height, width)
        return replace(batch, images=torch.where(hidden[:, None], 0.0, images))  # masked_fill loses channels_last


class Mixup(BaseModel):
    """Blend each image with another one of the batch; the loss is blended in the same share.

    alpha: the share is drawn from Beta(alpha, alpha) for each batch.
    Source: Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization.
    """

    model_config = PLAIN
    kind: Literal["mixup"] = "mixup"
    on_pixels: ClassVar[bool] = False
    alpha: float = Field(0.2, gt=0)

    def apply(self, batch: Batch) -> Batch:
        """The batch, mixed with itself in another order."""
        order = torch.randperm(len(batch.labels), device=batch.labels.device)
        share = beta(self.alpha)
        images = torch.lerp(batch.images[order], batch.images, share)
        return replace(batch, images=images, others=batch.labels[order], share=share)


class CutMix(BaseModel):
    """Paste a box of another image of the batch into each; the loss is shared out by area.

    alpha: the share of the area that stays is drawn from Beta(alpha, alpha) for each batch.
    Source: Yun et al. 2019, CutMix: Regularization Strategy to Train Strong Classifiers.
    """

    model_config = PLAIN
    kind: Literal["cutmix"] = "cutmix"
    on_pixels: ClassVar[bool] = False
    alpha: float = Field(1.0, gt=0)

    def apply(self, batch: Batch) -> Batch:
        """The batch, a box of each image another's."""
        images = batch.images.clone()
        _, _, height, width = images.shape
        side = (1 - beta(self.alpha)) ** 0.5
        rows, columns = interval(height, side), interval(width, side)
        order = torch.randperm(len(batch.labels), device=batch.labels.device)
        images[:, :, rows, columns] = batch.images[order][:, :, rows, columns]
        pasted = (rows.stop - rows.start) * (columns.stop - columns.start)
        share = 1 - pasted / (height * width)
        return replace(batch, images=images, others=batch.labels[order], share=share)


class ColourJitter(BaseModel):
    """Change brightness, contrast and saturation of each image, before it is prepared, by factors of its own.

    brightness, contrast, saturation: a factor is drawn evenly from 1 - value to 1 + value.
    """

    model_config = PLAIN
    kind: Literal["colour-jitter"] = "colour-jitter"
    on_pixels: ClassVar[bool] = True
    brightness: float = Field(0.2, ge=0, le=1)
    contrast: float = Field(0.2, ge=0, le=1)
    saturation: float = Field(0.2, ge=0, le=1)

    def apply(self, batch: Batch) -> Batch:
        """The batch, colours changed; values stay in 0 .. 255."""
        images = spread(batch.images, batch.images.new_zeros(1), self.brightness)
        images = spread(images, grey(images).mean(dim=(1, 2, 3), keepdim=True), self.contrast)
        return replace(batch, images=spread(images, grey(images), self.saturation))


Augment = Annotated[Flip | PadAndCrop | Cutout | Mixup | CutMix | ColourJitter, Field(discriminator="kind")]


def augmented(steps: Sequence[Augment], batch: Batch, *, on_pixels: bool) -> Batch:
    """The batch after the steps that work on pixels in 0 .. 255, or after those that work on prepared images."""
    for step in steps:
        if step.on_pixels == on_pixels:
            batch = step.apply(batch)
    return batch


def scattered(places: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """Numbers of 16 bits that look random, always the same for the same place. Source: Knuth's multiplicative hash."""
    return (places * 2654435761 % 2**32) >> 16


def along(values: Tensor, images: Images) -> Tensor:
    """A number for each image, in a shape that spreads over it."""
    return values.view(len(images), 1, 1, 1)


def spread(images: Images, middle: Tensor, most: float) -> Images:
    """Images whose values lie farther from, or nearer to, a middle: by a factor for each, from 1 - most to 1 + most."""
    factor = 1 + most * (2 * torch.rand(len(images), dtype=images.dtype, device=images.device) - 1)
    return torch.lerp(middle, images, along(factor, images)).clamp(0, 255)


def beta(alpha: float) -> float:
    """A share drawn from Beta(alpha, alpha)."""
    return float(torch.distributions.Beta(alpha, alpha).sample())


def interval(length: int, share: float) -> slice:
    """A stretch of `share` of a length around a random place, cut off at the ends."""
    size = round(length * share)
    start = int(torch.randint(length, ())) - size // 2
    return slice(max(start, 0), min(start + size, length))


def square(
    y: Int[Tensor, " n"], x: Int[Tensor, " n"], side: int, height: int, width: int
) -> Bool[Tensor, "n {height} {width}"]:
    """For each image, which of its pixels lie in a square of `side` pixels around (y, x)."""
    rows, columns = (torch.arange(length, device=y.device) for length in (height, width))
    down, right = rows - (y[:, None] - side // 2), columns - (x[:, None] - side // 2)
    return ((down >= 0) & (down < side))[:, :, None] & ((right >= 0) & (right < side))[:, None, :]


def grey(images: Images) -> Float[Tensor, "n 1 h w"]:
    """The luma of each pixel. Source: ITU-R BT.601."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=images.device).view(1, 3, 1, 1)
    return (images * weights).sum(dim=1, keepdim=True)
