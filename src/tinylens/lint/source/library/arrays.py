"""What numpy does to images and labels."""

import re
from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import BEHIND, BESIDE, PICTURE, Cut, Data, Part, kind_in, overlap, role_in
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.items import ARCHIVE, items_of
from tinylens.lint.source.library.builtin import node_or_unknown, places
from tinylens.lint.source.library.chance import GENERATORS, drawn_order
from tinylens.lint.source.network import Node
from tinylens.lint.source.values import Made, Name, Statistic, Stream, Symbol, Unknown, number, text_of, whole


def same(call: Call) -> Any:
    """What leaves images as they are, for us: another type, another shape, a copy, a device."""
    value = call.of if call.of is not None else call.get(0, "a", "x", "arr", default=Unknown())
    if isinstance(value, Data) and value.one and makes_floats(call):
        return replace(value, floats=True)
    return value if isinstance(value, Data | Node | list | Statistic) else derived(value, *call.values)


def makes_floats(call: Call) -> bool:
    """Whether a change of type may give floats: astype(numpy.float32), .float()."""
    if call.name.last in ("float", "double", "half", "float32", "float64", "float16"):
        return True
    kind = call.get("dtype", 0 if call.name.last in ("astype", "to", "type") else 1)
    known = kind if isinstance(kind, str) else kind.last if isinstance(kind, Name) else ""
    return "float" in known or (call.name.last == "astype" and not known)


def reduced(call: Call) -> Any:
    """A mean or a deviation: a statistic of images; of figures, a figure."""
    value = call.of if call.of is not None else call.get(0, "a")
    if isinstance(value, Data) and value.kind in ("images", "pairs"):
        axis = call.get("axis", "dim", 0 if call.of is not None else 1)
        axes = axis if isinstance(axis, tuple | list) else (axis,)
        each = 0 not in axes and bool(axes) and all(isinstance(one, int) for one in axes)  # image by image
        return Unknown() if each else Statistic(value.parts, {"var": "std"}.get(call.name.last, call.name.last))
    if isinstance(value, Statistic):
        return value
    return node_or_unknown(call)


def summed(call: Call) -> Any:
    """x.sum(axis=(0, 1, 2)): over images, a statistic of them; all else is something of the same images."""
    axis = call.get("axis", "dim", 0)
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    over = call.of.kind == "images" and not call.of.one and any(isinstance(one, int) and one == 0 for one in axes)
    return Statistic(call.of.parts, "sum") if over else call.unknown


def rooted(call: Call) -> Any:
    """np.sqrt: of a variance, a deviation."""
    value = call.get(0)
    return Statistic(value.of, "std") if isinstance(value, Statistic) else node_or_unknown(call)


def in_parts(call: Call) -> Any:
    """np.array_split(x, 8): all of them, some at a time."""
    value = call.get(0, "ary", "tensor")
    return Stream(value) if isinstance(value, Data) else call.unknown


def extreme(call: Call) -> Any:
    """np.max of images is the largest value, usually 255."""
    value = call.of if call.of is not None else call.get(0)
    if isinstance(value, Data) and value.kind == "images" and value.raw and not value.steps and call.name.last == "max":
        return value.top if not call.values[1:] else Unknown()
    if isinstance(value, Data):
        return Unknown()
    return derived(value, *call.values).point


def identity(call: Call) -> Any:
    """np.eye(10): indexed with labels, it is one-hot."""
    return call.made()


def concatenated(call: Call) -> Any:
    """Images or labels one after another."""
    flat = items_of(call.get(0, "arrays", "seq", "tensors", "datasets")) or call.args
    known = [one for one in flat if isinstance(one, Data)]
    if call.nodes():
        return node_or_unknown(call)
    if not known or len(known) != len(flat):
        return derived(*flat)
    first = known[0]
    parts = frozenset(part for one in known for part in one.parts)
    counts = [one.count for one in known]
    total = sum(count for count in counts if count is not None) if None not in counts else None
    alike = all(one.steps == first.steps and one.encoding == first.encoding for one in known)
    labels = [one.labels for one in known if one.labels]
    found = replace(first, parts=parts, count=total, sure=first.sure and alike, batch=None,
                    copies=frozenset(one for part in known for one in part.copies),
                    labels=replace(labels[0], parts=parts, count=total) if labels else None)  # fmt: skip
    return found.with_copies(call.reading.fresh(BEHIND)) if repeats(call, known) else found


def repeats(call: Call, arrays: list[Data]) -> bool:
    """Whether arrays that are put one after another surely have images in common, as an array and its mirror images."""
    axis = call.get("axis", "dim", 2 if call.name.last == "append" else 1, default=0)
    given = call.get(0, "arrays", "seq", "tensors", "datasets")
    if axis != 0 or call.name.last in ("hstack", "r_") or any(one.one or one.batch is not None for one in arrays):
        return False
    first = call.reading.begun.get(id(given), 0) if id(given) in call.reading.grown else None
    pairs = [(one, other) for i, one in enumerate(arrays) for other in arrays[:i]] if first is None else \
        [(one, other) for one in arrays[:first] for other in arrays[first:]]  # fmt: skip
    return any(overlap(one, other) is True for one, other in pairs)


def repeated(call: Call) -> Any:
    """np.repeat(x, 3, axis=0): each image with copies of itself."""
    value = call.get(0, "a")
    if not isinstance(value, Data) or call.get("axis", 2) != 0:
        return call.unknown
    return value.with_copies(call.reading.fresh(BESIDE))


def permutation(call: Call) -> Any:
    """np.random.permutation(n), np.arange(n), torch.randperm(n): places, in some order."""
    value = call.get(0)
    if call.name.last == "arange" and len(call.args) == 1:
        return places(call.reading.fresh("arange"), (), whole(value))
    how = call.reading.fresh("arange") if call.name.last == "arange" else drawn_order(call, "permutation")
    if isinstance(value, Data) and value.kind != "places":
        return value.shuffle(how)
    return places(how, (), whole(value)).shuffle(how)


def chosen(call: Call) -> Any:
    """np.random.choice, randint: a number, or places. A range that has one number only is written down."""
    from tinylens.lint.source.program import Drawn

    low, high = number(call.get(0, "low")), number(call.get(1, "high"))
    if call.name.last in ("randint", "randrange") and call.get("size", 2) is None:
        first, beyond = (0.0, low) if call.get(1, "high") is None else (low, high)
        beyond = beyond + 1 if beyond is not None and call.name.path == "random.randint" else beyond
        if first is not None and beyond is not None and beyond - first == 1:
            call.reading.program.drawn.append(Drawn(call.place, int(first)))
            return int(first)
    return places(call.reading.fresh("choice"), (Cut(call.reading.fresh("choice")),)) if call.name.last == "choice" \
        else Unknown()  # fmt: skip


def loaded(call: Call) -> Any:
    """np.load: an array of which only the file is known, or several by name."""
    given = call.get(0, "file")
    text = text_of(given)
    if text.endswith(".npz"):
        return Made(Name(f"numpy.{ARCHIVE}"), {"file": text}, call.place)
    return (
        Unknown()
        if text.endswith(".pkl")
        else of_theirs(f"file {given if isinstance(given, str) else call.reading.fresh('array')}")
    )


def of_matlab(call: Call) -> Any:
    """scipy.io.loadmat: of a file of SVHN, known by its name, it is known what is in it."""
    found = re.search(r"(train|test|extra)_32x32(\.mat)?$", text_of(call.get(0, "file_name")))
    return Made(Name("scipy.MatFile"), {"split": found[1]}, call.place) if found else call.unknown


def of_theirs(source: str) -> Data:
    """Images or labels of which nothing is known but that they are one whole; of a file, perhaps of which split."""
    name = source.rpartition("/")[2].removeprefix("file ").partition(".")[0]
    split = role_in(name)
    return Data(kind_in(name), frozenset({Part(source, split or "all")}), sure=False)


def gathered(value: Any) -> Any:
    """Images of which each was made alike, as an array of them."""
    return replace(value.item, one=False) if isinstance(value, Stream) and isinstance(value.item, Data) else value


def array(call: Call) -> Any:
    """np.array, np.asarray of images."""
    value = gathered(call.get(0))
    if isinstance(value, Data) and value.one and makes_floats(call):
        return replace(value, floats=True)
    if isinstance(value, list) and value and all(isinstance(one, Data) and is_item(one) for one in value):
        return of_items(call, value)
    turns = id(value) in call.reading.grown and all(isinstance(one, Symbol) for one in value)
    if isinstance(value, list) and value and (turns or all(map(is_bare, value))):
        return of_theirs(call.reading.fresh("array"))
    if id(value) in call.reading.grown and all(isinstance(one, int | Unknown) for one in value):
        return replace(of_theirs(call.reading.fresh("array")), kind="labels")
    return value if isinstance(value, Data | Node | list | tuple) else derived(value)


def is_item(data: Data) -> bool:
    """Whether it is a single image, or a label."""
    return data.one or (data.kind == "labels" and data.batch is None)


def of_items(call: Call, items: list[Data]) -> Data:
    """Images one by one, as one array: of pictures of files a new one, which may have several of the same."""
    found = items[0]
    for one in items[1:20]:
        found = found.joined(one)
    opened = [sorted(part.source for part in one.parts) for one in items]
    found = replace(found, one=False, count=None)
    if not all(source.startswith(PICTURE) for one in opened for source in one):
        return found
    found = replace(found, parts=frozenset({Part(call.reading.fresh("array"), "all")}))
    again = any(one in opened[:i] for i, one in enumerate(opened))
    return found.with_copies(call.reading.fresh(BESIDE)) if again else found


def is_bare(value: Any) -> bool:
    """Whether nothing is known of a value, as of a picture that was read from a file."""
    return type(value) is Unknown and not value.of and not value.judged


def where(call: Call) -> Any:
    """A condition on images: places."""
    return places(call.reading.fresh("where"), (Cut(call.reading.fresh("where")),))


FUNCTIONS = {
    **{f"numpy:{name}": same for name in (
        "expand_dims", "reshape", "squeeze", "float32", "float64", "copy", "transpose", "moveaxis", "rollaxis", "ravel",
        "ascontiguousarray", "swapaxes", "nan_to_num", "float16", "clip")},
    **{f"numpy:{name}": array for name in ("array", "asarray", "stack", "asanyarray", "uint8")},
    **{f"numpy:{name}": reduced for name in ("mean", "std", "var", "average", "nanmean")},
    **{f"numpy:{name}": extreme for name in ("max", "min", "amax", "amin")},
    **{f"numpy:{name}": concatenated for name in ("concatenate", "vstack", "append", "hstack", "r_")},
    "torch:ConcatDataset": concatenated,
    "numpy:repeat": repeated,
    "numpy:array_split": in_parts,
    "numpy:sqrt": rooted,
    **{f"numpy:{name}": permutation for name in ("permutation", "arange")},
    "torch:randperm": permutation,
    "torch:arange": permutation,
    "numpy:randint": chosen,
    "random:randint": chosen,
    "random:randrange": chosen,
    "numpy:choice": chosen,
    "numpy:eye": identity,
    "numpy:identity": identity,
    "numpy:where": where,
    "numpy:load": loaded,
    "scipy:loadmat": of_matlab,
}  # fmt: skip
METHODS = {
    **{f"any.{name}": same for name in ("tolist", "item", "numpy")},
    **{f"data.{name}": same for name in (
        "astype", "reshape", "copy", "transpose", "squeeze", "float", "numpy", "to", "cuda", "cpu", "view", "long",
        "double", "half", "flatten", "ravel", "permute", "unsqueeze", "contiguous", "detach", "clone", "type", "int",
        "requires_grad_", "swapaxes", "tolist", "byte", "expand", "type_as", "item", "mps", "pin_memory", "clip",
        "numpy_", "to_numpy")},
    **{f"data.{name}": reduced for name in ("mean", "std", "var")},
    "data.sum": summed,
    **{f"data.{name}": extreme for name in ("max", "min")},
    **{f"{kind}.{name}": handler for kind in GENERATORS for name, handler in (
        ("permutation", permutation), ("choice", chosen), ("randint", chosen), ("integers", chosen))},
}  # fmt: skip
