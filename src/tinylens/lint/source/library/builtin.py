"""What Python's own functions do."""

import ast
from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Cut, Data, Part
from tinylens.lint.source.deriving import derived, parts_of
from tinylens.lint.source.items import items_of, one_item
from tinylens.lint.source.library.holders import note_put
from tinylens.lint.source.library.texts import BEST
from tinylens.lint.source.network import Network, Node
from tinylens.lint.source.program import Choice
from tinylens.lint.source.table import on_rows, rows_of
from tinylens.lint.source.values import (
    Made,
    Name,
    Statistic,
    Stream,
    Symbol,
    Thing,
    Unknown,
    Weights,
    number,
    weights_in,
    whole,
)

SHORT = 64  # numbers of a range that are kept one by one


def ranged(call: Call) -> Any:
    """range: its numbers, where they are few; else places."""
    ends = [whole(one) for one in call.args]
    if call.args and all(end is not None for end in ends):
        known = range(*(end for end in ends if end is not None)) if 0 not in ends[2:] and len(ends) < 4 else range(0)
        if len(known) <= SHORT:
            return list(known)
    start, stop = (0, call.get(0)) if len(call.args) == 1 else (call.get(0), call.get(1))
    return places("range", (Cut("slice", start=shown(start), stop=shown(stop)),), whole(stop))


def shown(value: Any) -> Any:
    """The end of a range: a number, or a text that stands for one."""
    known = whole(value)
    return known if known is not None else value.text if isinstance(value, Symbol) else f"?{id(value)}"


def places(source: str, cuts: tuple[Cut, ...] = (), count: int | None = None) -> Data:
    """Places of images."""
    return Data("places", frozenset({Part(source, "all", cuts)}), count=count)


def length(call: Call) -> Any:
    """len: of what gives batches, how many of them."""
    value = rows_of(call.get(0)) or call.get(0)
    if isinstance(value, Data) and value.batch is not None and value.kind != "places":
        size = whole(value.batch)
        known = value.count is not None and bool(size)
        return -(-value.count // size) if known else Symbol(f"len({sorted(map(repr, value.parts))} in batches)")  # type: ignore[operator]
    if isinstance(value, Data):
        return value.count if value.count is not None else Symbol(f"len({sorted(map(repr, value.parts))})")
    items = items_of(value)
    return len(items) if items is not None else Symbol(f"len({ast.unparse(call.node)})") if call.node else Unknown()


def listed(call: Call) -> Any:
    """list, tuple, sorted, set: the same items. A range that is kept as a list is all there is."""
    value = call.get(0)
    if not call.args and call.name.last == "list":
        return []
    if isinstance(value, Statistic | Weights):
        return value
    if isinstance(value, Data):
        whole_range = value.kind == "places" and all(part.source == "range" for part in value.parts)
        starts_at_0 = all(cut.start == 0 for part in value.parts for cut in part.cuts)
        return places(call.reading.fresh("list"), (), value.count) if whole_range and starts_at_0 else value
    items = items_of(value)
    return items if items is not None else value if isinstance(value, Stream) else derived(value)


def zipped(call: Call) -> Any:
    """zip. zip(*pairs) makes lists of what stands in the first place of each, in the second, and so on."""
    row = one_item(spread(call))
    if isinstance(row, tuple) and not call.args:
        return tuple(Stream(one) for one in row)
    lists = [items_of(one) for one in call.args]
    known = [one for one in lists if one is not None]
    if len(known) == len(lists) and lists:
        return [tuple(row) for row in zip(*known, strict=False)]
    return Stream(tuple(one_item(one) for one in call.args))


def spread(call: Call) -> Any:
    """What a star spreads as the only argument, where its length is not known."""
    from tinylens.lint.source.expressions import evaluate

    given = call.node.args if call.node is not None and not call.complete else []
    alone = len(given) == 1 and isinstance(given[0], ast.Starred) and isinstance(given[0].value, ast.Name)
    return evaluate(call.reading, given[0]) if alone else None


def enumerated(call: Call) -> Any:
    """enumerate."""
    items = items_of(call.get(0))
    if items is not None:
        return [tuple(pair) for pair in enumerate(items)]
    return Stream((Unknown(), one_item(call.get(0))))


def same(call: Call) -> Any:
    """What gives back what it is given, for us: tqdm, iter, reversed, a copy."""
    return call.get(0, "iterable", default=Unknown())


def copied(call: Call) -> Any:
    """copy.deepcopy: of a network another one, whose weights are those that it had then; of all else the same."""
    value = call.get(0, "x")
    if weights_in(value) is not None:
        return derived(value)
    network = value.network if isinstance(value, Thing) else value
    if not isinstance(network, Network):
        return same(call)
    found = replace(network, place=call.place, fits=[], resets=1, fields=dict(network.fields), copy=True)
    call.reading.program.networks.append(found)
    if not isinstance(value, Thing):
        return found
    found.thing = Thing(value.cls, call.place, dict(value.fields), found)
    return found.thing


def part_of(call: Call) -> Any:
    """itertools.islice: of what goes on and on, the same."""
    value = call.get(0)
    return value if isinstance(value, Stream) else call.unknown


def again(call: Call) -> Any:
    """itertools.cycle: the same batches, again and again."""
    value = call.get(0)
    return Stream(one_item(value)) if isinstance(value, Data | Stream) else call.unknown


def following(call: Call) -> Any:
    """next."""
    return one_item(call.get(0))


def extreme(call: Call) -> Any:
    """max, min. The best of figures of test images is a choice by them; one that is kept within bounds is not."""
    known = [number(one) for one in call.args]
    if len(known) > 1 and all(one is not None for one in known):
        numbers = [one for one in call.args if isinstance(one, int | float)]
        return max(numbers) if call.name.last == "max" else min(numbers)
    found = call.unknown
    if "key" in call.named:
        return best_setting(call)
    if not isinstance(found, Unknown) or not found.judged or not found.of:
        return found
    figures = [one for one in call.args if isinstance(one, Unknown) and one.judged]
    if is_row(call) or (len(call.args) > 1 and len(figures) < 2):
        return found
    if len(call.args) > 1:
        call.reading.program.choices.append(Choice(call.place, found.of, BEST))
    return replace(found.point, text=BEST)  # a choice where it is told or kept as the best, not where it scales a plot


def best_setting(call: Call) -> Any:
    """max(figures, key=figures.get): which of several settings is the best, by figures of images that were judged."""
    group = call.get(0)
    held = list(group.values()) if isinstance(group, dict) else items_of(group) or []
    within = [one for value in held for one in (value if isinstance(value, tuple | list) else [value])]
    within = [one for value in within for one in (value.values() if isinstance(value, dict) else [value])]
    figures = [one for one in within if isinstance(one, Unknown) and one.judged and one.of]
    if figures:
        call.reading.program.choices.append(Choice(call.place, parts_of(*figures), BEST))
    return call.unknown


def is_row(call: Call) -> bool:
    """Whether something is asked of one row of an array, as of the probabilities of one image."""
    first = call.node.args[0] if call.node is not None and call.node.args else None
    return isinstance(first, ast.Subscript) and isinstance(first.slice, ast.Constant) and first.slice.value == 0


def figure(call: Call) -> Any:
    """int, float, round, abs: of a number."""
    value = call.get(0)
    known = number(value)
    if isinstance(value, Data) and value.kind != "places":
        return value  # one label, of an array of them
    if known is None:
        return Symbol(ast.unparse(call.node)) if isinstance(value, Symbol) and call.node else derived(value)
    kinds: dict[str, Any] = {"int": int, "float": float, "abs": abs, "round": round, "ceil": lambda v: -int(-v // 1)}
    return kinds.get(call.name.last, lambda v: v)(known)


def appended(call: Call) -> Any:
    """list.append."""
    note_put(call)
    if isinstance(call.of, list) and len(call.of) < 500 and call.args:
        if any(items_of(value) is None for value in call.reading.loop_values):
            call.reading.grown[id(call.of)] = call.of
            call.reading.begun.setdefault(id(call.of), len(call.of))
        call.of.append(call.args[0])
    return None


def extended(call: Call) -> Any:
    """list.extend."""
    items = items_of(call.get(0))
    if items is not None and len(call.of) + len(items) < 500:
        call.of.extend(items)
    return None


def inserted(call: Call) -> Any:
    """list.insert."""
    at = whole(call.get(0))
    if at is not None and len(call.args) > 1:
        call.of.insert(at, call.args[1])
    return None


def got(call: Call) -> Any:
    """getattr of a library's module with a name that is known."""
    from tinylens.lint.source.members import get

    name = call.get(1)
    return get(call.reading, call.get(0), name, call.place) if isinstance(name, str) else Unknown()


def given_member(call: Call) -> Any:
    """setattr of an object of theirs; where it is not known of which name, nothing is sure of any."""
    from tinylens.lint.source.storing import called

    owner, name, value = (call.get(place) for place in range(3))
    if isinstance(owner, Thing) and isinstance(name, str):
        owner.fields[name] = called(value, name)
    elif isinstance(owner, Thing):
        owner.fields |= {
            key: on_rows(held, Data.unsure) for key, held in owner.fields.items() if isinstance(held, Data)
        }


def partial(call: Call) -> Any:
    """functools.partial: a function with some of its arguments."""
    return Made(Name("functools.partial"), {"call": call}, call.place)


def partial_called(call: Call) -> Any:
    """What it gives when it is called."""
    from tinylens.lint.source.calling import call as called

    inner = call.of.args["call"]
    found = called(call.reading, inner.args[0] if inner.args else Unknown(), [*inner.args[1:], *call.args],
                   inner.named | call.named, call.place)  # fmt: skip
    if isinstance(found, Made):
        found.given |= {name: inner.place for name in inner.named if name not in call.named}
    return found


def node_or_unknown(call: Call) -> Any:
    """sum of what comes out of layers is a merge; of all else, what it is of."""
    from tinylens.lint.source.library.layers import layered

    return layered(call, "merge", "sum") if call.nodes() else call.unknown


def is_of(call: Call) -> Any:
    """isinstance, hasattr: known of what is ours."""
    value, kind = call.get(0), call.get(1)
    if isinstance(value, Node | Network | Data):
        return Unknown()
    if isinstance(kind, Name) and kind.last in ("int", "str", "float", "list", "tuple", "dict"):
        types: dict[str, type] = {"int": int, "str": str, "float": float, "list": list, "tuple": tuple, "dict": dict}
        known = isinstance(value, str | int | float | list | tuple | dict)
        return isinstance(value, types[kind.last]) if known else Unknown()
    return Unknown()


FUNCTIONS = {
    "builtins:range": ranged,
    "builtins:len": length,
    "builtins:list": listed,
    "builtins:tuple": listed,
    "builtins:sorted": listed,
    "builtins:zip": zipped,
    "builtins:enumerate": enumerated,
    "builtins:iter": same,
    "builtins:reversed": same,
    "builtins:next": following,
    "builtins:max": extreme,
    "builtins:min": extreme,
    "builtins:int": figure,
    "builtins:float": figure,
    "builtins:abs": figure,
    "builtins:round": figure,
    "math:ceil": figure,
    "math:floor": figure,
    "numpy:ceil": figure,
    "builtins:sum": node_or_unknown,
    "builtins:getattr": got,
    "builtins:setattr": given_member,
    "builtins:isinstance": is_of,
    "builtins:super": lambda call: Made(Name("builtins.super"), {}, call.place),
    "*:tqdm": same,
    "*:trange": ranged,
    "tqdm:notebook": same,
    "copy:deepcopy": copied,
    "copy:copy": same,
    "functools:partial": partial,
    "itertools:islice": part_of,
    "itertools:cycle": again,
}
METHODS = {
    "list.append": appended,
    "list.extend": extended,
    "list.insert": inserted,
    "partial.__call__": partial_called,
}
