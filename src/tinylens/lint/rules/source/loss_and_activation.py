"""TL309: the last activation does not fit the loss.

Softmax over one unit is 1, whatever the image. Sigmoids under `categorical_crossentropy` are no probabilities of
classes that exclude each other. Softmax under `binary_crossentropy` trains, but Keras then counts each of the columns
as an answer, so that the accuracy it shows for ten classes begins at 90 %.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import Objective, at, end_of, objectives
from tinylens.lint.source.network import classes_out
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL309",
    "the last activation does not fit the loss",
    "error",
    "softmax with categorical cross-entropy for classes that exclude each other; sigmoid with binary cross-entropy",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for pairs that are surely wrong."""
    for objective in objectives(program):
        end, out = end_of(objective.output), classes_out(objective.output)
        if end is None or out is None:
            continue
        why = mismatch(objective, end[0], out[1])
        if why:
            yield at(RULE, end[1].place, why)


def mismatch(objective: Objective, activation: str, units: int) -> str:
    """What is wrong with an activation under a loss; nothing where nothing is."""
    if activation in ("softmax", "log_softmax") and units == 1:
        return f"{activation} over one unit always gives the same"
    if objective.kind in ("categorical", "sparse") and activation == "sigmoid" and objective.wants == "probabilities":
        return f"{objective.loss} takes probabilities that add up to 1; sigmoid gives {units} separate ones"
    keras = objective.wants is not None and objective.loss not in ("BCELoss", "binary_cross_entropy")
    if objective.kind == "binary" and activation == "softmax" and units > 2 and keras:
        return f"{objective.loss} takes each of the {units} columns for a question of its own"
    return ""
