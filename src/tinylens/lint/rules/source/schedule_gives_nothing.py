"""TL506: a schedule that gives nothing on some epochs.

The function returns a value under a condition only, and otherwise ends without one, which is None. Whoever called it
takes None for a learning rate or a list of layers, and fails at that epoch.
"""

import ast
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Function

RULE = Rule(
    "TL506", "a schedule gives nothing on some epochs", "error", "return the value as it was where nothing is to change"
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for functions given to a scheduler of which one way has a value and another has none."""
    for _, function in program.schedules:
        body = getattr(function.node, "body", [])
        if isinstance(body, list) and gives(function) and may_end(body):
            yield at(
                RULE, function.place, f"{function.name} returns a value on some ways through it, and none on others"
            )


def gives(function: Function) -> bool:
    """Whether a function returns a value anywhere."""
    return any(isinstance(one, ast.Return) and one.value is not None for one in ast.walk(function.node))


def may_end(body: list[ast.stmt]) -> bool:
    """Whether the end of statements can be reached without a return of a value."""
    for one in body:
        if isinstance(one, ast.Return):
            return one.value is None
        if isinstance(one, ast.Raise):
            return False
        if isinstance(one, ast.If) and one.orelse and not may_end(one.body) and not may_end(one.orelse):
            return False
        if isinstance(one, ast.With | ast.Try) and not may_end(one.body):
            return False
        if isinstance(one, ast.While | ast.For | ast.Match):
            return False  # it may return in there; not sure
    return True
