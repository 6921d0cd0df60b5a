"""TL308: labels lie outside what the last layer can say.

The last layer has fewer units than there are classes, or one-hot labels have another number of columns than it has
units. Labels that have no unit make the loss fail, or become not a number where nothing checks.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, objectives
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import classes_out
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule(
    "TL308", "the last layer does not fit the number of classes", "error", "give the last layer one unit for each class"
)
CLASSIFYING = ("categorical", "sparse", "either", "binary")


def check(program: Program) -> Iterator[Finding]:
    """Fires where both numbers are known, for the losses of classification."""
    for objective in objectives(program):
        found, labels = classes_out(objective.output), objective.labels
        known = isinstance(labels, Data) and labels.kind == "labels" and labels.classes and labels.sure
        if found is None or not isinstance(labels, Data) or not known or objective.kind not in CLASSIFYING:
            continue
        layer, units = found
        why = misfit(labels, labels.classes or 0, units)
        if why:
            yield at(
                RULE, layer.made.place if layer.made else layer.place, f"{layer.kind} has {units} units, and {why}"
            )


def misfit(labels: Data, classes: int, units: int) -> str:
    """Why labels have no unit each; nothing where they have."""
    moves = [number(step.numbers) for step in labels.steps]
    if any(step.kind not in ("add", "subtract") for step in labels.steps) or None in moves:
        return ""
    signs = [1 if step.kind == "add" else -1 for step in labels.steps]
    first = int(sum(sign * (move or 0) for sign, move in zip(signs, moves, strict=True)))
    if first and labels.encoding == "sparse" and (first < 0 or first + classes > units):
        return f"labels run from {first} to {first + classes - 1}"
    wrong = not first and (units < classes or (labels.encoding == "onehot" and units != classes))
    return f"there are {classes} classes" if wrong else ""
