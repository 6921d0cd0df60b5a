"""Statements: what each kind of statement does to names, and to the program's record."""

import ast
from collections.abc import Callable, Iterable
from typing import Any

from tinylens.lint.source.arithmetic import computed
from tinylens.lint.source.calling import enter
from tinylens.lint.source.choosing import leaves_early, note_asked, note_choice, note_kept, note_patience
from tinylens.lint.source.contexts import with_block
from tinylens.lint.source.data import Data
from tinylens.lint.source.deriving import derived, join, parts_of
from tinylens.lint.source.expressions import defaults, evaluate
from tinylens.lint.source.items import ends_of, items_of, one_item
from tinylens.lint.source.library.texts import BEST
from tinylens.lint.source.names import canonical, named
from tinylens.lint.source.network import Node
from tinylens.lint.source.noting import note_class_names, note_dropped, note_late, note_table
from tinylens.lint.source.program import Choice
from tinylens.lint.source.reading import Leave, Reading
from tinylens.lint.source.storing import called, set_item, set_member
from tinylens.lint.source.turns import (
    Loop,
    counters_of,
    is_bare,
    is_guard,
    is_star,
    of_turn,
    passes_over,
    raised,
    turns_between,
)
from tinylens.lint.source.values import Class, Function, Made, Name, Scope, Symbol, Unknown

MOST_TURNS = 8  # of a loop over what is known, one by one


def run(reading: Reading, statements: Iterable[ast.stmt]) -> None:
    """Go through statements in order."""
    for statement in statements:
        execute(reading, statement)


def execute(reading: Reading, node: ast.stmt) -> None:
    """Go through one statement."""
    reading.tick()
    kind = KINDS.get(type(node))
    if kind is not None:
        kind(reading, node)


def imported(reading: Reading, node: ast.Import) -> None:
    """import a.b as c."""
    for one in node.names:
        full = one.name if one.asname else one.name.partition(".")[0]
        reading.scope.names[one.asname or full] = Name(canonical(full))


def imported_from(reading: Reading, node: ast.ImportFrom) -> None:
    """from a import b as c."""
    module = "." * node.level + (node.module or "")
    for one in node.names:
        if one.name == "*":
            reading.stars.append(canonical(module))
        else:
            reading.scope.names[one.asname or one.name] = named(f"{module}.{one.name}")


def assign(reading: Reading, node: ast.Assign) -> None:
    """Names get a value."""
    value = evaluate(reading, node.value)
    note_patience(reading, node.value, ends=leaves_early(reading))
    for target in node.targets:
        bind(reading, target, value)
        if isinstance(target, ast.Name):
            note_table(reading, target, node.value)


def assign_annotated(reading: Reading, node: ast.AnnAssign) -> None:
    """The same with a type beside it."""
    if node.value is not None:
        bind(reading, node.target, evaluate(reading, node.value))


def bind(reading: Reading, target: ast.expr, value: Any) -> None:
    """Give a value to a name, a member, an item, or part by part to several."""
    note_kept(reading, target, value)
    if isinstance(target, ast.Name):
        if "best" in target.id.lower() and isinstance(value, Unknown) and value.text == BEST:
            reading.program.choices.append(Choice(reading.place(target), value.of, BEST))
        reading.scope.bind(target.id, called(value, target.id))
        note_class_names(reading, target, value)
    elif isinstance(target, ast.Tuple | ast.List):
        bind_several(reading, target, value)
    elif isinstance(target, ast.Attribute):
        set_member(reading, evaluate(reading, target.value), target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        set_item(reading, target, value)
    elif isinstance(target, ast.Starred):
        bind(reading, target.value, Unknown())


def bind_several(reading: Reading, target: ast.Tuple | ast.List, value: Any) -> None:
    """Give parts of a value to names, one each."""
    items = list(one_item(value)) if isinstance(value, Data) and value.kind == "pairs" else items_of(value)
    known = items is not None and len(items) == len(target.elts) and not any(map(is_star, target.elts))
    for i, one in enumerate(target.elts):
        bind(reading, one, items[i] if items is not None and known else part_of_unknown(reading, value))


def part_of_unknown(reading: Reading, value: Any) -> Any:
    """A part of something whose parts are not known."""
    if isinstance(value, Node) and not reading.inside:
        return derived(value)
    judged = isinstance(value, Unknown) and value.judged
    return Unknown(parts_of(value), judged=judged, model=value.model if judged else None)


def assign_computed(reading: Reading, node: ast.AugAssign) -> None:
    """name += value. A list stays the same list."""
    before = evaluate(reading, node.target)
    after = computed(reading, node.op, before, evaluate(reading, node.value), reading.place(node))
    if isinstance(before, list) and isinstance(after, list):
        before[:] = after
        after = before
    if isinstance(node.target, ast.Subscript) and isinstance(before, Data) and isinstance(after, Data):
        owner = node.target.value
        if isinstance(owner, ast.Name) and not isinstance(evaluate(reading, owner), Made):
            reading.scope.names[owner.id] = after.unsure()
        return
    bind(reading, node.target, after)


def expression(reading: Reading, node: ast.Expr) -> None:
    """An expression whose result nobody takes."""
    value = evaluate(reading, node.value)
    note_dropped(reading, node, value)


def condition(reading: Reading, node: ast.If) -> None:
    """If. Both branches are gone through where it is not known which is taken."""
    known = len(reading.program.patience)
    test = evaluate(reading, node.test)
    note_asked(reading, node, known)
    note_choice(reading, node, test)
    note_late(reading, node, test)
    if isinstance(test, bool | int | str | None):
        run(reading, node.body if test else node.orelse)
    elif isinstance(test, Made | Function) and isinstance(node.test, ast.Name | ast.Attribute):
        run(reading, node.body)  # a transform that is there
    elif is_main(node.test):
        run(reading, node.body)
    else:
        every = turns_between(reading, node.test)
        branches(reading, [node.body, node.orelse], every)
        pass_guard(reading, node, every[1])


def pass_guard(reading: Reading, node: ast.If, every: int) -> None:
    """What follows `if step % 25: continue` is done in one of so many turns."""
    if reading.loops and is_guard(node, reading.loop_counts[-1]):
        if every > 1 and reading.unsure == reading.loop_unsure[-1]:
            reading.every *= every
        else:
            reading.program.skipping.add(reading.loops[-1][0])


def is_main(test: ast.expr) -> bool:
    """Whether a condition is that the script is run as such."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def branches(reading: Reading, bodies: list[list[ast.stmt]], every: tuple[int, ...] = ()) -> None:
    """Go through branches of which one is taken; afterwards names stand for what all say that come to their end.

    every: of each, in one of how many turns of the loop around it is taken.
    """
    before = dict(reading.scope.names)
    ends, left = [], []
    for body, turns in zip(bodies, every or [1] * len(bodies), strict=True):
        reading.scope.names.clear()
        reading.scope.names.update(before)
        try:
            with reading.perhaps(), reading.once_in(turns):
                run(reading, body)
        except Leave as leave:
            left.append((leave, dict(reading.scope.names)))
        else:
            ends.append(dict(reading.scope.names))
    merged = ends or [names for _, names in left]
    reading.scope.names.clear()
    reading.scope.names.update(merged_names(merged))
    if not ends and left:
        raise left[0][0]


def merged_names(ends: list[dict[str, Any]]) -> dict[str, Any]:
    """Names after one of several branches."""
    found = dict(ends[0])
    for names in ends[1:]:
        for name, value in names.items():
            found[name] = join(found[name], value) if name in found else value
    return found


def loop(reading: Reading, node: ast.For | ast.AsyncFor) -> None:
    """For: over what is known one by one, else twice, so that what one turn leaves meets the next."""
    source = evaluate(reading, node.iter)
    items = items_of(source)
    place = reading.place(node)
    if any(isinstance(one, ast.Break | ast.Return) for one in ast.walk(node)):
        reading.program.left_early.add(place)
    if passes_over(node):
        reading.program.skipping.add(place)
    turns = items if items is not None and len(items) <= MOST_TURNS else [one_item(source)] * 2
    if turns is not items:
        forget_counts(reading, node)
    for number, item in enumerate(turns):
        with reading.looping(place, number, source, counters_of(node)):
            counts = Symbol(f"turn {number} of {place}", ends_of(source))
            settings = items is not None and isinstance(item, tuple | dict)
            named = of_turn(item, node.target, counts) if settings else item
            bind(reading, node.target, counts if is_bare(item, node.target) else named)
            if not turn(reading, node.body):
                break
    run(reading, node.orelse)


def turn(reading: Reading, body: list[ast.stmt]) -> bool:
    """One turn of a loop; whether another may follow."""
    try:
        run(reading, body)
    except Leave as leave:
        if leave.how not in ("continue", "break"):
            raise
        return leave.how == "continue" or reading.unsure > 0
    return True


def forget_counts(reading: Reading, node: Loop) -> None:
    """What counts the turns of a loop that is gone through in part is another number in each of them."""
    for target in raised(node):
        if isinstance(evaluate(reading, target), int):
            bind(reading, target, Unknown())


def while_loop(reading: Reading, node: ast.While) -> None:
    """While, gone through twice."""
    for number in range(2):
        test = evaluate(reading, node.test)
        if isinstance(test, bool | int | None) and not test:
            break
        with reading.looping(reading.place(node), number, None, counters_of(node)):
            if not turn(reading, node.body):
                break


def attempt(reading: Reading, node: ast.Try) -> None:
    """Try: what is tried is taken to work; what is done where it does not may be done."""
    run(reading, node.body)
    run(reading, node.orelse)
    for handler in node.handlers:
        before = dict(reading.scope.names)
        try:
            with reading.perhaps():
                run(reading, handler.body)
        except Leave:
            pass
        reading.scope.names.update(before)
    run(reading, node.finalbody)


def define(reading: Reading, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """A function."""
    scope = reading.scope
    scope.names[node.name] = Function(node, scope, reading.place(node), defaults=defaults(reading, node.args))
    decorate(reading, node)


def define_class(reading: Reading, node: ast.ClassDef) -> None:
    """A class: its body is gone through in a scope of its own."""
    bases = [evaluate(reading, base) for base in node.bases]
    inner = Scope(outer=reading.scope)
    with reading.within(inner):
        run(reading, node.body)
    for value in inner.names.values():
        if isinstance(value, Function):
            value.scope = reading.scope  # methods do not see the names of their class
    typed = [one.target for one in node.body if isinstance(one, ast.AnnAssign) and not is_of_class(one)]
    fields = [one.id for one in typed if isinstance(one, ast.Name)]
    reading.scope.names[node.name] = Class(node.name, bases, inner.names, reading.place(node), fields)
    decorate(reading, node)


def is_of_class(field: ast.AnnAssign) -> bool:
    """Whether a field with a type is one of the class, and of none of its objects."""
    return "ClassVar" in ast.unparse(field.annotation)


def decorate(reading: Reading, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
    """What decorators of their own do with what is defined, as to put it into a table; it stays what it is."""
    for one in reversed(node.decorator_list):
        maker = one.func if isinstance(one, ast.Call) else one
        if not isinstance(maker, ast.Name | ast.Attribute) or not isinstance(evaluate(reading, maker), Function):
            continue
        decorator = evaluate(reading, one)
        if isinstance(decorator, Function):
            enter(reading, decorator, [reading.scope.names[node.name]], {})


def give_back(reading: Reading, node: ast.Return) -> None:
    """Return."""
    value = evaluate(reading, node.value)
    note_patience(reading, node.value, ends=leaves_early(reading))
    if reading.frames:
        reading.frames[-1].returned.append(value)
    raise Leave("return")


def leaving(how: str) -> Callable[[Reading, Any], None]:
    """What break, continue and raise do."""

    def leave(reading: Reading, node: ast.stmt) -> None:
        raise Leave(how)

    return leave


def declare(reading: Reading, node: ast.Global | ast.Nonlocal) -> None:
    """Global: the name is the module's."""
    reading.scope.shared |= set(node.names)


def match(reading: Reading, node: ast.Match) -> None:
    """Match: any of its cases, or none."""
    evaluate(reading, node.subject)
    branches(reading, [case.body for case in node.cases] + [[]])


KINDS: dict[type, Callable[[Reading, Any], None]] = {
    ast.Import: imported,
    ast.ImportFrom: imported_from,
    ast.Assign: assign,
    ast.AnnAssign: assign_annotated,
    ast.AugAssign: assign_computed,
    ast.Expr: expression,
    ast.If: condition,
    ast.For: loop,
    ast.AsyncFor: loop,
    ast.While: while_loop,
    ast.With: with_block,
    ast.AsyncWith: with_block,
    ast.Try: attempt,
    ast.FunctionDef: define,
    ast.AsyncFunctionDef: define,
    ast.ClassDef: define_class,
    ast.Return: give_back,
    ast.Break: leaving("break"),
    ast.Continue: leaving("continue"),
    ast.Raise: leaving("raise"),
    ast.Match: match,
    ast.Global: declare,
}
