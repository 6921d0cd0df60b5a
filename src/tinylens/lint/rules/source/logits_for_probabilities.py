"""TL301: the loss expects probabilities, and gets logits.

The last layer has no activation, so that any number comes out of it, and the loss takes the logarithm of what should
be a probability. Keras clips it and learns badly, in a way that looks like a hard problem; PyTorch's NLLLoss goes on
below zero.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import Objective, at, end_of, objectives
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL301",
    "the loss expects probabilities and gets logits",
    "error",
    "softmax on the last layer, or a loss that takes logits: from_logits=True, CrossEntropyLoss",
)
EXPECTED = {"probabilities": ("linear",), "log-probabilities": ("linear", "softmax")}


def check(program: Program) -> Iterator[Finding]:
    """Fires where the last layer's activation is known, and is not what the loss takes."""
    for objective in objectives(program):
        end = end_of(objective.output)
        if end is None or end[0] not in EXPECTED.get(objective.wants or "", ()):
            continue
        yield at(RULE, objective.place, why(objective, end[0], str(end[1].place)))


def why(objective: Objective, activation: str, place: str) -> str:
    """What the loss takes, and what it gets."""
    got = "no activation" if activation == "linear" else f"{activation}, which gives probabilities"
    return f"{objective.loss} takes {objective.wants}; the last layer ({place}) has {got}"
