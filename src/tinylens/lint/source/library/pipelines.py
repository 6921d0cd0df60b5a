"""What tf.data and tensorflow_datasets do: pipelines of images and labels."""

import re
from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import PICTURE, SETS, Cut, Data, Part, Split, role_in
from tinylens.lint.source.items import batch_of, items_of
from tinylens.lint.source.library.arrays import gathered
from tinylens.lint.source.library.keras import known_data
from tinylens.lint.source.network import Node
from tinylens.lint.source.values import Function, Made, Stream, Symbol, Unknown, number, whole

ALIASES = {"svhn_cropped": "svhn"}  # names of tfds for data sets that are known by another
SEEDED = " by "  # in how a pipeline is shuffled, before its seed
TAKEN = re.compile(r"(\w+)(?:\[(.*?):(.*?)\])?")


def from_slices(call: Call) -> Any:
    """Dataset.from_tensor_slices((x, y)), TensorDataset(x, y): images and labels together."""
    given = call.args[0] if len(call.args) == 1 else tuple(call.args)
    given = tuple(map(gathered, given)) if isinstance(given, tuple | list) else gathered(given)
    if isinstance(given, tuple | list) and given and isinstance(given[0], Data):
        labels = given[1] if len(given) > 1 and isinstance(given[1], Data) else None
        return replace(given[0], kind="pairs", labels=labels)
    if isinstance(given, Data):
        return given
    return Unknown()


def mapped(call: Call) -> Any:
    """dataset.map(function): each item after the function."""
    from tinylens.lint.source.calling import call as called
    from tinylens.lint.source.library import hub

    function, data = call.get(0, "map_func"), call.of
    if hub.of_hub(data):
        return hub.mapped(call)
    if not isinstance(data, Data):
        return call.unknown
    items = batch_of(data)
    args = list(items) if isinstance(items, tuple) else [items]
    if isinstance(function, Made):
        result = called(call.reading, function, args[:1], {}, call.place)
    elif isinstance(function, Function):
        result = called(call.reading, function, args, {}, call.place)
    else:
        return data.unsure()
    return repacked(data, result)


def repacked(data: Data, result: Any) -> Any:
    """Items after a map as a pipeline again."""
    if isinstance(result, tuple | list) and result and isinstance(result[0], Data):
        if result[0].source == PICTURE:
            result = (repacked(replace(data, kind="images", labels=None), result[0]), *result[1:])
        labels = result[1] if len(result) > 1 and isinstance(result[1], Data) else data.labels
        return replace(result[0], kind="pairs", labels=labels, batch=data.batch, shuffled=data.shuffled, one=False)
    if isinstance(result, Data):
        if result.source == PICTURE:  # that was opened by its name
            result = replace(result, parts=data.parts, order=data.order, count=data.count, copies=data.copies,
                             batch=data.batch, shuffled=data.shuffled)  # fmt: skip
        return replace(result, kind=data.kind, labels=result.labels or data.labels, one=False)
    return data.unsure()


def shuffled(call: Call) -> Any:
    """dataset.shuffle: another order each time round, unless it is told otherwise; with a seed the same as with it."""
    from tinylens.lint.source.library import hub

    if hub.of_hub(call.of):
        return hub.shuffled(call)
    again, seed = call.get("reshuffle_each_iteration", 2, default=True), call.get("seed", 1)
    found = replace(call.of, shuffled=True)
    if again is False:
        return found
    how = call.reading.fresh("reshuffled") + (SEEDED + str(seed) if seed is not None else "")
    return replace(found, order=(*found.order, how))


def batched(call: Call) -> Any:
    """dataset.batch."""
    return replace(call.of, batch=call.get(0, "batch_size"))


def same(call: Call) -> Any:
    """What leaves the items as they are."""
    return call.of


def taken(call: Call) -> Any:
    """dataset.take(n), dataset.skip(n): of a pipeline that is shuffled anew each time, other items each time."""
    count = call.get(0, "count")
    known = whole(count)
    at = known if known is not None else count.text if isinstance(count, Symbol) else f"?{id(count)}"
    anew = [how for how in call.of.order if how.startswith("reshuffled")]
    start, stop = (None, at) if call.name.last == "take" else (at, None)
    if anew:
        return call.of.cut(Cut(f"slice of {anew[-1]}", start=start, stop=stop))
    if call.of.batch is not None:
        return call.of.cut(Cut("batches", side=(start, stop)))
    return call.of.cut(Cut("slice", start=start, stop=stop))


def some(call: Call) -> Any:
    """dataset.filter(...), dataset.shard(...), frame.sample(...): some of the items, which are not known."""
    return call.of.unsure().of_fewer().cut(Cut(call.reading.fresh("some")))


def load(call: Call) -> Any:
    """tfds.load(name, split=...)."""
    name, split = call.get(0, "name"), call.get("split", 1)
    clean = str(name).partition("/")[0] if isinstance(name, str) else ""
    wanted = split if isinstance(split, list | tuple) else None
    if wanted is not None:
        found: Any = [one_split(call, clean, one) for one in wanted]
    elif isinstance(split, dict):
        found = {key: one_split(call, clean, one) for key, one in split.items()}
    elif isinstance(split, str):
        found = one_split(call, clean, split)
    elif split is not None:
        found = Unknown()
    else:
        found = {word: one_split(call, clean, word) for word in ("train", "test", "validation")}
    return (found, Unknown()) if call.get("with_info") is True else found


def one_split(call: Call, name: str, split: Any) -> Any:
    """A split by its text: test, or train[:80%]."""
    taken = TAKEN.fullmatch(split) if isinstance(split, str) else None
    role = role_in(taken[1]) if taken else None
    if taken is None or role is None:
        return Unknown()
    base: Split = role
    name = ALIASES.get(name, name)
    if name in SETS and base in ("train", "test"):
        data = known_data(call, name, "train" if base == "train" else "test")
    else:
        parts = frozenset({Part(name or "tfds", base)})
        data = Data("pairs", parts, raw=True, labels=Data("labels", parts, encoding="sparse"), source="tfds")
    if taken[2] is None:
        return data
    start, stop = (share(text, data.count) for text in (taken[2], taken[3]))
    rest = data.count if stop is None else stop
    return data.cut(Cut("slice", start=start, stop=stop), rest - (start or 0) if data.count and rest else None)


def share(text: str, count: int | None) -> int | None:
    """An end such as 80% or 1000, counted from the front where the number of images is known."""
    clean = text.strip()
    if not clean:
        return None
    found = number(int(clean.rstrip("%"))) if re.fullmatch(r"-?\d+%?", clean) else None
    if found is None:
        return None
    whole_count = count or 100_000
    value = found * whole_count / 100 if clean.endswith("%") else found
    return int(value + whole_count if value < 0 else value)


def cast(call: Call) -> Any:
    """tf.cast, tf.convert_to_tensor: the same."""
    return call.get(0, "x", "image", "images", "value", "tensor", default=Unknown())


def converted(call: Call) -> Any:
    """tf.image.convert_image_dtype: 0 .. 255 becomes 0 .. 1."""
    images = call.get(0, "image")
    return images.done("divide", 255.0, call.place) if isinstance(images, Data) else images


def standardised(call: Call) -> Any:
    """tf.image.per_image_standardization."""
    images = call.get(0, "image")
    return images.done("standardise", "per image", call.place) if isinstance(images, Data) else images


def resized(call: Call) -> Any:
    """tf.image.resize."""
    images, size = call.get(0, "images", "image"), call.get(1, "size")
    known = size if isinstance(size, list | tuple) and len(size) == 2 else None
    if isinstance(images, Node):
        return images
    return replace(images, size=tuple(known) if known and all(map(whole, known)) else None) \
        if isinstance(images, Data) else images  # fmt: skip


def padded(call: Call) -> Any:
    """tf.image.resize_with_crop_or_pad, pad_to_bounding_box: to another size."""
    images = call.get(0, "image")
    size = (whole(call.get(1, "target_height")), whole(call.get(2, "target_width")))
    return replace(images, size=size if None not in size else None) if isinstance(images, Data) else call.unknown  # type: ignore[arg-type]


def reshaped(call: Call) -> Any:
    """tf.pad, tf.image.flip_left_right, central_crop: other pixels, or in other places, in the same range."""
    images = call.get(0, "tensor", "image")
    return replace(images, size=None) if isinstance(images, Data) else call.unknown


def changed_at_random(call: Call) -> Any:
    """tf.image.random_...: augmentation. A crop as large as the image is not; it is written down by its name."""
    images = call.get(0, "image", "value")
    if not isinstance(images, Data):
        return images if isinstance(images, Node) else call.unknown
    made = call.made()
    made.fields["size before"] = images.size
    return images.augmented(call.name.last, made, call.place)


def zipped(call: Call) -> Any:
    """tf.data.Dataset.zip((images, labels))."""
    given = items_of(call.get(0)) or call.args
    if len(given) == 2 and all(isinstance(one, Data) for one in given):
        images, labels = given
        if labels.kind == "labels" and images.kind != "pairs" and not in_one_order(images, labels):
            images, labels = (
                replace(one, order=(call.reading.fresh("shuffle apart"),) if one.shuffled else ()) for one in given
            )
        return replace(images, kind="pairs", labels=labels)
    return Unknown()


def in_one_order(first: Data, second: Data) -> bool:
    """Whether two pipelines are shuffled alike: not at all, together, or by the same seeds."""
    if bool(first.shuffled) != bool(second.shuffled):
        return False
    ways = [[how for how in one.order if how.startswith("reshuffled")] for one in (first, second)]
    seeds = [[how.partition(SEEDED)[2] for how in some] for some in ways]
    return ways[0] == ways[1] or (seeds[0] == seeds[1] and all(seeds[0]))


def generated(call: Call) -> Any:
    """tf.data.Dataset.from_generator."""
    return Stream(Unknown())


def cardinality(call: Call) -> Any:
    """How many items a pipeline has."""
    return Symbol(f"cardinality({sorted(map(repr, call.of.parts))})")


FUNCTIONS = {
    "tensorflow:from_tensor_slices": from_slices,
    "torch:TensorDataset": from_slices,
    "tensorflow:from_generator": generated,
    "tensorflow:zip": zipped,
    "tfds:load": load,
    **{f"tensorflow:{name}": cast for name in ("cast", "convert_to_tensor", "constant", "reshape", "expand_dims",
                                               "squeeze", "float32", "cardinality_")},
    "tensorflow:convert_image_dtype": converted,
    "tensorflow:per_image_standardization": standardised,
    "tensorflow:resize": resized,
    **{f"tensorflow:{name}": padded for name in ("resize_with_crop_or_pad", "resize_with_pad",
                                                 "resize_image_with_crop_or_pad")},
    **{f"tensorflow:{name}": reshaped for name in ("pad", "flip_left_right", "flip_up_down", "rot90", "central_crop",
                                                   "crop_to_bounding_box")},
    **{f"tensorflow:{name}": changed_at_random for name in (
        "random_flip_left_right", "random_flip_up_down", "random_crop", "random_brightness", "random_contrast",
        "random_saturation", "random_hue", "stateless_random_flip_left_right", "stateless_random_crop")},
}  # fmt: skip
METHODS = {
    "data.map": mapped,
    "data.shuffle": shuffled,
    "data.batch": batched,
    **{f"data.{name}": same for name in ("prefetch", "cache", "repeat", "as_numpy_iterator",
                                         "with_options", "ignore_errors", "__iter__", "enumerate_")},
    "data.unbatch": lambda call: replace(call.of, batch=None),
    "data.take": taken,
    "data.skip": taken,
    **{f"data.{name}": some for name in ("filter", "shard", "sample", "select")},
    "data.cardinality": cardinality,
}  # fmt: skip
