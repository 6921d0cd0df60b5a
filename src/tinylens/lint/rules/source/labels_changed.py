"""TL405: labels are divided or scaled.

Labels are class numbers, or columns of 0 and 1. Divided by 255 as if they were pixels, all of them become nearly 0:
class numbers are rounded to class 0, and one-hot labels no longer add up to 1.
"""

from collections.abc import Iterator
from typing import Any

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, objectives, of_keras
from tinylens.lint.source.data import Data, Step
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule("TL405", "labels are divided or scaled", "error", "leave labels as they are; divide the images")
CLASSIFYING = ("categorical", "sparse", "binary", "either")


def check(program: Program) -> Iterator[Finding]:
    """Fires for division and multiplication of labels that are used, at the line that does it."""
    for labels in used(program):
        changed = isinstance(labels, Data) and labels.kind == "labels" and not undone(labels)
        for step in labels.steps if changed else ():
            if step.kind in ("divide", "multiply", "standardise") and not smooths(labels, step):
                yield at(RULE, step.place, "this changes labels, not images")


def smooths(labels: Data, step: Step) -> bool:
    """Whether a step is the first half of label smoothing: most of a one-hot label is kept."""
    share = number(step.numbers)
    return labels.encoding == "onehot" and step.kind == "multiply" and share is not None and 0.5 < share < 1


def undone(labels: Data) -> bool:
    """Whether labels that were divided are multiplied by the same number again."""
    by = [(step.kind, number(step.numbers)) for step in labels.steps if step.kind in ("divide", "multiply")]
    scale = 1.0
    for kind, factor in by:
        scale = scale * factor if kind == "multiply" and factor else scale / factor if factor else 0.0
    return len(by) > 1 and abs(scale - 1) < 1e-6


def used(program: Program) -> Iterator[Any]:
    """All labels that a network is trained on or judged by."""
    for fit in program.fits:
        if fit.compiled is not None and of_keras(fit.compiled.loss)[0] in CLASSIFYING:
            yield fit.labels
            yield fit.validation_labels
            yield from (look.labels for look in program.judged if look.network is fit.network)
    for objective in objectives(program):
        if objective.kind in CLASSIFYING:
            yield objective.labels
