"""What mathematical functions of all libraries give for numbers that are known, as in a schedule of theirs."""

import math
from collections.abc import Callable
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.values import number

ROOTS = ("math", "numpy", "tensorflow", "keras", "torch")
SAME = ("cast", "constant", "convert_to_tensor", "float32", "float64", "asarray")  # of a number, the number
PLAIN: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in ("cos", "sin", "tanh", "exp", "log", "log2", "log10", "sqrt")},
    "rsqrt": lambda v: 1 / math.sqrt(v),
    "square": lambda v: v * v,
    "floor": math.floor,
    "ceil": math.ceil,
    "minimum": min,
    "maximum": max,
    "pow": math.pow,
    "power": math.pow,
    "divide": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b,
    "floor_divide": lambda a, b: a // b,
    "multiply": lambda a, b: a * b,
    "subtract": lambda a, b: a - b,
    "add": lambda a, b: a + b,
    "clip": lambda v, low, high: min(max(v, low), high),
    "clip_by_value": lambda v, low, high: min(max(v, low), high),
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def reckoned(call: Call) -> Any:
    """The number, or the answer, that a function gives for what is known; None where it is no such."""
    name, first = call.name.last, call.values[0] if call.values else None
    if call.name.root not in ROOTS:
        return None
    if name in SAME:
        return None if number(first) is None else first
    if name in ("where", "cond", "select") and isinstance(first, bool) and len(call.values) >= 3:
        return chosen(call, call.values[1 if first else 2])
    values = [*call.args, *(value for key, value in call.named.items() if key not in ("name", "dtype"))]
    known = [one for one in map(number, values) if one is not None]
    if name not in PLAIN or not known or len(known) < len(values):
        return None
    try:
        return PLAIN[name](*known)
    except (ArithmeticError, ValueError, TypeError):
        return None


def chosen(call: Call, value: Any) -> Any:
    """One of two values; of what makes one, as tf.cond takes it, what that makes."""
    from tinylens.lint.source.calling import call as called

    return called(call.reading, value, [], {}, call.place) if call.name.last == "cond" else value
