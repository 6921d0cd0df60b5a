"""Lens: what a run leaves behind and a user keeps. uint8 images in, probabilities out, by the one forward path."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from tinylens import recipes
from tinylens.conformal import Conformal
from tinylens.data.pictures import Resize, from_pil, natural_images, open_picture, resized
from tinylens.errors import DataError, TinylensError, TrainingError, UsageError, one_line
from tinylens.files import read_json, replacing, write_json
from tinylens.hardware import choose_precision, computing
from tinylens.pixels.preprocess import unfitted_steps
from tinylens.pixels.views import look
from tinylens.recipe import Recipe

BATCH = 1000  # images a forward pass in use: enough to keep the cores busy, 12 MB at 32x32
SMALLEST = 4  # pixels a side: below, there is nothing to see
FORMAT = 1

Images = str | Path | bytes | Image.Image | np.ndarray


@dataclass(frozen=True)
class Prediction:
    """What a lens says of one image. top: classes with their probabilities, most probable first.

    among: the classes of its conformal set, most probable first; None where no coverage was asked for.
    """

    file: str
    top: tuple[tuple[str, float], ...]
    superclass: str | None = None
    among: tuple[str, ...] | None = None

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.top[0][0]

    @property
    def probability(self) -> float:
        """The probability of the most probable class, in 0 .. 1."""
        return self.top[0][1]


@dataclass(eq=False)
class Lens:
    """A model with all that is needed to use it.

    network: float images to logits. preprocess: float images in 0 .. 255 to what the network takes.
    classes: names in the order of the logits. temperature: what logits are divided by before softmax.
    recipe_name: a built-in recipe's name, or `recipe.py` for a user's own, which then is kept beside the weights.
    conformal: from which probability on a class belongs to an image's set; None where that was fitted on no image.
    """

    network: nn.Module
    preprocess: nn.Module
    recipe: Recipe
    recipe_name: str
    classes: tuple[str, ...]
    superclasses: tuple[str, ...] | None = None
    temperature: float = 1.0
    conformal: Conformal | None = None

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width in pixels of the images that the network takes."""
        return self.recipe.image_size, self.recipe.image_size

    @property
    def resize(self) -> Resize:
        """How pictures of another size are brought to it."""
        return self.recipe.resize

    @property
    def modules(self) -> nn.ModuleDict:
        """Everything with weights or fitted numbers: what is saved."""
        return nn.ModuleDict({"preprocess": self.preprocess, "network": self.network})

    def prepare(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
        """What the network takes, from images in 0 .. 255; in float32 whatever the network computes in.

        Training augments before and after this.
        """
        with torch.autocast(images.device.type, enabled=False):
            return self.preprocess(images)

    @torch.no_grad()
    def logits(self, images: UInt8[np.ndarray, "n h w 3"], *, views: bool = True) -> Float[Tensor, "n k"]:
        """Logits of images that have the lens's size, as float32 on the CPU, in evaluation mode.

        views: False looks at each image once, whatever the recipe has. Raises DataError for arrays of another type or
        shape.
        """
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (*self.image_size, 3):
            size = " x ".join(map(str, (*self.image_size, 3)))
            raise DataError(f"logits are of uint8 images (n x {size}), not of {images.dtype} {images.shape}")
        if images.shape[1:3] != self.image_size or len(images) == 0:
            raise DataError(
                f"the lens takes images of shape (n, {self.image_size[0]}, {self.image_size[1]}, 3), not {images.shape}"
            )
        device = next(self.network.parameters()).device
        precision, _ = choose_precision(device.type, self.recipe.lens_precision)
        mode = self.network.training
        self.network.eval()
        try:
            # A copy of each part: torch takes no array that is read-only or runs backwards.
            parts = [np.array(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
            ways = self.recipe.views if views else ()
            prepared = (self.prepare(pixels(torch.from_numpy(part).to(device))) for part in parts)
            with computing(device.type, precision):
                return torch.cat([look(self.network, part, ways, self.recipe.unsure).cpu() for part in prepared])
        finally:
            self.network.train(mode)

    def probabilities(self, images: UInt8[np.ndarray, "n h w 3"]) -> Float[np.ndarray, "n k"]:
        """Probabilities of each class: softmax of the logits divided by the temperature."""
        return (self.logits(images) / self.temperature).softmax(dim=1).numpy()

    def predict(
        self, source: Images | Sequence[Images], *, top: int = 5, coverage: float | None = None
    ) -> list[Prediction]:
        """Classify a picture file, a folder of them, a file's bytes, a PIL image, a uint8 array, or a list of any of
        these.

        top: how many classes to tell of each image. coverage: tell of each also the classes among which the right one
        is with that probability, 0.5 to 0.999, as long as images are like those of training.
        Raises DataError for what the lens cannot have been meant for, and UsageError for a coverage that it cannot
        keep.
        """
        if coverage is not None:
            self.sets_for(coverage)
        if top < 1:
            raise UsageError(f"top is how many classes to tell of each image: at least 1, not {top}")
        several: Sequence[Images] = source if isinstance(source, list | tuple) else [source]  # type: ignore[list-item]
        if not several:
            raise DataError("no images to classify: the list is empty")
        named = [pair for one in several for pair in self.read(one)]
        probabilities = self.probabilities(np.stack([image for _, image in named]))
        return [self.told(name, row, top, coverage) for (name, _), row in zip(named, probabilities, strict=True)]

    def sets_for(self, coverage: float) -> float:
        """From which probability on a class is told. Raises UsageError where that coverage cannot be kept."""
        if self.conformal is None:
            raise UsageError(
                "a coverage cannot be promised: this lens was never judged on validation images of its own "
                "(`tinylens evaluate RUN --split validation`)"
            )
        return self.conformal.threshold(coverage)

    def told(
        self, name: str, probabilities: Float[np.ndarray, " k"], top: int, coverage: float | None = None
    ) -> Prediction:
        """One image's probabilities as a prediction."""
        order = np.argsort(-probabilities, kind="stable")
        superclass = self.superclasses[order[0]] if self.superclasses else None
        likely = tuple((self.classes[i], float(probabilities[i])) for i in order[:top])
        if coverage is None:
            return Prediction(name, likely, superclass)
        least = self.sets_for(coverage)
        among = tuple(self.classes[i] for i in order if probabilities[i] >= least)
        return Prediction(name, likely, superclass, among)

    def read(self, source: Images) -> Iterator[tuple[str, UInt8[np.ndarray, "h w 3"]]]:
        """The images in a source, by name, brought to the lens's size in the way that training did it."""
        if isinstance(source, np.ndarray):
            yield from self.read_array(source)
        elif isinstance(source, Image.Image):
            yield "image", self.fitted("image", self.decoded("image", source))
        elif isinstance(source, bytes):
            yield "bytes", self.fitted("bytes", self.decoded("the bytes given", source))
        elif not isinstance(source, str | Path):
            kind = type(source).__name__
            raise DataError(f"the lens takes a path, bytes, a PIL image, a uint8 array or a list of them, not {kind}")
        elif is_folder(source):
            paths = natural_images(Path(source))
            if not paths:
                raise DataError(f"{source}: no pictures in this folder")
            for path in paths:
                yield str(path), self.fitted(str(path), self.decoded(str(path), path))
        else:
            yield str(source), self.fitted(str(source), self.decoded(str(source), Path(source)))

    def decoded(self, name: str, source: Path | bytes | Image.Image) -> Image.Image:
        """A decoded picture, upright and in RGB. Raises DataError with its name."""
        try:
            return from_pil(source) if isinstance(source, Image.Image) else open_picture(source)
        except DataError as error:
            raise DataError(f"{name} {error}") from None

    def fitted(self, name: str, image: Image.Image) -> UInt8[np.ndarray, "h w 3"]:
        """A picture at the lens's size. Raises DataError, with its name, where that makes no sense."""
        if min(image.size) < SMALLEST:
            raise DataError(f"{name} is {image.width}x{image.height} pixels: too small to show anything")
        try:
            return resized(image, self.image_size, self.resize)
        except DataError as error:
            raise DataError(f"{name} {error}") from None

    def read_array(self, array: np.ndarray) -> Iterator[tuple[str, UInt8[np.ndarray, "h w 3"]]]:
        """The images in an array of shape (h, w, 3) or (n, h, w, 3)."""
        if array.dtype != np.uint8:
            hint = (
                "; multiply by 255 and round"
                if np.issubdtype(array.dtype, np.floating) and array.max(initial=0) <= 1
                else ""
            )
            raise DataError(f"the lens takes uint8 images, 0 to 255; this array is {array.dtype}{hint}")
        if array.ndim not in (3, 4) or array.shape[-1] != 3 or array.size == 0:
            hint = "; move the channels to the end" if array.ndim in (3, 4) and array.shape[-3] == 3 else ""
            raise DataError(f"the lens takes images of shape (h, w, 3) or (n, h, w, 3), not {array.shape}{hint}")
        for i, image in enumerate(array if array.ndim == 4 else array[None]):
            yield f"image {i}", self.fitted(f"image {i}", Image.fromarray(image))

    def save(self, folder: Path) -> None:
        """Write model.safetensors and lens.json; a user's own recipe file is put beside them by whoever trained it."""
        # A tensor of its own for each name: safetensors refuses weights that two layers share.
        state = self.modules.state_dict()
        tensors = {name: value.cpu().clone(memory_format=torch.contiguous_format) for name, value in state.items()}
        with replacing(folder / "model.safetensors") as file:
            file.write(save(tensors))
        about = {
            "format": FORMAT,
            "classes": self.classes,
            "superclasses": self.superclasses,
            "temperature": self.temperature,
            "conformal": self.conformal.thresholds if self.conformal else None,
            "image_size": self.image_size,
            "recipe": {"name": self.recipe_name, "fields": self.recipe.model_dump(mode="json")},
        }
        write_json(folder / "lens.json", about)

    @classmethod
    def load(cls, folder: str | Path) -> "Lens":
        """Read a lens from its folder, or from the run that holds it. A user's own recipe.py beside it is run as code.

        Raises TinylensError where it is missing, damaged, or does not fit together.
        """
        place = Path(folder)
        place = place / "lens" if (place / "lens" / "lens.json").is_file() else place
        if not (place / "lens.json").is_file():
            raise UsageError(f"{folder} holds no lens: it is neither a trained run nor a lens folder")
        about = read_json(place / "lens.json")
        try:
            if about["format"] != FORMAT:
                raise ValueError(f"its format is {about['format']}; this version of Tinylens reads {FORMAT}")
            name = about["recipe"]["name"]
            recipe = recipes.kept(name, place).restored(about["recipe"]["fields"])
            lens = untrained(recipe, name, *class_names(about["classes"], about["superclasses"]))
            lens.temperature = positive(about["temperature"])
            if (thresholds := about.get("conformal")) is not None:  # lenses of earlier versions have none
                lens.conformal = Conformal.restored(thresholds)
            lens.modules.load_state_dict(finite(load_file(place / "model.safetensors")))
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OSError, SafetensorError) as error:
            raise TinylensError(f"{place} is not a usable lens: {one_line(error)}") from error
        lens.network.eval()
        return lens


def pixels(images: UInt8[Tensor, "n h w 3"]) -> Float[Tensor, "n 3 h w"]:
    """Images as preprocessing takes them: float, in 0 .. 255.

    The memory of (n, h, w, 3) images seen as (n, 3, h, w) is what torch calls channels_last: it stays in its order.
    """
    return images.permute(0, 3, 1, 2).float()


def untrained(recipe: Recipe, recipe_name: str, classes: Sequence[str], superclasses: Sequence[str] | None) -> Lens:
    """A lens whose network has fresh weights and whose preprocessing is not fitted yet."""
    side = recipe.image_size
    try:
        network = recipe.build((side, side), len(classes))
    except Exception as error:  # a user's own recipe raises what it likes
        raise TrainingError(f"{recipe_name}: its model cannot be built: {one_line(error)}") from error
    if not isinstance(network, nn.Module):
        raise TrainingError(f"{recipe_name}: build gives {type(network).__name__}; it must give a torch.nn.Module")
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own stubs lack it
    preprocess = unfitted_steps(recipe.preprocess, (side, side))
    groups = tuple(superclasses) if superclasses else None
    return Lens(network, preprocess, recipe, recipe_name, tuple(classes), groups)


def positive(temperature: float) -> float:
    """The temperature. Raises ValueError where logits cannot be divided by it."""
    if not 0 < float(temperature) < math.inf:
        raise ValueError(f"its temperature is {temperature}; it must be a number above 0")
    return float(temperature)


def class_names(classes: Any, superclasses: Any) -> tuple[list[str], list[str] | None]:
    """Class names and their groups as read. Raises ValueError where they are not what a lens can have."""
    if not isinstance(classes, list) or len(classes) < 2 or not all(isinstance(name, str) for name in classes):
        raise ValueError("its classes are not a list of at least two names")
    if superclasses is not None and (not isinstance(superclasses, list) or len(superclasses) != len(classes)):
        raise ValueError("its superclasses are not a list with a name for each class")
    return classes, superclasses


def finite(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights. Raises ValueError where one is not a finite number."""
    for name, value in weights.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise ValueError(f"{name} is not finite")
    return weights


def is_folder(source: str | Path) -> bool:
    """Whether a path is a folder. Raises DataError where it cannot be a path at all."""
    if not str(source):
        raise DataError("no images to classify: the path is empty")
    try:
        os.lstat(source)
    except FileNotFoundError:
        return False  # whoever reads it says so
    except (OSError, ValueError) as error:  # too long, with a NUL, in a folder that may not be entered
        raise DataError(f"{str(source)[:200]!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return Path(source).is_dir()
