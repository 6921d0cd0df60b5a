"""What the files of a run hold, and that they do: one that holds something else is told in one line, with its place.

What has a value here may be missing: earlier versions did not write it. There may be more than is named.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from tinylens.errors import TinylensError


class Record(BaseModel, strict=True):
    """Part of a file."""


class About(Record):
    """recipe.json. name: what finds the recipe. title: what people call it. fields: as they are resolved."""

    name: str
    title: str
    fields: dict[str, Any]
    opens_test: bool = True


class Versions(Record):
    """Of libraries."""

    tinylens: str
    torch: str


class Environment(Record):
    """environment.json."""

    when: str
    versions: Versions


class Part(Record):
    """A split, in data.json. counts: images of each class."""

    images: int
    counts: list[int]
    fingerprint: str
    ordered_fingerprint: str


class Data(Record):
    """data.json: what of it data.manifest leaves open."""

    splits: dict[str, Part]


class Hardware(Record):
    """What a training computed on, and how."""

    device: str
    device_name: str
    threads: int
    precision: str
    reason: str


class Training(Record):
    """training.json. seconds: of training alone."""

    ended: str
    epochs: int
    steps: int
    seconds: float
    best_epoch: int | None
    kept_epoch: int | None
    hardware: Hardware


class Epoch(Record):
    """A row of history.jsonl. seconds: since training began. validation: of the images that selection goes by."""

    epoch: int
    step: int
    seconds: float
    learning_rate: float = 0
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    validation_top5: float = 0


class Figures(Record):
    """metrics.json: of its figures those that every version wrote."""

    accuracy: float
    interval: Annotated[list[float], Field(min_length=2, max_length=2)]
    loss: float
    images: int


class Opening(Record):
    """One of openings.json: when the test images were opened, by what, and for which lens."""

    when: str
    by: str
    lens: str | None = None


class Noted(Record):
    """One of findings.json."""

    code: str
    title: str
    severity: str
    evidence: str
    remedy: str
    silenced: str | None = None


def checked(value: Any, shape: Any, file: Path, remedy: str = "") -> Any:
    """The value that a file holds, as it is. shape: what it must be.

    Raises TinylensError, with the file and the first place that is wrong, where it is not. remedy: what to do then.
    """
    try:
        fitted(value, shape)
    except ValueError as error:
        raise TinylensError(f"{file} is damaged: {error}{remedy}") from None
    return value


def fitted(value: Any, shape: Any) -> Any:
    """A value as that type. Raises ValueError, one line with the first place that is wrong."""
    try:
        return adapter(shape).validate_python(value)
    except ValidationError as error:
        raise ValueError(complaint(error)) from None


adapter = cache(TypeAdapter)  # to make one takes longer than to check with it


def complaint(error: ValidationError) -> str:
    """The first thing that pydantic has to say of a value, in one line."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"{place} is missing"
    said = "Input should be named values" if first["type"] in ("model_type", "dataclass_type") else first["msg"]
    said = " ".join(said.split())
    return ": ".join([place] * bool(place) + [said[0].lower() + said[1:]])
