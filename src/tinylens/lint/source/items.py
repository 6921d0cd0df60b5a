"""Items: what stands in lists, in batches and in slices of images, and what a loop over something goes through."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import PICTURE, Cut, Data, Part, Split, Step, kind_in, role_in
from tinylens.lint.source.deriving import derived, join
from tinylens.lint.source.network import Fit, Network, Node
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import WHOLE, Made, Name, Stream, Symbol, Unknown, Weights, whole

TABLE, GROUPS = "Table", "Groups"  # what has pixels and labels in its columns; its rows, class by class
ARCHIVE, ARRAY_NAME = "NpzFile", "ArrayName"  # arrays by name, all of them made alike; any of the names
LABEL_KEYS = ("label", "labels", "target", "targets", "y", "fine_label")


def items_of(value: Any) -> list[Any] | None:
    """The items of something, where all of them are known."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, str) and len(value) < 50:
        return list(value)
    if isinstance(value, Made) and value.kind in ("ModuleList", "Compose"):
        return items_of(value.get(0, "modules", "transforms", default=[]))
    if isinstance(value, Network) and value.sequential:
        return list(value.layers)
    return None


def one_item(value: Any) -> Any:
    """What a loop gets of something, each time round."""
    if isinstance(value, Stream):
        return value.item
    if isinstance(value, Data):
        return batch_of(value)
    if isinstance(value, Made) and value.kind == GROUPS:
        return Unknown(), value.get("of")  # what is done to one group is done to all
    if isinstance(value, Weights):
        return value
    items = items_of(value)
    if items:
        found = items[0]
        for item in items[1:20]:
            found = join(found, item)
        return found
    return derived(value)


def batch_of(data: Data) -> Any:
    """A batch, or one of it: images with their labels where both are held together."""
    if data.kind == "places":
        return Unknown()
    alone = data.one or data.batch is None
    if data.kind != "pairs":
        return replace(data, one=alone)
    labels = data.labels or Data("labels", data.parts, order=data.order, sure=data.sure, named=data.named)
    return replace(data, kind="images", labels=None, one=alone), replace(labels, kind="labels", one=alone)


def item_at(reading: Reading, held: Any, index: Any, place: Place) -> Any:
    """What stands at an index, or in a slice."""
    if isinstance(held, Data):
        return data_at(reading, held, index)
    if isinstance(held, tuple | list):
        return of_list(held, index)
    if isinstance(held, dict):
        known = isinstance(index, str | int | float | bool) and index in held
        return under(index, held[index]) if known else one_item(Stream(join_all(list(held.values()))))
    if isinstance(held, Made) and held.kind == TABLE:
        from tinylens.lint.source.table import at

        return at(reading, held, index)
    if isinstance(held, Made):
        return of_made(held, index)
    if isinstance(held, Network):
        return of_list(held.layers, index) if held.sequential else Unknown()
    if isinstance(held, Node | Weights):
        return held
    return derived(held) if isinstance(index, slice) else derived(held).point


def under(key: Any, value: Any) -> Any:
    """What a dictionary holds under a key: that may say of which split images are, as a name does."""
    return value.with_role(key) if isinstance(key, str) and isinstance(value, Data) else value


def join_all(values: list[Any]) -> Any:
    """What all of some values say."""
    found = values[0] if values else Unknown()
    for value in values[1:20]:
        found = join(found, value)
    return found


def of_list(held: tuple[Any, ...] | list[Any], index: Any) -> Any:
    """An item or a slice of a list. A batch may be asked for its images and labels by name, as a dictionary is."""
    if isinstance(index, str) and held and isinstance(held[0], Data):
        return held[1] if index in LABEL_KEYS and len(held) > 1 else held[0]
    if isinstance(index, slice):
        ends = [None if end is None else whole(end) for end in (index.start, index.stop, index.step)]
        given = (index.start, index.stop, index.step)
        unknown = any(a is not None and b is None for a, b in zip(given, ends, strict=True)) or ends[2] == 0
        return Unknown() if unknown else held[slice(*ends)]
    at = whole(index)
    if at is not None:
        return held[at] if -len(held) <= at < len(held) else Unknown()
    return join_all(list(held))


def of_made(held: Made, index: Any) -> Any:
    """What some things of libraries hold: a history its curves, an identity matrix rows that are labels, one-hot."""
    if held.kind == "History":
        fit = held.args.get("fit")
        if not isinstance(index, str):
            return held  # a row of it, as a table
        return curve(fit, index) if isinstance(fit, Fit) else Unknown()
    if held.kind == ARCHIVE:
        return of_archive(held, index)
    if held.kind == "MatFile":
        return house_numbers(held, index)
    if held.kind in ("eye", "identity") and isinstance(index, Data) and index.kind == "labels":
        return replace(index, encoding="onehot", classes=whole(held.get(0, "N", "n")) or index.classes)
    if held.kind in ("ModuleList", "ModuleDict"):
        return of_list(items_of(held) or [], index)
    return held.fields.get(index, Unknown()) if isinstance(index, str | int) else Unknown()


def of_archive(held: Made, index: Any) -> Any:
    """An array of a file of several, by its name; where that is not known, any of them."""
    like = held.fields.get("like", Data("images", frozenset(), sure=False))
    file = str(held.get("file"))
    if isinstance(index, Made) and index.kind == ARRAY_NAME:
        return replace(like, parts=frozenset({Part(f"file {file} {ARRAY_NAME}", "all")}))
    if not isinstance(index, str):
        return Unknown()
    split = role_in(index) or role_in(file.rpartition("/")[2].partition(".")[0]) or "all"
    return replace(like, kind=kind_in(index), parts=frozenset({Part(f"file {file} {index}", split)}))


def house_numbers(held: Made, index: Any) -> Any:
    """SVHN as its authors give it: images in the order of MATLAB, and labels from 1 to 10, where 10 stands for 0."""
    split: Split = "test" if held.get("split") == "test" else "train"
    parts = frozenset({Part("svhn extra" if held.get("split") == "extra" else "svhn", split)})
    if index == "X":
        return Data("images", parts, raw=True, source="svhn")
    steps = (Step("add", 1, held.place),)
    return Data("labels", parts, steps, classes=10, encoding="sparse", source="svhn") if index == "y" else Unknown()


def curve(fit: Fit, name: str) -> Unknown:
    """A curve of a history, by its name: of the validation images where that begins with val_."""
    of = fit.validation if name.startswith("val") else fit.images
    parts: frozenset[Part] = of.parts if isinstance(of, Data) else frozenset()
    return Unknown(parts, "", True, fit.network, WHOLE + name)


def data_at(reading: Reading, data: Data, index: Any) -> Any:
    """Images at an index: a slice and places cut a part out of them; a number gives one of them."""
    if data.one:
        return piece(reading, data, index)
    if isinstance(index, tuple):
        index = index[0] if index else 0
    if index is None or index is ... or (isinstance(index, Name) and index.last == "newaxis"):
        return data  # x[..., None]: another axis, the same images
    if isinstance(index, slice):
        if (index.start, index.stop) == (None, None) or index.step not in (None, 1):
            return data
        return sliced(data, end(index.start), end(index.stop))
    if isinstance(index, Data) and index.kind == "places":
        return at_places(data, index)
    if data.kind == "pairs" and isinstance(index, int | Unknown | Symbol):
        return batch_of(data)
    if isinstance(index, str) and data.kind == "pairs":
        return data.with_role(index) if not data.roles & {"test", "validation"} else data
    if isinstance(index, int | Symbol):
        return replace(data, one=data.kind == "images")
    chosen = data.cut(Cut(reading.fresh("mask"))).of_fewer()
    return replace(chosen, one=data.kind == "images" and not isinstance(index, Data | Unknown))


def piece(reading: Reading, data: Data, index: Any) -> Data:
    """A slice of a single image; of a picture of a file, another picture."""
    bounds = [end for one in (index if isinstance(index, tuple) else (index,)) if isinstance(one, slice)
              for end in (one.start, one.stop)]  # fmt: skip
    if data.source != PICTURE or all(end is None for end in bounds):
        return data
    return replace(data, parts=frozenset({Part(reading.fresh(PICTURE), "all")}))


def at_places(data: Data, places: Data) -> Data:
    """Images at places, in their order; places that a condition chose are of fewer classes for all that is known."""
    order = tuple(sorted(f"{part.source}{[(cut.start, cut.stop) for cut in part.cuts]}" for part in places.parts))
    order += tuple(how for how in places.order if not any(how == part.source for part in places.parts))
    found = data if whole_of(places) else data.cut(Cut("at", side=places), places.count)
    if any(part.source.startswith("where") for part in places.parts):
        found = found.of_fewer()
    return found.shuffle("at " + " ".join(order)) if places.order or "range" not in order else found


def whole_of(places: Data) -> bool:
    """Whether places are all that there are, in some order."""
    return all(not part.cuts for part in places.parts)


def end(value: Any) -> Any:
    """The end of a slice: a number, or a text that stands for one."""
    if value is None:
        return None
    known = whole(value)
    return known if known is not None else value.text if isinstance(value, Symbol) else f"?{id(value)}"


def sliced(data: Data, start: Any, stop: Any) -> Data:
    """A slice. Ends that count from the back are made to count from the front where the length is known."""
    if data.count is not None:
        start, stop = (from_front(one, data.count) for one in (start, stop))
    numbers = isinstance(start, int | None) and isinstance(stop, int)
    count = max(stop - (start or 0), 0) if numbers and stop > 0 and (start or 0) >= 0 else None
    if isinstance(start, int) and stop is None and data.count is not None:
        count = data.count - start
    return data.cut(Cut("slice", start=start, stop=stop), count)


def from_front(place: Any, count: int) -> Any:
    """A place counted from the front."""
    return place + count if isinstance(place, int) and place < 0 else place


def ends_of(source: Any) -> tuple[int, int] | None:
    """The least and the largest number of a range."""
    if isinstance(source, list) and source and all(isinstance(one, int) for one in source):
        return min(source), max(source)
    cuts = [cut for part in source.parts for cut in part.cuts] if isinstance(source, Data) else []
    if len(cuts) != 1 or not isinstance(source, Data) or source.kind != "places":
        return None
    start, stop = cuts[0].start, cuts[0].stop
    return (start, stop - 1) if isinstance(start, int) and isinstance(stop, int) and stop > start else None
