"""Turns: what the names of a loop stand for, each time round, and what is done in some of its turns only."""

import ast
from typing import Any

from tinylens.lint.source.data import by_name
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Symbol, Unknown, whole

Loop = ast.For | ast.AsyncFor | ast.While


def of_turn(item: Any, target: ast.expr, counts: Symbol) -> Any:
    """Settings that a loop goes through, in which the turn stands for each one that is not known."""
    if is_bare(item, target):
        return counts
    if isinstance(item, dict) and isinstance(target, ast.Name):
        return {key: of_turn(value, target, Symbol(f"{counts.text} {key}")) for key, value in item.items()}
    if not isinstance(item, tuple):
        return item
    names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target] * len(item)
    if len(names) != len(item) or any(map(is_star, names)):
        return item
    each = zip(item, names, strict=True)
    return tuple(of_turn(one, name, Symbol(f"{counts.text} {i}")) for i, (one, name) in enumerate(each))


def is_bare(item: Any, target: ast.expr) -> bool:
    """Whether nothing is known of what a loop gives to a name, but that it is another thing each time."""
    unknown = type(item) is Unknown and not item.of and not item.judged and not item.text
    return unknown and isinstance(target, ast.Name) and by_name(target.id) is None


def is_star(node: ast.expr) -> bool:
    """Whether a target takes what is left."""
    return isinstance(node, ast.Starred)


def counters_of(node: Loop) -> frozenset[str]:
    """What counts the turns of a loop: what it goes through, and what goes up by one in it."""
    target = [] if isinstance(node, ast.While) else [one for one in ast.walk(node.target) if isinstance(one, ast.Name)]
    return frozenset(ast.unparse(one) for one in [*target, *raised(node)])


def raised(node: Loop) -> list[ast.expr]:
    """What goes up by one in a loop."""
    added = [one for one in ast.walk(node) if isinstance(one, ast.AugAssign) and isinstance(one.op, ast.Add)]
    return [one.target for one in added if isinstance(one.value, ast.Constant) and one.value.value == 1]


def on_turns(test: ast.expr, counts: frozenset[str]) -> tuple[ast.expr, bool] | None:
    """Of a condition on the turn, as `step % 25 == 0`: by what it divides, and whether it holds once in so many."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):  # step and step % 25 == 0
        found = [on_turns(one, counts) for one in test.values]
        return next((one for one in found if one is not None and one[1]), None)
    once = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    if isinstance(test, ast.UnaryOp):
        test = test.operand
    elif isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.NotEq):
        once, test = isinstance(test.ops[0], ast.Eq), test.left
    if not isinstance(test, ast.BinOp) or not isinstance(test.op, ast.Mod):
        return None
    names = {ast.unparse(one) for one in ast.walk(test.left) if isinstance(one, ast.Name | ast.Attribute)}
    return (test.right, once) if names & counts else None


def turns_between(reading: Reading, test: ast.expr) -> tuple[int, int]:
    """In one of how many turns of the loop around a condition holds, and does not; 1 where it is not on the turn."""
    from tinylens.lint.source.expressions import evaluate

    found = on_turns(test, reading.loop_counts[-1]) if reading.loop_counts else None
    every = whole(evaluate(reading, found[0])) if found is not None else None
    if found is None or every is None or every < 1:
        return 1, 1
    return (every, 1) if found[1] else (1, every)


def is_guard(node: ast.AST, counts: frozenset[str]) -> bool:
    """Whether a statement passes over all turns but one of some: if step % 25: continue."""
    found = on_turns(node.test, counts) if isinstance(node, ast.If) and not node.orelse else None
    return found is not None and not found[1] and isinstance(node, ast.If) and isinstance(node.body[-1], ast.Continue)


def passes_over(node: Loop) -> bool:
    """Whether some turns of a loop may end in its middle, by more than a condition on the turn."""
    counts, inside = counters_of(node), list(ast.walk(node))
    guards = sum(is_guard(one, counts) for one in inside)
    return sum(isinstance(one, ast.Continue) for one in inside) > guards
