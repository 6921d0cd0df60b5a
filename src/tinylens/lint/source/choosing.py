"""Choosing: where a figure decides which weights are kept, when to stop, or which value is best."""

import ast
from collections.abc import Iterator
from typing import Any

from tinylens.lint.source.program import Choice
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Unknown

KEEPERS = ("save", "save_weights", "save_model", "save_checkpoint", "deepcopy", "get_weights", "dump",
           "save_pretrained", "export", "copyfile")  # fmt: skip
MORE_OR_LESS = "more or less"  # the text of an answer to whether a figure is more or less than another


def note_choice(reading: Reading, node: ast.If, test: Any) -> None:
    """Write down a condition on a figure that a judged network gave, where something hangs on it."""
    asks = compares(node.test) or (isinstance(test, Unknown) and test.text == MORE_OR_LESS)
    if not isinstance(test, Unknown) or not test.judged or not test.of or not asks:
        return
    what = decided(node)
    if what:
        after, loops = len(reading.program.happened), tuple(reading.loops)
        reading.program.choices.append(Choice(reading.place(node), test.of, what, after, loops))
        if loops and what == "which weights to keep":
            reading.program.borrowed += [reading.place(one) for one in node.body if borrows(one, node.body)]


def borrows(statement: ast.stmt, body: list[ast.stmt]) -> bool:
    """Whether weights are named as they are, and not used at once: best = model.state_dict()."""
    if not isinstance(statement, ast.Assign) or called(statement.value) != "state_dict":
        return False
    names = {one.id for target in statement.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    used = (one for one in inside(body) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    return not names & {one.id for one in used}


def compares(test: ast.expr) -> bool:
    """Whether a condition asks for more or less."""
    ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    return any(isinstance(op, ordered) for one in ast.walk(test) if isinstance(one, ast.Compare) for op in one.ops)


def decided(node: ast.If) -> str:
    """What hangs on a condition, in words; nothing where nothing does."""
    body, both = list(inside(node.body)), list(inside([*node.body, *node.orelse]))
    if any(called(one) in KEEPERS or called(one) == "state_dict" for one in both):
        return "which weights to keep"
    if any(isinstance(one, ast.Break) for one in both):
        return "when to stop"
    compared = {one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)}
    kept = {one.id for one in body if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return "which figure is the best" if compared & kept and any("best" in name.lower() for name in kept) else ""


def inside(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All syntax below statements."""
    for statement in body:
        yield from ast.walk(statement)


def called(node: ast.AST) -> str:
    """The name of the function that a piece of syntax calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
