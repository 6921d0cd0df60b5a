"""Preprocessing: fitted on the training images, kept in the lens, the same in training and in use.

A configuration (a few numbers, part of a recipe) is fitted to images and becomes a module, which takes float images in
0 .. 255, or what the step before made of them, and whose buffers are saved with the weights.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from tinylens.data import Dataset
from tinylens.errors import TrainingError

BATCH = 1000  # images at a time in fitting: 12 MB as floats at 32x32
LARGEST_ZCA = 12_288  # numbers an image, 64x64 in colour: the matrix then takes 604 MB
ROUNDING = 1e-6  # of an image's largest value: a smaller deviation is what float32 makes of a flat image
PLAIN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

ImageSize = tuple[int, int]


class TrainingImages:
    """The training images as a step sees them when it is fitted: float, after all steps before it.

    dataset: the training split. before: the steps that are fitted already.
    """

    def __init__(self, dataset: Dataset, before: nn.Module) -> None:
        self.dataset = dataset
        self.before = before

    def __iter__(self) -> Iterator[Float[Tensor, "b 3 h w"]]:
        """All images, a batch at a time; it can be gone through again."""
        for images in self.dataset.batches(BATCH):
            yield self.before(torch.from_numpy(images).permute(0, 3, 1, 2).float())

    @property
    def image_size(self) -> ImageSize:
        """Height and width in pixels."""
        return self.dataset.image_size

    def channel_mean(self) -> Float[Tensor, "3"]:
        """The mean of each channel over all pixels, in float64."""
        sums = sum(batch.double().sum(dim=(0, 2, 3)) for batch in self)
        return torch.as_tensor(sums) / (len(self.dataset) * self.image_size[0] * self.image_size[1])


@runtime_checkable
class Step(Protocol):
    """What a configuration of preprocessing can do."""

    def unfitted(self, image_size: ImageSize) -> nn.Module:
        """A module that waits for its numbers, as they are read with a lens."""

    def fit(self, training: TrainingImages) -> nn.Module:
        """The module with its numbers, found in the training images and nowhere else."""


def fit_steps(steps: Sequence[Step], training: Dataset) -> nn.Sequential:
    """Every step fitted to what those before it make of the training images. Raises TrainingError."""
    fitted = nn.Sequential()
    with torch.no_grad():
        for step in steps:
            fitted.append(step.fit(TrainingImages(training, fitted)))
    return fitted


def unfitted_steps(steps: Sequence[Step], image_size: ImageSize) -> nn.Sequential:
    """Modules of the same shapes, whose numbers are read with a lens."""
    return nn.Sequential(*(step.unfitted(image_size) for step in steps))


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

    model_config = PLAIN
    kind: Literal["scale"] = "scale"
    minimum: float = 0.0
    maximum: float = 1.0

    def unfitted(self, image_size: ImageSize) -> Affine:
        """A module that waits for its numbers."""
        return Affine()

    def fit(self, training: TrainingImages) -> Affine:
        """The module; it needs nothing of the images."""
        return Affine([(self.maximum - self.minimum) / 255] * 3, [self.minimum] * 3)


class Standardise(BaseModel):
    """Bring each channel to mean 0 and standard deviation 1 over all pixels of the training images."""

    model_config = PLAIN
    kind: Literal["standardise"] = "standardise"

    def unfitted(self, image_size: ImageSize) -> Affine:
        """A module that waits for its numbers."""
        return Affine()

    def fit(self, training: TrainingImages) -> Affine:
        """The module with the training images' mean and deviation; a channel without any variation is only centred."""
        mean = training.channel_mean()
        squares = torch.zeros(3, dtype=torch.float64)
        for batch in training:  # one sum: a tensor kept of each batch would keep apart the memory that batches free
            squares += ((batch.double() - mean[:, None, None]) ** 2).mean(dim=(2, 3)).sum(dim=0)
        deviation = (squares / len(training.dataset)).sqrt()
        deviation[deviation < 1e-9] = 1
        return Affine((1 / deviation).tolist(), (-mean / deviation).tolist())


class Centre(BaseModel):
    """Bring each channel to mean 0 over all pixels of the training images, and leave its spread."""

    model_config = PLAIN
    kind: Literal["centre"] = "centre"

    def unfitted(self, image_size: ImageSize) -> Affine:
        """A module that waits for its numbers."""
        return Affine()

    def fit(self, training: TrainingImages) -> Affine:
        """The module with the training images' mean."""
        return Affine(shift=(-training.channel_mean()).tolist())


class ImageContrast(nn.Module):
    """Each image less its own mean and, where there is a scale, divided by its own contrast."""

    bias: Tensor

    def __init__(self, scale: float | None, bias: float = 0.0) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("bias", torch.tensor(bias))

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
        centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
        if self.scale is None:
            return centred
        variance = centred.square().mean(dim=(1, 2, 3), keepdim=True)
        rounding = ROUNDING * images.abs().amax(dim=(1, 2, 3), keepdim=True)
        return centred * (self.scale * (self.bias + variance).masked_fill(variance <= rounding**2, torch.inf).rsqrt())


class GlobalContrast(BaseModel):
    """Global contrast normalisation: each image less its own mean, divided by its own standard deviation.

    scale: the deviation that images get; null only centres them, as Keras' samplewise_center does. bias: added to the
    variance, as a share of its mean over the training images, so that the noise of a flat image is not blown up; 0.003
    is about the 10 that is usual for values in 0 .. 255.
    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, equation 12.3; Coates, Ng and Lee 2011.
    """

    model_config = PLAIN
    kind: Literal["global-contrast"] = "global-contrast"
    scale: float | None = Field(1.0, gt=0)
    bias: float = Field(0.003, ge=0)

    def unfitted(self, image_size: ImageSize) -> ImageContrast:
        """A module that waits for its number."""
        return ImageContrast(self.scale)

    def fit(self, training: TrainingImages) -> ImageContrast:
        """The module with the bias that the training images' variance makes of its share."""
        variance = sum(float(batch.double().var(dim=(1, 2, 3), correction=0).sum()) for batch in training)
        return ImageContrast(self.scale, self.bias * variance / len(training.dataset))


class Whitening(nn.Module):
    """(x - mean) · matrix, over all numbers of an image, in the order channel, y, x. matrix: symmetric."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, mean: Float[Tensor, " d"], matrix: Float[Tensor, "d d"]) -> None:
        super().__init__()
        self.register_buffer("mean", mean.float())
        self.register_buffer("matrix", matrix.float())

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
        white = (images.flatten(1) - self.mean) @ self.matrix
        return white.view(images.shape).contiguous(memory_format=torch.channels_last)


class ZCA(BaseModel):
    """ZCA whitening: decorrelate the numbers of an image, each direction with variance 1, and stay near the image.

    epsilon: added to every eigenvalue of the covariance, as a share of their mean, so that directions with hardly any
    variance (nearly all of natural images') are not blown up: noise is enlarged by at most 1 / sqrt(epsilon) times what
    an average direction is.
    Source: Bell and Sejnowski 1997; Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images, appendix A.
    """

    model_config = PLAIN
    kind: Literal["zca"] = "zca"
    epsilon: float = Field(0.1, gt=0)

    def unfitted(self, image_size: ImageSize) -> Whitening:
        """A module that waits for its numbers."""
        count = numbers(image_size)
        return Whitening(torch.zeros(count), torch.eye(count))

    def fit(self, training: TrainingImages) -> Whitening:
        """The module with the training images' mean and whitening matrix. Raises TrainingError for large images."""
        count, images = numbers(training.image_size), len(training.dataset)
        mean = torch.as_tensor(sum(batch.flatten(1).double().sum(dim=0) for batch in training)) / images
        covariance = torch.zeros(count, count, dtype=torch.float64)
        for batch in training:
            centred = batch.flatten(1).double() - mean  # in float32, a small epsilon leaves errors of a percent
            covariance += centred.T @ centred
        values, vectors = torch.linalg.eigh(covariance / images)
        values = values.clamp(min=0)
        scale = (values + self.epsilon * values.mean().clamp(min=1e-12)).rsqrt()
        return Whitening(mean, (vectors * scale) @ vectors.T)


def numbers(image_size: ImageSize) -> int:
    """How many numbers an image has. Raises TrainingError where they are too many for a whitening matrix."""
    height, width = image_size
    count = 3 * height * width
    if count > LARGEST_ZCA:
        raise TrainingError(
            f"zca: the matrix for {width}x{height} images would take {count**2 * 4 / 1e9:.0f} GB; at most 64x64 pixels "
            "can be whitened: --set image_size=32, or another preprocess"
        )
    return count


Preprocess = Annotated[Scale | Standardise | Centre | GlobalContrast | ZCA, Field(discriminator="kind")]
