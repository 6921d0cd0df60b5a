"""Storing: what becomes of a value that is given to a name, a member or an item."""

import ast
from dataclasses import replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import Data, Step, by_name
from tinylens.lint.source.expressions import evaluate
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.library.pictures import RANDOM, flattened
from tinylens.lint.source.network import ROLES, Network
from tinylens.lint.source.noting import note_cleared, note_frozen, note_hidden
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.table import on_rows, rows_of
from tinylens.lint.source.values import Class, Made, Thing, Unknown, Weights

PARTS_OF_SETS = ("transform", "transforms", "dataset", "data", "targets", "labels", "samples", "imgs")


def called(value: Any, name: str) -> Any:
    """A value under a name: that may say of which split images are that are not known otherwise."""
    if isinstance(value, Data) or rows_of(value) is not None:
        return on_rows(value, lambda data: data.with_role(name))
    if isinstance(value, Network):
        value.name = name
    if type(value) is Unknown and not value.of and not value.text and not value.judged:
        return by_name(name) or value
    return value


def set_member(reading: Reading, owner: Any, name: str, value: Any, node: ast.expr) -> None:
    """owner.name = value."""
    if name in ("learning_rate", "lr") and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
        set_rate(reading, node.value, value)
    if name == "grad" and value is None:
        note_cleared(reading, node)
    if name in ("trainable", "requires_grad"):
        note_frozen(reading, owner, value)
    if isinstance(owner, Thing):
        owner.fields[name] = called(value, name)
        note_hidden(reading, owner, name, value, reading.place(node))
    elif isinstance(owner, Network | Made):
        owner.fields[name] = value
        if isinstance(owner, Network) and (isinstance(value, Network) or is_layer(value)):
            owner.renewed.append(reading.place(node))
    elif isinstance(owner, Class):
        owner.names[name] = value
    elif isinstance(owner, Data) and name in PARTS_OF_SETS:
        change_inside(reading, name, value, node)


def is_layer(value: Any) -> bool:
    """Whether a value is a layer that has weights."""
    return isinstance(value, Made) and ROLES.get(value.kind) == "linear"


def change_inside(reading: Reading, name: str, value: Any, node: ast.expr) -> None:
    """subset.dataset.transform = other, dataset.targets = others: what the name stands for is not as it was."""
    place, depth = reading.place(node), 0
    while isinstance(node, ast.Attribute):
        node, depth = node.value, depth + 1
    held = evaluate(reading, node)
    if not isinstance(held, Data) or not isinstance(node, ast.Name):
        return
    if isinstance(value, Made):
        value.fields["used"] = True
    if name == "transform" and depth == 2:
        share_transform(reading, held, value, place)
    random = () if name in ("transform", "transforms", "dataset") else held.random
    holder = reading.fresh("data set") if name == "dataset" else held.holder
    reading.scope.bind(node.id, replace(held.unsure().of_fewer(), random=random, count=None, holder=holder))


def share_transform(reading: Reading, part: Data, value: Any, place: Place) -> None:
    """Of parts of one data set, that of one of them gets another transform: all of them have it then."""
    random = tuple(Step(one.kind, one, one.place) for one in flattened(value)
                   if isinstance(one, Made) and one.kind in RANDOM)  # fmt: skip
    for scope in (reading.scope, reading.scope.outermost):
        for name, other in list(scope.names.items()):
            if isinstance(other, Data) and part.holder and other.holder == part.holder and other.parts != part.parts:
                if other.random and not random:
                    reading.program.overwritten.append((place, other))
                scope.names[name] = replace(other.unsure(), random=random)


def set_rate(reading: Reading, optimizer: ast.Attribute, value: Any) -> None:
    """model.optimizer.learning_rate = value."""
    network = network_of(evaluate(reading, optimizer.value)) if optimizer.attr == "optimizer" else None
    if network is not None:
        network.fields["rate"] = value


def set_item(reading: Reading, target: ast.Subscript, value: Any) -> None:
    """owner[index] = value. An array that is filled with images is images."""
    owner, index = evaluate(reading, target.value), evaluate(reading, target.slice)
    if isinstance(owner, dict):
        owner[index if isinstance(index, str | int | float) else f"?{len(owner)}"] = value
    elif isinstance(owner, list):
        if isinstance(index, int) and -len(owner) <= index < len(owner):
            owner[index] = value
    elif isinstance(owner, Network) and owner.sequential and isinstance(index, int):
        at = index if index >= 0 else index + len(owner.layers)
        if 0 <= at < len(owner.layers):
            owner.layers[at] = value
    elif isinstance(owner, Weights):
        owner.of = None  # not only its own any more
    elif isinstance(target.value, ast.Name) and isinstance(owner, Data):
        reading.scope.names[target.value.id] = owner.unsure()
    elif isinstance(target.value, ast.Name) and isinstance(value, Data) and not isinstance(owner, Made):
        reading.scope.names[target.value.id] = replace(value, one=False)
