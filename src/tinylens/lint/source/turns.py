"""Turns: what the names of a loop stand for, each time round."""

import ast
from typing import Any

from tinylens.lint.source.data import by_name
from tinylens.lint.source.values import Symbol, Unknown


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
