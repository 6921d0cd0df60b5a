"""Predictions: logits and labels of one lens on one split, saved, so that every later figure needs no model."""

import json
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int

from tinylens.conformal import Conformal
from tinylens.console import counting_bar
from tinylens.data import Dataset
from tinylens.errors import TinylensError, at_least, one_line
from tinylens.files import replacing
from tinylens.lens import Lens


@dataclass(frozen=True)
class Answer:
    """What a lens said of one image. index: its place in the split, from 0. probability: of the predicted class."""

    index: int
    truth: str
    predicted: str
    probability: float
    right: bool


@dataclass(frozen=True, eq=False)
class Predictions:
    """Logits and labels, in the order of the split, with what is needed to speak of them.

    logits: raw scores before softmax. temperature: what they are divided by for probabilities.
    fingerprint: of the split's content. conformal: from which probability on a class belongs to an image's set.
    """

    logits: Float[np.ndarray, "n k"]
    labels: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    split: str
    fingerprint: str
    temperature: float = 1.0
    superclasses: tuple[str, ...] | None = None
    conformal: Conformal | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def probabilities(self) -> Float[np.ndarray, "n k"]:
        """Softmax of the logits divided by the temperature."""
        return torch.softmax(torch.from_numpy(self.logits) / self.temperature, dim=1).numpy()

    @property
    def confidence(self) -> Float[np.ndarray, " n"]:
        """The probability of each image's most probable class."""
        return self.probabilities.max(axis=1)

    @cached_property
    def predicted(self) -> Int[np.ndarray, " n"]:
        """The most probable class of each image."""
        return self.logits.argmax(axis=1)

    @property
    def correct(self) -> np.ndarray:
        """Whether each image's most probable class is its label."""
        return self.predicted == self.labels

    def answer(self, index: int) -> Answer:
        """What was said of the image at this position."""
        label, predicted = int(self.labels[index]), int(self.predicted[index])
        probability = float(self.probabilities[index, predicted])
        return Answer(index, self.classes[label], self.classes[predicted], probability, label == predicted)

    def pick(self, count: int, *, seed: int | None = None, wrong: bool = False) -> list[int]:
        """At most `count` positions: the first ones, or drawn at random where a seed is given.

        wrong: only of images that were classified wrongly. Raises UsageError for a count below 1 or a seed below 0.
        """
        at_least(1, "count", count)
        at_least(0, "seed", seed or 0)
        positions = np.flatnonzero(~self.correct) if wrong else np.arange(len(self))
        if seed is not None:
            positions = np.random.default_rng(seed).permutation(positions)
        return positions[:count].tolist()

    def save(self, path: Path) -> None:
        """Write an .npz file, whole or not at all."""
        about = {
            "classes": self.classes,
            "split": self.split,
            "fingerprint": self.fingerprint,
            "temperature": self.temperature,
            "superclasses": self.superclasses,
            "conformal": self.conformal.thresholds if self.conformal else None,
        }
        with replacing(path) as file:
            np.savez_compressed(file, logits=self.logits, labels=self.labels, about=np.array(json.dumps(about)))

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Read what `save` wrote. Raises TinylensError where it is missing or damaged."""
        try:
            # A zip file first: numpy takes anything else for a pickle, and says how to run it.
            with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
                return cls.restored(file["logits"], file["labels"], json.loads(str(file["about"])))
        except FileNotFoundError:
            raise TinylensError(f"{path} is missing") from None
        except OSError as error:
            raise TinylensError(f"cannot read {path}: {error.strerror or error}") from None
        except (EOFError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
            raise TinylensError(f"{path} is damaged: {one_line(error)}") from None

    @classmethod
    def restored(cls, logits: np.ndarray, labels: np.ndarray, about: dict[str, Any]) -> "Predictions":
        """What was saved as arrays and plain values. Raises all kinds of errors for anything else."""
        shape = (len(labels), len(about["classes"]))
        if logits.shape != shape or labels.ndim != 1 or labels.dtype.kind != "i" or logits.dtype.kind != "f":
            raise ValueError(f"scores {logits.shape} of {logits.dtype} do not fit labels {labels.shape}")
        if len(labels) == 0 or not 0 <= labels.min() <= labels.max() < shape[1]:
            raise ValueError(f"its labels are not those of {shape[1]} classes")
        thresholds = about.get("conformal")
        return cls(
            logits,
            labels,
            tuple(about["classes"]),
            about["split"],
            about["fingerprint"],
            float(about["temperature"]),
            tuple(about["superclasses"]) if about["superclasses"] else None,
            Conformal.restored(thresholds) if thresholds else None,
        )


def predict(lens: Lens, dataset: Dataset, *, progress: bool = False) -> Predictions:
    """The lens's logits on every image of a dataset. progress: draw a bar."""
    parts = []
    with counting_bar(visible=progress) as bar:
        task = bar.add_task(f"Looking at {dataset.split} images", total=len(dataset))
        for images in dataset.batches():
            parts.append(lens.logits(images).numpy())
            bar.advance(task, len(images))
    return Predictions(
        np.concatenate(parts),
        dataset.labels,
        dataset.classes,
        dataset.split,
        dataset.fingerprint,
        lens.temperature,
        lens.superclasses,
        lens.conformal,
    )
