"""TL413: a confusion matrix is drawn without class names.

Rows and columns have numbers only, so that who reads it must know the order of the classes by heart. It is a note.
"""

import ast
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL413",
    "a confusion matrix without class names",
    "note",
    "xticklabels=names, yticklabels=names, or display_labels=names",
)
TABLES = ("confusion_matrix", "crosstab")
NAMED = (
    "xticks",
    "yticks",
    "set_xticklabels",
    "set_yticklabels",
    "set_xticks",
    "set_ticklabels",
    "DataFrame",
    "rename",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a heatmap of a confusion matrix or a crosstab, where nothing gives names to its axes anywhere."""
    if any(place_of_names(call) for call, _ in program.calls):
        return
    for call, place in program.calls:
        named = any(keyword.arg in ("xticklabels", "yticklabels", None) for keyword in call.keywords)
        if name(call) == "heatmap" and not named and call.args and is_table(call.args[0], program):
            yield at(RULE, place, "the heatmap has the numbers of the classes on its axes")


def name(call: ast.Call) -> str:
    """The own name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def place_of_names(call: ast.Call) -> bool:
    """Whether a call may give names to axes."""
    return name(call) in NAMED and not (name(call) == "DataFrame" and not call.keywords)


def is_table(value: ast.expr, program: Program) -> bool:
    """Whether an argument is a confusion matrix, or a name that was given one."""
    if isinstance(value, ast.Call):
        return name(value) in TABLES
    return isinstance(value, ast.Name) and value.id in program.tables
