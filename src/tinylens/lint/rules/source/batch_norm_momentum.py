"""TL306: batch normalisation does not learn its statistics.

In Keras momentum is the share of the old mean and variance that is kept at each step: 1 keeps them as they were at
the start, and near 0 keeps those of the last batch only. In PyTorch it is the share of the new ones: 0 keeps the
start, near 1 the last batch only. 0.99 of Keras is 0.01 of PyTorch. In training nothing is seen of it; in use the
network is fed wrong numbers.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Made, number

RULE = Rule(
    "TL306",
    "batch normalisation does not learn its statistics",
    "error",
    "leave momentum out: 0.99 is usual in Keras, 0.1 in PyTorch",
)
KINDS = ("BatchNormalization", "BatchNormalizationV2", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm",
         "LazyBatchNorm2d", "SyncBatchNormalization")  # fmt: skip
LITTLE, MUCH = 0.15, 0.85  # kept of the old: below, the last batches decide


def check(program: Program) -> Iterator[Finding]:
    """Fires where nothing new is taken, or next to nothing of the old is kept."""
    for made in program.all_made(*KINDS):
        given = number(made.get("momentum", 1 if made.name.root == "keras" else 2))
        if given is None:
            continue
        kept = given if made.name.root == "keras" else 1 - given
        if kept >= 1:
            yield at(RULE, made.place, f"{shown(made, given)}: the mean and variance stay what they were at the start")
        elif kept <= LITTLE:
            other = "PyTorch" if made.name.root == "keras" else "Keras"
            why = f"the mean and variance are those of the last batch or two; the number means the opposite in {other}"
            yield at(RULE, made.place, f"{shown(made, given)}: {why}")


def shown(made: Made, momentum: float) -> str:
    """The layer with its number."""
    return f"{made.kind}(momentum={momentum:g})"
