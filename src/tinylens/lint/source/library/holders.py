"""What dictionaries do, and grids of settings: all ways to take one value of each of several lists."""

import itertools
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.choosing import note_kept
from tinylens.lint.source.items import items_of, under
from tinylens.lint.source.values import Unknown, Weights

MOST = 64  # settings of a grid that are kept one by one


def pairs_of(call: Call) -> Any:
    """dict.items."""
    return [(key, under(key, value)) for key, value in call.of.items()]


def values_of(call: Call) -> Any:
    """dict.values."""
    return list(call.of.values())


def is_key(value: Any) -> bool:
    """Whether a value is known and may be a key."""
    return isinstance(value, str | int | float)


def get(call: Call) -> Any:
    """dict.get."""
    key = call.get(0)
    return call.of.get(key, call.get(1)) if is_key(key) else Unknown()


def made(call: Call) -> Any:
    """dict(a=1), dict(other), dict(pairs); Unknown where it is not known what it is made of."""
    if not call.args:
        return dict(call.named)
    given = call.args[0]
    if isinstance(given, dict):
        return given | call.named
    if isinstance(given, Weights):
        return given
    pairs = items_of(given)
    if pairs is None or not all(isinstance(one, tuple | list) and len(one) == 2 and is_key(one[0]) for one in pairs):
        return Unknown()
    return dict(pairs) | call.named


def copied(call: Call) -> Any:
    """dict.copy: another one, so that what is taken out of it stays in the first."""
    return dict(call.of)


def popped(call: Call) -> Any:
    """dict.pop."""
    key = call.get(0)
    if not is_key(key):
        return Unknown()
    found = call.of.get(key, call.get(1, default=Unknown()))
    if not call.reading.unsure:
        call.of.pop(key, None)
    return found


def note_put(call: Call) -> None:
    """Write down weights that are put into a dictionary or list where a figure is the best."""
    if call.node is not None:
        note_kept(call.reading, call.node, call.values)


def updated(call: Call) -> Any:
    """dict.update."""
    given = call.get(0, default={})
    note_put(call)
    call.of.update((given if isinstance(given, dict) else {}) | call.named)
    return None


def set_default(call: Call) -> Any:
    """dict.setdefault."""
    key = call.get(0)
    return call.of.setdefault(key, call.get(1)) if is_key(key) else Unknown()


def product(call: Call) -> Any:
    """itertools.product(rates, sizes): all ways to take one of each, where these are few."""
    lists = [items_of(one) for one in call.args]
    known = [one for one in lists if one is not None]
    repeat = call.named.get("repeat", 1)
    if len(known) != len(lists) or repeat != 1:
        return call.unknown
    found = list(itertools.islice(itertools.product(*known), MOST + 1))
    return found if len(found) <= MOST else call.unknown


def grid(call: Call) -> Any:
    """sklearn.model_selection.ParameterGrid({"lr": rates}): the same, each as a dictionary."""
    lists = call.get(0, "param_grid")
    if not isinstance(lists, dict):
        return call.unknown
    inner = Call(call.reading, call.name, list(lists.values()), {}, call.place)
    found = product(inner)
    return [dict(zip(lists, one, strict=True)) for one in found] if isinstance(found, list) else found


FUNCTIONS = {
    "builtins:dict": made,
    "itertools:product": product,
    "sklearn:ParameterGrid": grid,
}
METHODS = {
    "dict.items": pairs_of,
    "dict.values": values_of,
    "dict.keys": lambda call: list(call.of),
    "dict.get": get,
    "dict.copy": copied,
    "dict.pop": popped,
    "dict.update": updated,
    "dict.setdefault": set_default,
}
