"""TL307: the loss does not fit the way labels are written.

`categorical_crossentropy` takes one-hot labels, `sparse_categorical_crossentropy` class numbers, as do PyTorch's
NLLLoss and one column for each class. The other way round it fails, or compares numbers that mean something else.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, objectives
from tinylens.lint.source.data import Data
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
    """Fires where both the loss and the labels are known."""
    for objective in objectives(program):
        takes, labels = TAKES.get(objective.kind), objective.labels
        if (
            takes is None
            or not isinstance(labels, Data)
            or labels.kind != "labels"
            or labels.encoding is None
            or not labels.sure
        ):
            continue
        if labels.encoding != takes and (labels.classes or 3) > 2:
            yield at(
                RULE, objective.place, f"{objective.loss} takes {WORDS[takes]}; the labels are {WORDS[labels.encoding]}"
            )
