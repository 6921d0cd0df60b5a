"""What the ImageDataGenerator of Keras does: batches of images, prepared and augmented."""

from dataclasses import replace
from typing import Any, Literal

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Cut, Data, Part
from tinylens.lint.source.deriving import parts_of
from tinylens.lint.source.library.applications import preprocessed
from tinylens.lint.source.library.keras import folder
from tinylens.lint.source.program import Fitted
from tinylens.lint.source.table import rows_of
from tinylens.lint.source.values import Function, Made, Name, Statistic, Stream, Unknown, number

RANDOM = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range",
          "channel_shift_range", "horizontal_flip", "vertical_flip", "brightness_range")  # fmt: skip
FEATUREWISE = ("featurewise_center", "featurewise_std_normalization", "zca_whitening")
SAMPLEWISE = ("samplewise_center", "samplewise_std_normalization")


def generator_fit(call: Call) -> Any:
    """datagen.fit(x): statistics of x."""
    call.of.fields["fitted"] = parts_of(call.get(0, "x"))
    if any(call.of.get(name) for name in FEATUREWISE) and isinstance(call.get(0, "x"), Data):
        call.reading.program.fitted.append(Fitted(call.place, "ImageDataGenerator.fit", parts_of(call.get(0, "x"))))
    return None


def flow(call: Call) -> Any:
    """datagen.flow(x, y): batches, prepared and augmented as the generator says."""
    images, labels = call.get(0, "x"), call.get(1, "y")
    if isinstance(images, tuple | list) and len(images) == 2:
        images, labels = images
    call.of.fields["used"] = True
    if not isinstance(images, Data):
        return Stream((images, labels)) if labels is not None else Stream(images)
    found = as_generated(call, images)
    found = cut_subset(call, found)
    inner = labels if isinstance(labels, Data) else None
    inner = cut_subset(call, inner) if inner is not None else None
    shuffled = call.get("shuffle", default=True)
    return replace(found, kind="pairs", labels=inner, batch=call.get("batch_size", 2, default=32),
                   shuffled=shuffled if isinstance(shuffled, bool) else None)  # fmt: skip


def cut_subset(call: Call, data: Data) -> Data:
    """The part that `subset` takes of what the generator's validation_split leaves."""
    subset = call.get("subset")
    share = call.of.get("validation_split") if isinstance(call.of, Made) else call.get("validation_split")
    if subset not in ("training", "validation") or share is None:
        return data
    side: Literal["train", "validation"] = "train" if subset == "training" else "validation"
    return data.cut(Cut(f"subset {number(share)}", subset, role=side))


def as_generated(call: Call, data: Data) -> Data:
    """Images after what a generator does to them: its function, its scale, and what it computes, in this order."""
    made = call.of
    rescale = made.get("rescale")
    data = by_function(call, data, made.get("preprocessing_function"))
    if made.get("hidden"):
        data = data.unsure()
    if isinstance(rescale, int | float) and rescale:
        data = data.done("multiply", float(rescale), call.place)
    for name in (*SAMPLEWISE, *FEATUREWISE):
        if made.get(name):
            data = data.done("normalise", Statistic(made.fields.get("fitted", frozenset()), name), call.place)
    for name in RANDOM:
        if varies(made.get(name)):
            data = data.augmented(name, made, call.place)
    return data


def by_function(call: Call, data: Data, function: Any) -> Data:
    """Images after a generator's own function."""
    if function is None:
        return data
    if isinstance(function, Name) and function.last == "preprocess_input":
        return preprocessed(data, function, call.place)
    if not isinstance(function, Function):
        return data.unsure()
    from tinylens.lint.source.calling import enter

    result = enter(call.reading, function, [replace(data, kind="images", labels=None, one=True)], {})
    return replace(result, kind=data.kind, labels=data.labels, one=data.one) \
        if isinstance(result, Data) else data.unsure()  # fmt: skip


def varies(value: Any) -> bool:
    """Whether a setting of augmentation changes anything."""
    return value is not None and value is not False and value not in (0, 0.0) and not isinstance(value, Unknown)


def flow_from(call: Call) -> Any:
    """datagen.flow_from_directory: a folder of classes, by its name train, validation or test."""
    call.of.fields["used"] = True
    found = folder(call, "flow")
    if call.name.last == "flow_from_dataframe":
        given = call.get("dataframe", 0)
        rows = given if isinstance(given, Data) else rows_of(given)
        if rows is None:
            rows = Data("pairs", frozenset({Part(call.reading.fresh("rows"), "all")}))
        found = replace(found, parts=rows.parts, copies=rows.copies, claimed=rows.claimed,
                        labels=replace(found.labels, parts=rows.parts) if found.labels else None)  # fmt: skip
    found = cut_subset(call, as_generated(call, found))
    mode = call.get("class_mode", default="categorical")
    encoding: Literal["onehot", "sparse"] | None = {"categorical": "onehot", "sparse": "sparse"}.get(mode)  # type: ignore[assignment]
    shuffled = call.get("shuffle", default=True)
    labels = replace(found.labels, encoding=encoding) if found.labels else None
    return replace(found, labels=labels, batch=call.get("batch_size", default=32), source="flow",
                   shuffled=shuffled if isinstance(shuffled, bool) else None)  # fmt: skip


FUNCTIONS: dict[str, Any] = {}
METHODS = {
    "ImageDataGenerator.fit": generator_fit,
    "ImageDataGenerator.flow": flow,
    "ImageDataGenerator.flow_from_directory": flow_from,
    "ImageDataGenerator.flow_from_dataframe": flow_from,
}
