"""What Hugging Face's `datasets` does: splits by name, and functions that prepare images when they are asked for."""

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import SETS, Cut, Data, Part, Split
from tinylens.lint.source.items import LABEL_KEYS
from tinylens.lint.source.library.arrays import gathered
from tinylens.lint.source.library.pipelines import one_split
from tinylens.lint.source.values import Function, Made, Name, Unknown, number, text_of

IMAGE_KEYS = ("image", "img", "images", "pixel_values")  # what columns of images are called
SPLITS: tuple[Split, ...] = ("train", "test", "validation")
BEGINS = "hub "  # the source of images that are loaded so


def load(call: Call) -> Any:
    """load_dataset(name, split="train[:80%]"): one split, or all by name."""
    path = text_of(call.get(0, "path"))
    folder = text_of(call.get("data_dir")) or text_of(call.get("data_files"))
    name = path.rpartition("/")[2] if not folder else f"{path} {folder}"
    split = call.get("split")
    if not path or not isinstance(split, str | list | None):
        return call.unknown
    if split is None:
        return {word: one(call, name, word) for word in SPLITS}
    return one(call, name, split) if isinstance(split, str) else [one(call, name, word) for word in split]


def one(call: Call, name: str, split: Any) -> Any:
    """A split by its text."""
    found = one_split(call, name, split)
    if not isinstance(found, Data):
        return found
    labels = found.labels and replace(found.labels, parts=hub_parts(found.labels))
    known = name in SETS
    return replace(found, parts=hub_parts(found), labels=labels, source=found.source if known else "hub")


def hub_parts(data: Data) -> frozenset[Part]:
    """Where images come from, marked as loaded so: their methods have the names of other libraries'."""
    return frozenset(replace(part, source=BEGINS + part.source) for part in data.parts)


def of_hub(data: Any) -> bool:
    """Whether images were loaded so."""
    return isinstance(data, Data) and any(part.source.startswith(BEGINS) for part in data.parts)


def prepared(call: Call) -> Any:
    """data.with_transform(function), data.map(function): each batch after the function."""
    return with_function(call, call.of, call.get(0, "transform", "function"), alone=False)


def mapped(call: Call) -> Any:
    """data.map(function, batched=True)."""
    return with_function(call, call.of, call.get(0, "function"), alone=call.get("batched") is not True)


def prepared_in_place(call: Call) -> None:
    """data.set_transform(function)."""
    target = call.node.func.value if call.node is not None and isinstance(call.node.func, ast.Attribute) else None
    if isinstance(target, ast.Name):
        call.reading.scope.names[target.id] = prepared(call)


def with_function(call: Call, data: Data, function: Any, *, alone: bool) -> Data:
    """Images as a function of theirs makes them, which gets a batch, or an example, by the names of columns."""
    from tinylens.lint.source.calling import enter

    if not isinstance(function, Function):
        return data.unsure()
    images = replace(data, kind="images", labels=None, one=alone)
    labels = data.labels or Data("labels", data.parts)
    columns = dict.fromkeys(IMAGE_KEYS[:3], images) | dict.fromkeys(LABEL_KEYS, labels)
    result = enter(call.reading, function, [dict(columns)], {})
    made = [gathered(result.get(key)) for key in reversed(IMAGE_KEYS)] if isinstance(result, dict) else []
    found = next((one for one in made if isinstance(one, Data) and one is not images), None)
    if found is None:
        return data if isinstance(result, dict) and any(one is images for one in made) else data.unsure()
    return replace(found, kind="pairs", labels=data.labels, one=False, batch=data.batch, shuffled=data.shuffled,
                   count=data.count)  # fmt: skip


def split_in_two(call: Call) -> Any:
    """data.train_test_split(test_size=0.1): both parts by name; what is called test here is mostly for validation."""
    share, seed = number(call.get(0, "test_size")), number(call.get("seed"))
    knife = f"hub split {share} seed {seed}" if seed is not None else call.reading.fresh("hub split")
    found = Made(Name("datasets.DatasetDict"), {}, call.place)
    sides: tuple[tuple[str, Split | None], ...] = (("train", "train"), ("test", None))
    found.fields |= {key: call.of.cut(Cut(knife, key, role=role)) for key, role in sides}
    return found


def shuffled(call: Call) -> Data:
    """data.shuffle(seed=0): another order, once."""
    data: Data = call.of
    return data.shuffle(call.reading.fresh("shuffle"))


def on_each(method: Callable[[Call], Any]) -> Callable[[Call], Any]:
    """What a method does with each of the splits that are held by name."""

    def handler(call: Call) -> Any:
        if not all(map(of_hub, call.of.values())):
            return Unknown()
        return {key: method(replace(call, of=data)) for key, data in call.of.items()}

    return handler


def same(call: Call) -> Any:
    """What leaves images and their order as they are."""
    return call.of


FUNCTIONS = {"datasets:load_dataset": load}
METHODS = {
    "data.with_transform": prepared,
    "data.set_transform": prepared_in_place,
    "data.train_test_split": split_in_two,
    "dict.map": on_each(mapped),
    "dict.with_transform": on_each(prepared),
    **{f"data.{name}": same for name in (
        "rename_column", "rename_columns", "remove_columns", "cast_column", "with_format", "set_format")},
}  # fmt: skip
