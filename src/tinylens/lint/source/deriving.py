"""Deriving: what is known of a value that is made of others, or is one of two."""

from typing import Any

from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.network import Node
from tinylens.lint.source.values import Name, Statistic, Stream, Symbol, Unknown, Weights


def parts_of(*values: Any) -> frozenset[Part]:
    """The images that values come from."""
    found: frozenset[Part] = frozenset()
    for value in values:
        if isinstance(value, Data):
            found |= value.parts
        elif isinstance(value, Unknown | Statistic):
            found |= value.of
        elif isinstance(value, Node):
            found |= parts_of(value.data)
        elif isinstance(value, tuple | list):
            found |= parts_of(*value[:20])
    return found


def derived(*values: Any) -> Unknown:
    """Something unknown that was computed from these."""
    single = [value.item if isinstance(value, Stream) else value for value in values]
    flat = [one for value in single for one in (value if isinstance(value, tuple | list) else [value])]
    judged = [one for one in flat if isinstance(one, Node) or (isinstance(one, Unknown) and one.judged)]
    models = [one.network if isinstance(one, Node) else one.model for one in judged]
    text = next((one.text for one in flat if isinstance(one, Unknown) and one.text), "")
    curves = {one.curve if isinstance(one, Unknown) else "" for one in judged}
    of = parts_of(*(judged or flat))  # a figure is of the images that were judged, not of the labels beside them
    model = next((model for model in models if model is not None), None)
    return Unknown(of, text, bool(judged), model, curves.pop() if len(curves) == 1 else "")


def join(one: Any, other: Any) -> Any:
    """What a name stands for after a choice between two values: what both say, else Unknown."""
    if one is other or (type(one) is type(other) and is_plain(one) and one == other):
        return one
    if isinstance(one, Data) and isinstance(other, Data):
        return one.joined(other)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return tuple(join(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        return {key: join(value, other[key]) for key, value in one.items()}
    if one is None or other is None:
        known = other if one is None else one
        return known if isinstance(known, Data | Weights) else derived(known)
    if isinstance(one, Weights) and isinstance(other, Weights) and one.of is other.of:
        return one
    return derived(one, other)


def is_plain(value: Any) -> bool:
    """Whether a value is a number, text, or something frozen that can be compared."""
    return isinstance(value, str | int | float | bool | Name | Statistic | Symbol | Data | tuple | list | None)
