"""TL307: the loss does not fit the way labels are written.

`categorical_crossentropy` takes one-hot labels, `sparse_categorical_crossentropy` class numbers, as do PyTorch's
NLLLoss and one column for each class. The other way round it fails, or compares numbers that mean something else.
"""

from collections.abc import Iterator
from typing import Any

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, objectives, of_keras
from tinylens.lint.source.data import Data
from tinylens.lint.source.network import Fit, Judged
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL307",
    "the loss does not fit the labels",
    "error",
    "sparse_categorical_crossentropy for class numbers, categorical_crossentropy after to_categorical",
)
TAKES = {"categorical": "onehot", "sparse": "sparse"}
WORDS = {"onehot": "one-hot", "sparse": "class numbers"}


def check(program: Program) -> Iterator[Finding]:
    """Fires where both the loss and the labels are known, of training, validation and evaluation."""
    for objective in objectives(program):
        why = misfit(objective.kind, objective.labels)
        if why:
            yield at(RULE, objective.place, f"{objective.loss} takes {why}")
    for fit in program.fits:
        kind, _, name = of_keras(fit.compiled.loss) if fit.compiled is not None else ("", None, "")
        judged = [look for look in program.judged if look.how == "evaluate" and follows(look, fit)]
        for place, labels in [(fit.place, fit.validation_labels), *((look.place, look.labels) for look in judged)]:
            why = misfit(kind, labels)
            if why:
                yield at(RULE, place, f"{name} takes {why} here")


def follows(look: Judged, fit: Fit) -> bool:
    """Whether a look is at a network as this training left it."""
    return (
        look.network is fit.network
        and 0 < look.fits <= len(fit.network.fits)
        and fit.network.fits[look.fits - 1] is fit
    )


def misfit(kind: str, labels: Any) -> str:
    """What a loss takes, and what the labels are instead; nothing where they fit, or are not known."""
    takes = TAKES.get(kind)
    if takes is None or not isinstance(labels, Data) or labels.kind != "labels" or not labels.sure:
        return ""
    other = labels.encoding is not None and labels.encoding != takes and (labels.classes or 3) > 2
    return f"{WORDS[takes]}; the labels are {WORDS[labels.encoding]}" if other and labels.encoding else ""
