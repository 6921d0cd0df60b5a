"""Choosing: where a figure decides which weights are kept, when to stop, or which value is best."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tinylens.lint.source.members import WEIGHTS
from tinylens.lint.source.program import Choice, Patience
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Function, Unknown, weights_in

KEEPERS = ("save", "save_weights", "save_model", "save_checkpoint", "deepcopy", "get_weights", "dump",
           "save_pretrained", "export", "copyfile")  # fmt: skip
MORE_OR_LESS = "more or less"  # the text of an answer to whether a figure is more or less than another


def note_choice(reading: Reading, node: ast.If, test: Any) -> None:
    """Write down a condition on a figure that a judged network gave, where something hangs on it."""
    asks = compares(node.test) or (isinstance(test, Unknown) and test.text == MORE_OR_LESS)
    note_patience(reading, node.test, ends=is_end(node))
    if not isinstance(test, Unknown) or not test.judged or not test.of or not asks:
        return
    note_counters(reading, node)
    rest = guarded(node)
    hanging = reached(reading, [*node.body, *node.orelse, *rest])
    what = decided(node, rest, hanging)
    if what:
        after, loops = len(reading.program.happened), tuple(reading.loops)
        reading.program.choices.append(Choice(reading.place(node), test.of, what, after, loops))
        if loops and what == "which weights to keep":
            reading.keeping |= {id(one): hanging for one in hanging}


def guarded(node: ast.If) -> list[ast.stmt]:
    """What follows a condition that leaves where a figure is no better: if loss >= best: return, then best = loss."""
    rest: list[ast.stmt] = getattr(node, "follows", [])
    return rest if names_compared(node.test) & {target for one in inside(rest) for target in changed(one)} else []


def changed(node: ast.AST) -> Iterator[str]:
    """What a piece of syntax gives another value, or puts one into: best, best["loss"], best.update(...)."""
    if called(node) == "update":
        yield from (ast.unparse(one.value) for one in [getattr(node, "func", None)] if isinstance(one, ast.Attribute))
    yield from (target.partition("[")[0] for target, _ in assigned(node))


def reached(reading: Reading, body: list[ast.stmt]) -> list[ast.AST]:
    """All syntax below statements, and in the functions of theirs that are called there."""
    from tinylens.lint.source.expressions import evaluate

    found = list(inside(body))
    names = [one.func for one in found if isinstance(one, ast.Call) and is_dotted(one.func)]
    functions = {id(value.node): value.node for one in names if isinstance(value := evaluate(reading, one), Function)}
    return found + [one for function in functions.values() for one in ast.walk(function)]


def is_dotted(node: ast.expr) -> bool:
    """Whether an expression is a name, or a member of one: looking it up does nothing."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and is_dotted(node.value))


def note_kept(reading: Reading, node: ast.expr, value: Any) -> None:
    """Write down weights that are kept as they are where a figure is the best, under a name or in what holds them."""
    hanging = [] if isinstance(node, ast.Tuple | ast.List) else reading.keeping.get(id(node), [])  # each for itself
    if hanging and weights_in(value) and not handed_on(node, hanging):
        reading.program.borrowed.append(reading.place(node))


def handed_on(node: ast.expr, hanging: list[ast.AST]) -> bool:
    """Whether what is kept under a name, or the whole of what holds it, is used at once, as to write it to a file."""
    whole = isinstance(node, ast.Name | ast.Attribute)
    holder: ast.AST = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
    while isinstance(holder, ast.Subscript):
        holder = holder.value
    parts = {id(one.value) for one in hanging if isinstance(one, ast.Subscript | ast.Attribute) and not whole}
    loads = (one for one in hanging if isinstance(one, ast.Name | ast.Attribute) and isinstance(one.ctx, ast.Load))
    return ast.unparse(holder) in {ast.unparse(one) for one in loads if id(one) not in parts}


def note_counters(reading: Reading, node: ast.If) -> None:
    """Remember what is set to 0 where a figure is the best so far, in every turn of the loops around."""
    both = [*node.body, *node.orelse]
    pairs = [pair for statement in both for one in ast.walk(statement) for pair in assigned(one)]
    stored = {target for target, _ in pairs}
    compared = names_compared(node.test)
    always = bool(reading.loop_unsure) and reading.unsure == reading.loop_unsure[-1]
    for target, value in pairs if compared & stored and always else []:
        if isinstance(value, ast.Constant) and value.value == 0 and value.value is not False:
            reading.counters[target] = (tuple(place for place, _ in reading.loops), reading.every)


def names_compared(test: ast.expr) -> set[str]:
    """The names and members in a condition."""
    return {ast.unparse(one) for one in ast.walk(test) if isinstance(one, ast.Name | ast.Attribute)}


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What is given to what, name by name: best, wait = figure, 0."""
    for target in node.targets if isinstance(node, ast.Assign) else []:
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            yield from ((ast.unparse(one), held) for one, held in zip(target.elts, value.elts, strict=True))
        elif value is not None:
            yield ast.unparse(target), value


def is_end(node: ast.If) -> bool:
    """Whether a loop is left, or a flag is set, where a condition holds."""
    leaves = any(isinstance(one, ast.Break | ast.Return | ast.Raise) for one in inside(node.body))
    return leaves or any(isinstance(value, ast.Constant) and value.value is True
                         for one in inside(node.body) for _, value in assigned(one))  # fmt: skip


def leaves_early(reading: Reading) -> bool:
    """Whether a loop around may end before its last turn."""
    return any(place in reading.program.left_early for place, _ in reading.loops)


def note_patience(reading: Reading, test: ast.expr | None, *, ends: bool) -> None:
    """Write down where it is asked whether a counter has become as large as a patience. ends: that this ends a loop."""
    from tinylens.lint.source.expressions import evaluate

    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not ends:
        return
    loops = tuple(place for place, _ in reading.loops)
    for counter, most in ((test.left, test.comparators[0]), (test.comparators[0], test.left)):
        plain = isinstance(most, ast.Name | ast.Attribute | ast.Constant)
        counted, every = reading.counters.get(ast.unparse(counter), ((), 1))
        if plain and loops and counted == loops:
            number, over = evaluate(reading, most), reading.loop_values[-1]
            found = Patience(reading.place(test), ast.unparse(counter), number, loops[-1], over, every)
            reading.program.patience.append(found)


def note_asked(reading: Reading, node: ast.If, known: int) -> None:
    """A patience that a function of theirs knows of is asked for where that is called. known: how many were before."""
    loop = reading.loops[-1][0] if reading.loops else None
    asked = [replace(one, place=reading.place(node)) if one.loop == loop else one
             for one in reading.program.patience[known:]]  # fmt: skip
    reading.program.patience[known:] = asked


def compares(test: ast.expr) -> bool:
    """Whether a condition asks for more or less."""
    ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    return any(isinstance(op, ordered) for one in ast.walk(test) if isinstance(one, ast.Compare) for op in one.ops)


def decided(node: ast.If, rest: list[ast.stmt], hanging: list[ast.AST]) -> str:
    """What hangs on a condition, in words; nothing where nothing does. rest: what follows it, where that hangs on it.

    hanging: all syntax that does.
    """
    if any(map(takes_weights, hanging)):
        return "which weights to keep"
    if any(isinstance(one, ast.Break) for one in inside([*node.body, *node.orelse])):
        return "when to stop"
    compared = {one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)}
    body = inside([*node.body, *rest])
    kept = {one.id for one in body if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return "which figure is the best" if compared & kept and any("best" in name.lower() for name in kept) else ""


def takes_weights(node: ast.AST) -> bool:
    """Whether a piece of syntax keeps a network, or takes its weights out of it."""
    named = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in WEIGHTS
    return named or called(node) in (*KEEPERS, "state_dict")


def inside(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All syntax below statements."""
    for statement in body:
        yield from ast.walk(statement)


def called(node: ast.AST) -> str:
    """The name of the function that a piece of syntax calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
