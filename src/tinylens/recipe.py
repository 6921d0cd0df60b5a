"""Recipe: how to train. A frozen set of named numbers that can build its model."""

import difflib
import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch.nn.functional as F
from jaxtyping import Float, Int
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from torch import Tensor, nn

from tinylens.data.pictures import Resize
from tinylens.errors import TinylensError, TrainingError, UsageError, one_line
from tinylens.optim.optimizers import Adam, Optimizer
from tinylens.optim.schedules import Constant, DropoutChange, Schedule
from tinylens.pixels.augment import Augment, PadAndCrop
from tinylens.pixels.growth import Growth
from tinylens.pixels.preprocess import Preprocess, Scale
from tinylens.pixels.views import Shift, View
from tinylens.words import MARK

Monitor = Literal["validation_loss", "validation_accuracy", "validation_top5", "train_loss", "train_accuracy"]


@dataclass(frozen=True)
class Published:
    """What the source of a recipe claims. accuracy: on the test set, in 0 .. 1. where: the place in the source."""

    accuracy: float
    data: str
    where: str


class Recipe(BaseModel):
    """What every recipe has; a recipe is a final subclass in a file of its own, which adds its model.

    Its docstring names the source, the command, the time and the accuracy to expect, and the faults of the source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)

    source: ClassVar[str] = "no source given"
    data: ClassVar[str | None] = None  # what it was written for; None: --data must say
    published: ClassVar[Published | None] = None
    faults: ClassVar[dict[str, Any]] = {}  # the fields that the source has wrong, as it has them

    as_published: bool = Field(False, description="keep the faults of the source")
    image_size: int = Field(32, ge=4, le=1024, description="pixels a side")
    resize: Resize = Field("crop", description="how pictures of another size are brought to it")
    preprocess: tuple[Preprocess, ...] = Field(
        (Scale(),), description="fitted on the training images, kept in the lens"
    )
    augment: tuple[Augment, ...] = Field((), description="random changes of training images, batch by batch")
    epochs: int = Field(10, ge=1, description="at most")
    iterations: int | None = Field(None, ge=1, description="steps, at most; the last epoch may be cut short")
    batch_size: int = Field(32, ge=1, description="images a step, at most; steps of an epoch differ by one at most")
    optimizer: Optimizer = Field(Adam(), description="and its learning rate")
    schedule: Schedule = Field(Constant(), description="of the learning rate")
    dropout_schedule: tuple[DropoutChange, ...] = Field((), description="changes of dropout rates as training goes")
    ema: float | None = Field(
        None, gt=0, lt=1, description="share kept at a step of the averaged weights, which are judged and kept"
    )
    growth: tuple[Growth, ...] = Field((), description="sizes of training images as training goes, small ones first")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share of the truth that is spread over all classes")
    select_on: Literal["validation", "test", "train"] = Field(
        "validation", description="the split for early stopping and choosing the best epoch"
    )
    validation_share: float = Field(0.1, gt=0, lt=1, description="of the training images, where the data brings none")
    validation_most: int | None = Field(None, ge=1, description="images; no more than these are cut off for validation")
    monitor: Monitor = Field("validation_loss", description="says which epoch is best")
    patience: int | None = Field(None, ge=1, description="epochs without improvement before stopping")
    keep: Literal["best", "last"] = Field("best", description="weights that the lens gets")
    keep_every: int | None = Field(None, ge=1, description="epochs after which weights are kept under the epoch's name")
    views: tuple[View, ...] = Field((), description="of an image, that the lens looks at where it is unsure")
    unsure: float = Field(
        1.0, gt=0, le=1, description="highest probability at which it is; 1 looks again at every image"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field("auto", description="of the arithmetic in training")
    lens_precision: Literal["auto", "float32", "bfloat16"] = Field(
        "float32", description="of the arithmetic in use; float32 gives nearly the same figures on every machine"
    )
    silence: str = Field("", description="codes of lint rules whose findings are shown as silenced, with commas")
    seed: int = Field(0, ge=0, lt=2**32, description="of weights, order, dropout and the validation split")

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Where a recipe gives a field another default, as `epochs: int = 15`, keep the limits and the description."""
        for name, field in Recipe.model_fields.items():
            own = cls.model_fields[name]
            if own is not field and not own.metadata:
                own.metadata, own.description = field.metadata, own.description or field.description
        cls.model_rebuild(force=True)

    @model_validator(mode="after")
    def mixes_once(self) -> "Recipe":
        """An image that is mixed twice would have three labels."""
        if sum(getattr(step, "kind", None) in ("mixup", "cutmix") for step in self.augment) > 1:
            raise ValueError("augment mixes images twice: mixup or cutmix, once")
        return self

    @model_validator(mode="after")
    def mirrors_what_is_there(self) -> "Recipe":
        """Beside an image its mirror image can stand, which has no more pixels than the image."""
        side = self.image_size
        for step in self.augment:
            if isinstance(step, PadAndCrop) and step.fill == "reflect" and step.pixels >= side:
                said = f"{step.pixels} pixels cannot be mirrored beside images of {side}x{side}"
                raise ValueError(f"augment: pad-and-crop: {said}; fewer of them, or fill zero")
        for view in self.views:
            if isinstance(view, Shift) and view.pixels >= side:
                raise ValueError(f"views: {view.pixels} pixels cannot be mirrored beside images of {side}x{side}")
        return self

    def parameter_groups(self, network: nn.Module) -> list[dict[str, Any]]:
        """The network's parameters as the optimizer gets them: all alike, unless a recipe groups them."""
        return [{"params": list(network.parameters())}]

    def fit_network(self, network: nn.Module, images: Float[Tensor, "n 3 h w"]) -> None:
        """Set numbers of a new network that follow from training images, prepared as it takes them. By default none."""

    def loss(self, logits: Float[Tensor, "n k"], labels: Int[Tensor, " n"]) -> Float[Tensor, ""]:
        """What training makes small: mean cross-entropy, with the truth spread where label_smoothing says so."""
        return F.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)

    @abstractmethod
    def build(self, image_size: tuple[int, int], num_classes: int) -> nn.Module:
        """A new model: float images (n, 3, height, width) in, logits (n, num_classes) out.

        image_size: height and width. Raises ValueError where the model cannot take images that small.
        """

    @property
    def keeps_faults(self) -> bool:
        """Whether it is, fault for fault, what its source has."""
        return bool(self.faults) and all(getattr(self, name) == value for name, value in self.faults.items())

    @property
    def selection_name(self) -> str:
        """What the split is called that selection goes by, beside the figures of training itself."""
        return "train again" if self.select_on == "train" else self.select_on

    @property
    def mark(self) -> str:
        """What stands behind each figure on test images: a sign where selection looked at them, else nothing."""
        return MARK if self.select_on == "test" else ""

    def named(self, metric: str) -> str:
        """A metric for people, under the name of the split that it is of: validation_loss may be of the test split."""
        return metric.replace("validation", self.selection_name).replace("_", " ")

    def changed(self) -> dict[str, Any]:
        """The settings that make it of the recipe as it is written, as --set takes them; as_published first."""
        plain = flat(type(self).resolve({"as_published": self.as_published}).model_dump(mode="json"))
        mine = flat(self.model_dump(mode="json"))
        form = {"as_published": True} if self.as_published else {}
        return form | {name: value for name, value in mine.items() if plain.get(name) != value}

    def fields(self) -> list[tuple[str, str, str]]:
        """Each field's name, its value as people write it, and what it is."""
        known = type(self).model_fields.items()
        return [(name, told(getattr(self, name)), field.description or "") for name, field in known]

    @classmethod
    def resolve(cls, settings: Mapping[str, Any]) -> "Recipe":
        """The recipe with these fields set.

        A name may reach inside, as `optimizer.lr`; text is read as JSON where it is.
        Raises UsageError for a field that there is not, naming the nearest, for one that is set twice, and for a value
        that the field cannot have.
        """
        given = by_field(settings)
        values = cls.checked({}).model_dump()
        if "as_published" in given and cls.checked(values | {"as_published": given["as_published"]}).as_published:
            values = cls.checked(values | cls.faults).model_dump()
        for name in given:
            if "." not in name:
                put(values, name, given[name])
        values = cls.checked(values).model_dump()  # a choice, as optimizer=sgd, brings fields that are set inside it
        for name in given:
            if "." in name:
                put(values, name, given[name])
        return cls.checked(values)

    @classmethod
    def restored(cls, values: Any) -> "Recipe":
        """The recipe whose values were saved. Raises ValueError, one line, where they are not a recipe's."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ValueError(explained(error, values if isinstance(values, dict) else {})) from None

    @classmethod
    def checked(cls, values: dict[str, Any]) -> "Recipe":
        """The recipe with these values. Raises UsageError, one line, for the first that it cannot have."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise UsageError(explained(error, values)) from None


@contextmanager
def own_code(what: str) -> Iterator[None]:
    """Tell in one line, after `what`, whatever a recipe's own code raises in the block.

    Raises TrainingError in place of everything but a TinylensError.
    """
    try:
        yield
    except TinylensError:
        raise
    except Exception as error:
        raise TrainingError(f"{what}: {type(error).__name__}: {one_line(error)}") from error


def told(value: Any) -> str:
    """A field's value as people write it: a choice as its kind with its numbers."""
    if isinstance(value, tuple):
        return ", ".join(map(told, value)) or "none"
    if isinstance(value, BaseModel):
        numbers = value.model_dump()
        kind = numbers.pop("kind")
        return f"{kind} ({', '.join(f'{k} {told(v)}' for k, v in numbers.items())})" if numbers else str(kind)
    return f"{value:g}" if isinstance(value, float) else str(value)


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Fields inside fields under dotted names, as --set takes them; a choice's kind first, as it brings the others."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def field_name(name: str) -> str:
    """A field's name as recipes have it, from what people type: batch-size is batch_size."""
    return name.replace("-", "_").removesuffix(".kind")


def by_field(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the field's own name, their text read. Raises UsageError where a field is set twice."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        field = field_name(name)
        if field in found:
            raise UsageError(f"{field} is set twice; give it one value")
        found[field] = parsed(value)
    return found


def parsed(value: Any) -> Any:
    """A value typed at the command line: JSON where it is, else text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return {"True": True, "False": False, "None": None, "none": None}.get(value, value)


def put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set a field, which may lie inside others, in the values of a recipe."""
    *outer, last = name.split(".")
    inside: Any = values
    for i, step in enumerate(outer):
        require(inside, step, name)
        inside = inside[step]
        if isinstance(inside, tuple):
            raise UsageError(f"{'.'.join(outer[: i + 1])} {list_form(inside)}")
        if not isinstance(inside, dict):
            raise UsageError(f"{name}: {'.'.join(outer[: i + 1])} has no fields inside")
    require(inside, last, name)
    if isinstance(value, str):
        value = chosen(inside[last], value)
    elif value is None and isinstance(inside[last], tuple):  # augment=none, as `told` writes it
        value = ()
    elif isinstance(inside[last], tuple) and not isinstance(value, list | tuple):
        raise UsageError(f"{name} {list_form(inside[last])}")
    inside[last] = value


def list_form(before: tuple[Any, ...]) -> str:
    """How a list is written, by what is in it before: numbers, else parts with fields of their own."""
    if before and not isinstance(before[0], dict):
        return f"is a list: JSON, as {json.dumps(before)}"
    part = '[{"kind":"cutout","pixels":4}]'
    return f"is a list: names with commas, as augment=flip,cutout, or JSON, as augment={part}"


def chosen(before: Any, text: str) -> Any:
    """What a word means in place of the value before: optimizer=sgd, preprocess=standardise, or itself."""
    if isinstance(before, dict):
        return {"kind": text}
    if isinstance(before, tuple):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if before and not isinstance(before[0], dict):  # dropout=0.1,0.2
            return tuple(parsed(part) for part in parts)
        return tuple({"kind": part} for part in parts)
    return text


def require(values: dict[str, Any], step: str, name: str) -> None:
    """Raise UsageError, with the name that was probably meant, where there is no such field."""
    if step not in values:
        near = meant_by(step, values)
        meant = f"did you mean {near}?" if near else f"there are {', '.join(values)}"
        raise UsageError(f"{name}: no field {step!r}; {meant}")


def meant_by(step: str, values: dict[str, Any]) -> str | None:
    """The field nearest to a name that is none; lr and learning_rate are found inside the optimizer."""
    deep = {dotted.rpartition(".")[2]: dotted for dotted in flat(values)}
    if "lr" in deep:
        deep["learning_rate"] = deep["lr"]
    if step in deep:
        return deep[step]
    near = difflib.get_close_matches(step, values, n=1) or difflib.get_close_matches(step, deep, n=1)
    return deep.get(near[0], near[0]) if near else None


def explained(error: ValidationError, values: dict[str, Any]) -> str:
    """The first complaint of pydantic about the values of a recipe in one line, as `epochs=0: input should be ...`."""
    first = error.errors()[0]
    kinds = {value["kind"] for value in values.values() if isinstance(value, dict) and "kind" in value}
    place = ".".join(str(part) for part in first["loc"] if part not in kinds)  # pydantic says optimizer.adam.lr
    said = first["msg"].removeprefix("Value error, ")
    if not place:  # of the recipe as a whole: what is said names its fields
        return " ".join(said.split())
    if isinstance(first["input"], dict | list | tuple):
        return " ".join(f"{place}: {said[0].lower()}{said[1:]}".split())
    return " ".join(f"{place}={first['input']}: {said[0].lower()}{said[1:]}".split())
