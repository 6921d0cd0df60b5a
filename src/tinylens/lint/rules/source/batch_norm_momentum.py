"""TL306: batch normalisation does not learn its statistics.

In Keras momentum is the share of the old mean and variance that is kept at each step: 1 keeps them as they were at
the start, 0.99999 nearly so for many thousand steps, and near 0 keeps those of the last batch only. In PyTorch it is
the share of the new ones: 0 keeps the start, near 1 the last batch only. 0.99 of Keras is 0.01 of PyTorch. In training
nothing is seen of it; in use the network is fed wrong numbers.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule(
    "TL306",
    "batch normalisation does not learn its statistics",
    "error",
    "leave momentum out: 0.99 is usual in Keras, 0.1 in PyTorch",
)
KINDS = ("BatchNormalization", "BatchNormalizationV2", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm",
         "LazyBatchNorm2d", "SyncBatchNormalization")  # fmt: skip
LITTLE = 0.15  # kept of the old: below, the last batches decide
LAST = "are those of the last batch or two"
STEPS = 10_000  # a long training on small images
MUCH = 0.37  # of what stood at the start, after so many steps: a share of 1/10,000 that is new each time leaves less


def check(program: Program) -> Iterator[Finding]:
    """Fires where nothing new is taken, or next to nothing, or next to nothing of the old is kept."""
    for made in program.all_made(*KINDS):
        given = number(made.get("momentum", 1 if made.name.root == "keras" else 2))
        if given is None:
            continue
        why = fault(given if made.name.root == "keras" else 1 - given)
        if why:
            other = "PyTorch" if made.name.root == "keras" else "Keras"
            opposite = f"; the number means the opposite in {other}" if why == LAST else ""
            place = made.given.get("momentum", made.place)
            yield at(RULE, place, f"{made.kind}(momentum={given:g}): the mean and variance {why}{opposite}")


def fault(kept: float) -> str:
    """What becomes of statistics of which a share is kept at each step; nothing where nothing is wrong with it."""
    if kept >= 1:
        return "stay what they were at the start"
    left = kept**STEPS if kept > 0 else 0
    if left > MUCH:
        return f"are those of the start by {left:.0%} after {STEPS:,} steps"
    return LAST if kept <= LITTLE else ""
