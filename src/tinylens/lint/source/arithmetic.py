"""Arithmetic: on numbers, on images, and on what comes out of layers."""

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.data import PICTURE, Data, Step
from tinylens.lint.source.deriving import derived, parts_of
from tinylens.lint.source.items import TABLE
from tinylens.lint.source.network import Layer, Node
from tinylens.lint.source.noting import note_path
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.table import of_rows
from tinylens.lint.source.values import Made, Statistic, Unknown, number, text_of

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
STEPS = {ast.Div: "divide", ast.Mult: "multiply", ast.Sub: "subtract", ast.Add: "add", ast.FloorDiv: "divide"}
LONGEST = 1000  # of a list or text that is computed
LARGEST = 1e12


def computed(reading: Reading, op: ast.operator, left: Any, right: Any, place: Place) -> Any:
    """The result of an operator."""
    if any(isinstance(one, Unknown) and one.judged for one in (left, right)):
        return text_joined(op, left, right) if str in (type(left), type(right)) else derived(left, right)
    if isinstance(left, Data) or isinstance(right, Data):
        return on_data(op, left, right, place)
    if isinstance(left, Node) or isinstance(right, Node):
        return on_node(op, left, right, place)
    if isinstance(left, Made) and left.kind == TABLE and number(right) is not None and type(op) in STEPS:
        step = Step(STEPS[type(op)], number(right), place)
        return of_rows(left.fields["rows"], (*left.fields["steps"], step), left.place)
    if isinstance(left, Statistic) or isinstance(right, Statistic):
        return of_statistics(left, right)
    if number(left) is not None and number(right) is not None:
        return of_numbers(op, left, right)
    if isinstance(op, ast.Add) and isinstance(left, list | tuple) and type(left) is type(right):
        return type(left)([*left, *right]) if len(left) + len(right) <= LONGEST else Unknown()
    if isinstance(op, ast.Mult) and isinstance(left, list | tuple) and isinstance(right, int):
        return left * right if 0 <= right * len(left) <= LONGEST else Unknown()
    if isinstance(op, ast.Add | ast.Div) and (isinstance(left, str) or isinstance(right, str)):
        note_path(reading, *(right,) if isinstance(op, ast.Div) else ())
        return text_joined(op, left, right)
    return derived(left, right)


def is_name_of_file(value: Any) -> bool:
    """Whether a value is one picture of several, by name, which is not opened yet."""
    return isinstance(value, Data) and value.one and value.kind == "images" and value.source != PICTURE


def of_statistics(left: Any, right: Any) -> Statistic:
    """A statistic after arithmetic, as a mean that is put together from sums over parts."""
    kinds = [one.kind for one in (left, right) if isinstance(one, Statistic)]
    return Statistic(parts_of(left, right), "mean" if kinds[0] == "sum" else kinds[0])


def text_joined(op: ast.operator, left: Any, right: Any) -> Any:
    """Two texts as one, or a path below another."""
    between = "/" if isinstance(op, ast.Div) else ""
    if isinstance(left, str) and isinstance(right, str) and not between:
        return left + right if len(left) + len(right) <= LONGEST else Unknown()
    return replace(derived(left, right), text=between.join(text_of(one) or "?" for one in (left, right))[:LONGEST])


def of_numbers(op: ast.operator, left: int | float, right: int | float) -> Any:
    """A number, where it is not made to be too large to compute."""
    if type(op) not in OPERATORS or abs(left) > LARGEST or abs(right) > LARGEST:
        return Unknown()
    if isinstance(op, ast.Pow) and (abs(right) > 64 or abs(left) > 1e6):
        return Unknown()
    try:
        found = OPERATORS[type(op)](left, right)
    except (ArithmeticError, ValueError):
        return Unknown()
    return found if isinstance(found, int | float) else Unknown()


def on_data(op: ast.operator, left: Any, right: Any, place: Place) -> Any:
    """Images or labels after arithmetic with a number or a statistic; of all else, only whence they come is kept."""
    if is_name_of_file(right) and isinstance(op, ast.Div) and number(left) is None:
        return right  # the path of the same picture
    if not isinstance(left, Data):
        if not isinstance(op, ast.Mult | ast.Add) or (isinstance(right, Data) and isinstance(left, Unknown)):
            return right.unsure() if isinstance(op, ast.Mult | ast.Add) else derived(left, right)
        left, right = right, left
    if isinstance(right, Data):
        return derived(left, right) if left.kind == "labels" or right.kind == "labels" else left.unsure()
    if left.kind == "places":
        return left
    kind = STEPS.get(type(op))
    by = number(right) if number(right) is not None else right
    if isinstance(by, tuple | list) and all(number(one) is not None for one in by):
        by = tuple(by)
    if kind is None or not isinstance(by, float | tuple | Statistic):
        return left.unsure()
    if kind in ("divide", "multiply") and by == 1:
        return left
    return left.done(kind, by, place)


def on_node(op: ast.operator, left: Any, right: Any, place: Place) -> Any:
    """What comes out of a layer after arithmetic: with another such, both are merged."""
    nodes = tuple(one for one in (left, right) if isinstance(one, Node))
    if len(nodes) == 1:
        other = right if isinstance(left, Node) else left
        known = number(other) is not None
        scaled = isinstance(op, ast.Div | ast.Mult | ast.Sub | ast.Add) and known
        is_input = nodes[0].layer is None or nodes[0].layer.role in ("input", "prepare")
        layer = Layer("prepare" if is_input and scaled else "reshape" if scaled else "other", "arithmetic", place)
    else:
        layer = Layer("merge", "arithmetic", place)
    return Node(layer, nodes, nodes[0].data, nodes[0].network)


def range_after(data: Data) -> tuple[float, float] | None:
    """The least and largest value that images can have after all steps; None where that is not known.

    Statistics bring them near 0: to about -3 .. 3.
    """
    if not data.raw or not data.sure:
        return None
    low, high = 0.0, data.top
    for step in data.steps:
        found = after_step(low, high, step.kind, step.numbers)
        if found is None:
            return None
        low, high = found
    return min(low, high), max(low, high)


def after_step(low: float, high: float, kind: str, by: Any) -> tuple[float, float] | None:
    """Both ends after one step."""
    if kind in ("standardise", "normalise"):
        return -3.0, 3.0
    if kind == "to_unit":
        return (low / 255, high / 255) if high > 1.5 else (low, high)
    if isinstance(by, Statistic):
        return (-3.0, 3.0) if kind == "divide" else (low, high) if by.kind == "std" else (-high / 2, high / 2)
    if not isinstance(by, float) or (kind == "divide" and by == 0):
        return None if isinstance(by, float) or kind in ("divide", "multiply") else (low, high)
    change: dict[str, Callable[[float], float]] = {
        "divide": lambda v: v / by,
        "multiply": lambda v: v * by,
        "subtract": lambda v: v - by,
        "add": lambda v: v + by,
    }
    return (change[kind](low), change[kind](high)) if kind in change else None
