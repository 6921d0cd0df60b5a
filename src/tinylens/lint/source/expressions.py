"""Expressions: what each kind of expression stands for."""

import ast
import operator
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from types import EllipsisType
from typing import Any

from tinylens.lint.source.arithmetic import computed, is_name_of_file
from tinylens.lint.source.calling import bound_to, call_expression, enter
from tinylens.lint.source.cells import Place
from tinylens.lint.source.choosing import MORE_OR_LESS
from tinylens.lint.source.data import Data
from tinylens.lint.source.deriving import derived, join, parts_of
from tinylens.lint.source.items import ARCHIVE, ARRAY_NAME, item_at, items_of, one_item
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.library.texts import tell
from tinylens.lint.source.members import get
from tinylens.lint.source.names import habitual, starred
from tinylens.lint.source.network import Node
from tinylens.lint.source.noting import note_naming, note_path
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.turns import turns_between
from tinylens.lint.source.values import Function, Made, Name, Scope, Stream, Symbol, Thing, Unknown, Weights, number

MOST_ITEMS = 24  # of a comprehension that is gone through item by item
BUILTINS = set(dir(__builtins__)) if not isinstance(__builtins__, dict) else set(__builtins__)
COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def evaluate(reading: Reading, node: ast.expr | None) -> Any:
    """What an expression stands for."""
    if node is None:
        return None
    reading.tick()
    kind = KINDS.get(type(node))
    return kind(reading, node) if kind else derived(*(evaluate(reading, one) for one in children(node)))


def children(node: ast.AST) -> list[ast.expr]:
    """The expressions right below a piece of syntax."""
    return [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]


def constant(reading: Reading, node: ast.Constant) -> Any:
    """A number, a text, True, False, None or `...`; bytes are a text here."""
    if isinstance(node.value, bytes):
        return node.value.decode(errors="replace")
    return node.value if isinstance(node.value, str | int | float | bool | EllipsisType | None) else Unknown()


def name(reading: Reading, node: ast.Name) -> Any:
    """What a name was last bound to; else what it is by habit or came with a star; else a builtin."""
    try:
        return looked_up(reading.scope.find(node.id))
    except KeyError:
        if node.id in BUILTINS:
            return Name(f"builtins.{node.id}")
        return starred(reading.stars, node.id) or habitual(node.id) or Unknown()


def attribute(reading: Reading, node: ast.Attribute) -> Any:
    """A member of something."""
    return looked_up(get(reading, evaluate(reading, node.value), node.attr, reading.place(node)))


def looked_up(value: Any) -> Any:
    """A value that is asked for by its name: of a network it is counted how often."""
    network = network_of(value)
    if network is not None:
        network.named += 1
    return value


def binary(reading: Reading, node: ast.BinOp) -> Any:
    """Arithmetic."""
    left, right = evaluate(reading, node.left), evaluate(reading, node.right)
    if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
        tell(reading, node.left.value, right, reading.place(node))
    if isinstance(left, Symbol | Unknown) or isinstance(right, Symbol | Unknown):
        found = computed(reading, node.op, left, right, reading.place(node))
        plain = isinstance(found, Unknown) and not found.of and not found.judged and not found.text
        return Symbol(ast.unparse(node)) if plain and is_countable(node) else found
    return computed(reading, node.op, left, right, reading.place(node))


def is_countable(node: ast.expr) -> bool:
    """Whether an expression is made of names, numbers and lengths alone, so that its text says which number it is."""
    allowed = (ast.BinOp, ast.Name, ast.Constant, ast.operator, ast.expr_context, ast.Attribute, ast.Call, ast.UnaryOp,
               ast.unaryop, ast.Subscript)  # fmt: skip
    return len(ast.dump(node)) < 600 and all(isinstance(one, allowed) for one in ast.walk(node))


def unary(reading: Reading, node: ast.UnaryOp) -> Any:
    """A sign, or not."""
    value = evaluate(reading, node.operand)
    known = number(value)
    if isinstance(node.op, ast.USub) and known is not None:
        return -value
    if isinstance(node.op, ast.USub) and isinstance(value, Symbol):
        return Symbol(f"-{value.text}")
    if isinstance(node.op, ast.Not) and isinstance(value, bool | int | str | None):
        return not value
    return value if isinstance(node.op, ast.UAdd) else derived(value)


def boolean(reading: Reading, node: ast.BoolOp) -> Any:
    """And, or: what is known where the first that decides is. After a condition on the turn, one is asked in some."""
    values, decides = [], isinstance(node.op, ast.Or)
    with ExitStack() as after:
        for one in node.values:
            values.append(evaluate(reading, one))
            every = 1 if decides else turns_between(reading, one)[0]
            if every > 1:
                after.enter_context(reading.perhaps())
                after.enter_context(reading.once_in(every))
    for value in values:
        if not isinstance(value, bool | int | float | str | None):
            return derived(*values)
        if bool(value) is decides:
            return value
    return values[-1]


def comparison(reading: Reading, node: ast.Compare) -> Any:
    """True or False where both sides are known."""
    left, *rest = [evaluate(reading, one) for one in (node.left, *node.comparators)]
    beside = number(rest[0]) if len(rest) == 1 else None
    if isinstance(left, Symbol) and left.between and beside is not None:
        return of_turns(node.ops[0], left.between, beside)
    plain = bool | int | float | str | tuple | list | None
    if len(rest) == 1 and isinstance(left, plain) and isinstance(rest[0], plain) and all(map(settled, (left, rest[0]))):
        try:
            return bool(COMPARISONS[type(node.ops[0])](left, rest[0]))
        except TypeError:
            return Unknown()
    if isinstance(node.ops[0], ast.Is | ast.IsNot) and rest[0] is None and isinstance(left, Thing | Made):
        return isinstance(node.ops[0], ast.IsNot)
    found = derived(left, *rest)
    ordered = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    return replace(found, text=MORE_OR_LESS) if ordered and found.judged and not found.text else found


def of_turns(op: ast.cmpop, between: tuple[int, int], other: float) -> Any:
    """A comparison of what counts the turns of a loop: True or False where it is that in all of them."""
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        ends = {bool(COMPARISONS[type(op)](end, other)) for end in between}
        return ends.pop() if len(ends) == 1 else Unknown()
    beyond = not between[0] <= other <= between[1]
    return isinstance(op, ast.NotEq) if beyond and isinstance(op, ast.Eq | ast.NotEq) else Unknown()


def settled(value: Any) -> bool:
    """Whether all that is in a value is known."""
    if isinstance(value, tuple | list):
        return len(value) < 200 and all(map(settled, value))
    return isinstance(value, bool | int | float | str | None)


def choice(reading: Reading, node: ast.IfExp) -> Any:
    """One of two, by a condition that may be known."""
    test = evaluate(reading, node.test)
    if isinstance(test, bool | int | str | None):
        return evaluate(reading, node.body if test else node.orelse)
    if isinstance(test, Made | Function) and isinstance(node.test, ast.Name | ast.Attribute):
        return evaluate(reading, node.body)
    with reading.perhaps():
        return join(evaluate(reading, node.body), evaluate(reading, node.orelse))


def several(reading: Reading, node: ast.Tuple | ast.List) -> Any:
    """A tuple or list of values; Unknown where it is long, or its length is not known."""
    found: list[Any] = []
    for one in node.elts:
        if isinstance(one, ast.Starred):
            items = items_of(evaluate(reading, one.value))
            if items is None:
                return Unknown()
            found += items
        else:
            found.append(evaluate(reading, one))
    return tuple(found) if isinstance(node, ast.Tuple) else found


def dictionary(reading: Reading, node: ast.Dict) -> Any:
    """A dictionary; what has keys that are not known is left out."""
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        known, held = evaluate(reading, key), evaluate(reading, value)
        if isinstance(held, Made):
            held.fields["held"] = True  # who takes it out again is not always known
        if key is None and isinstance(held, dict):
            found |= held
        elif isinstance(known, str | int | float | bool):
            found[known] = held
            if isinstance(known, str):
                tell(reading, known, held, reading.place(value))
    return found


def subscript(reading: Reading, node: ast.Subscript) -> Any:
    """An item, or a slice."""
    held = evaluate(reading, node.value)
    where = node.slice
    if isinstance(where, ast.Slice):
        ends = [evaluate(reading, end) for end in (where.lower, where.upper, where.step)]
        return item_at(reading, held, slice(*ends), reading.place(node))
    index = evaluate(reading, where)
    if isinstance(index, Node) or (isinstance(index, Unknown) and index.judged) or is_label(index):
        note_naming(reading, held)
    own = held.cls.lookup("__getitem__") if isinstance(held, Thing) else None
    if isinstance(own, Function):
        return enter(reading, bound_to(own, held), [index], {})
    return item_at(reading, held, index, reading.place(node))


def is_label(value: Any) -> bool:
    """Whether a value is a label, or labels."""
    return isinstance(value, Data) and value.kind == "labels"


def slices(reading: Reading, node: ast.Slice) -> Any:
    """A slice inside a tuple of indices."""
    return slice(*(evaluate(reading, end) for end in (node.lower, node.upper, node.step)))


def function(reading: Reading, node: ast.Lambda) -> Any:
    """A lambda."""
    return Function(node, reading.scope, reading.place(node), defaults=defaults(reading, node.args))


def defaults(reading: Reading, arguments: ast.arguments) -> dict[str, Any]:
    """The values that parameters have where none is given."""
    positional = [*arguments.posonlyargs, *arguments.args]
    late = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(late, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {parameter.arg: evaluate(reading, value) for parameter, value in pairs if value is not None}


def comprehension(reading: Reading, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Any:
    """A list, where what it is made from is known and short; else one like all its items."""
    items, complete = turned(reading, node.generators, lambda: evaluate(reading, node.elt))
    return items if complete else Stream(items[0] if items else Unknown())


def dict_comprehension(reading: Reading, node: ast.DictComp) -> Any:
    """A dictionary, where its keys are known."""
    make = lambda: (evaluate(reading, node.key), evaluate(reading, node.value))  # noqa: E731
    pairs, complete = turned(reading, node.generators, make)
    if len(pairs) == 1 and isinstance(pairs[0][0], Made) and pairs[0][0].kind == ARRAY_NAME:
        return archive_like(pairs[0][1], reading.place(node))
    known = complete and all(isinstance(key, str | int | float) for key, _ in pairs)
    if pairs and not known and isinstance(pairs[0][1], Weights):
        return pairs[0][1]
    return dict(pairs) if known else Unknown()


def archive_like(value: Any, place: Place) -> Any:
    """All arrays of a file under their names, each made into what one of them was made into."""
    parts = value.parts if isinstance(value, Data) else frozenset()
    if len(parts) != 1:
        return Unknown()
    file = next(iter(parts)).source.removeprefix("file ").removesuffix(f" {ARRAY_NAME}")
    found = Made(Name(f"numpy.{ARCHIVE}"), {"file": file}, place)
    found.fields["like"] = value
    return found


def turned(reading: Reading, generators: list[ast.comprehension], make: Callable[[], Any]) -> tuple[list[Any], bool]:
    """What a comprehension makes, and whether that is all of it. Of loops in loops, one item that stands for all."""
    from tinylens.lint.source.statements import bind

    generator, rest, found = generators[0], generators[1:], []
    source = evaluate(reading, generator.iter)
    items = items_of(source)
    complete = items is not None and len(items) <= MOST_ITEMS and not rest
    with reading.within(Scope(outer=reading.scope)):
        for item in items if items is not None and complete else [one_item(source)]:
            bind(reading, generator.target, item)
            tests = [evaluate(reading, test) for test in generator.ifs]
            if any(isinstance(test, bool) and not test for test in tests):
                continue
            complete = complete and all(isinstance(test, bool) for test in tests)
            if rest:
                return turned(reading, rest, make)[0], False
            found.append(make())
    return found, complete


def formatted(reading: Reading, node: ast.JoinedStr) -> Any:
    """A text with values in it; what stands before each figure is what it is called."""
    text, of, shown = "", [], False
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
            continue
        value = evaluate(reading, part.value) if isinstance(part, ast.FormattedValue) else Unknown()
        label = text.rpartition("?")[2] or text
        tell(reading, label, value, reading.place(node))
        shown = shown or (isinstance(value, Unknown) and value.judged)
        of.append(value)
        text += value if isinstance(value, str) else str(value) if number(value) is not None else "?"
    note_path(reading, text if "/" in text else None)
    names = [one for one in of if is_name_of_file(one)]
    if len(names) == 1 and "/" in text:
        return names[0]
    return Unknown(parts_of(*of), text, False) if "?" in text else text


def named(reading: Reading, node: ast.NamedExpr) -> Any:
    """A value that is bound and used at once."""
    value = evaluate(reading, node.value)
    reading.scope.names[node.target.id] = value
    return value


def yielded(reading: Reading, node: ast.Yield) -> Any:
    """What a generator gives."""
    value = evaluate(reading, node.value)
    if reading.frames:
        frame = reading.frames[-1]
        frame.yielded.append(value)
        then, frame.at_yield = frame.at_yield, None
        if then is not None:
            then(value)
    return Unknown()


def yielded_from(reading: Reading, node: ast.YieldFrom) -> Any:
    """What a generator gives that gives what another one does."""
    value = evaluate(reading, node.value)
    if reading.frames:
        reading.frames[-1].yielded.append(one_item(value))
    return Unknown()


def starred_value(reading: Reading, node: ast.Starred) -> Any:
    """What a star spreads, where it stands alone."""
    return evaluate(reading, node.value)


KINDS: dict[type, Callable[[Reading, Any], Any]] = {
    ast.Constant: constant,
    ast.Name: name,
    ast.Attribute: attribute,
    ast.BinOp: binary,
    ast.UnaryOp: unary,
    ast.BoolOp: boolean,
    ast.Compare: comparison,
    ast.IfExp: choice,
    ast.Tuple: several,
    ast.List: several,
    ast.Dict: dictionary,
    ast.Subscript: subscript,
    ast.Slice: slices,
    ast.Lambda: function,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: dict_comprehension,
    ast.JoinedStr: formatted,
    ast.NamedExpr: named,
    ast.Yield: yielded,
    ast.YieldFrom: yielded_from,
    ast.Starred: starred_value,
    ast.Call: call_expression,
}
