"""Contexts: what holds inside a with block, of what libraries and they themselves give to open one."""

import ast
from collections.abc import Callable
from typing import Any

from tinylens.lint.source.calling import bound_to, enter, entered, parameters
from tinylens.lint.source.reading import Leave, Reading
from tinylens.lint.source.values import Function, Made, Scope, Thing, Unknown

Body = Callable[[Any], None]  # what is done inside, with the value that is given to it


def with_block(reading: Reading, node: ast.With | ast.AsyncWith) -> None:
    """With: its items are opened one inside the other, and the block is gone through inside them all."""
    open_one(reading, node.items, node.body)


def open_one(reading: Reading, items: list[ast.withitem], body: list[ast.stmt]) -> None:
    """Open the first item, and inside it the rest."""
    from tinylens.lint.source.expressions import evaluate
    from tinylens.lint.source.statements import bind, run

    if not items:
        run(reading, body)
        return

    def inside(value: Any) -> None:
        if items[0].optional_vars is not None:
            bind(reading, items[0].optional_vars, value)
        open_one(reading, items[1:], body)

    opened(reading, evaluate(reading, items[0].context_expr), inside)


def opened(reading: Reading, value: Any, inside: Body) -> None:
    """Do what is inside of a value that opens a block."""
    if isinstance(value, Made) and "manager" in value.fields:
        function, args, named = value.fields["manager"]
        by_generator(reading, function, args, named, inside)
    elif isinstance(value, Thing) and isinstance(value.cls.lookup("__enter__"), Function):
        by_methods(reading, value, inside)
    else:
        off = turns_gradients_off(value)
        reading.no_grad += off
        try:
            inside(value)
        finally:
            reading.no_grad -= off


def turns_gradients_off(value: Any) -> int:
    """1 where no gradients are kept inside, else 0."""
    if not isinstance(value, Made):
        return 0
    told = value.kind == "set_grad_enabled" and value.get(0, "mode") is not True
    return int(told or value.kind in ("no_grad", "inference_mode"))


def by_generator(reading: Reading, function: Function, args: list[Any], named: dict[str, Any], inside: Body) -> None:
    """A function with @contextmanager: what is inside the block is done where the function yields."""
    frames, scope, depth = reading.frames, reading.scope, len(reading.frames)
    left: list[Leave] = []
    done: list[bool] = []

    def at_yield(value: Any) -> None:
        done.append(True)
        reading.frames = frames[:depth]
        try:
            with reading.within(scope):
                inside(value)
        except Leave as leave:
            left.append(leave)  # goes on only after what the function does at its end
        finally:
            reading.frames = frames

    if not reading.is_under_way(function):
        entered(reading, function, Scope(parameters(function, args, named), function.scope), args, at_yield)
    if not done:
        inside(Unknown())
    if left:
        raise left[0]


def by_methods(reading: Reading, thing: Thing, inside: Body) -> None:
    """An object with __enter__ and __exit__."""
    inside_of, end = thing.cls.lookup("__enter__"), thing.cls.lookup("__exit__")
    try:
        inside(enter(reading, bound_to(inside_of, thing), [], {}))
    finally:
        if isinstance(end, Function):
            enter(reading, bound_to(end, thing), [None, None, None], {})
