"""TL306: batch normalisation does not learn its statistics.

In Keras momentum is the share of the old mean and variance that is kept at each step: 1 keeps them as they were at
the start, 0.9999 nearly so for a thousand steps, and near 0 keeps those of the last batch only. In PyTorch it is
the share of the new ones: 0 keeps the start, near 1 the last batch only. 0.99 of Keras is 0.01 of PyTorch. In training
nothing is seen of it; in use the network is fed wrong numbers.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, batches_an_epoch, batches_of, steps_of, turns_of
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
USUAL = 0.99  # of Keras, where it is not given: no fault of the script
TINY = 1e-6
STEPS = 10_000  # a long training on small images, where it is not known how long it is
MUCH = 0.37  # of what stood at the start, after all steps


def check(program: Program) -> Iterator[Finding]:
    """Fires where nothing new is taken, or next to nothing, or next to nothing of the old is kept."""
    steps = int(min(all_steps(program) or STEPS, STEPS))
    for made in program.all_made(*KINDS):
        given = number(made.get("momentum", 1 if made.name.root == "keras" else 2))
        if given is None:
            continue
        why = fault(given if made.name.root == "keras" else 1 - given, steps)
        if why:
            other = "PyTorch" if made.name.root == "keras" else "Keras"
            opposite = f"; the number means the opposite in {other}" if why == LAST else ""
            place = made.given.get("momentum", made.place)
            yield at(RULE, place, f"{made.kind}(momentum={given:g}): the mean and variance {why}{opposite}")


def fault(kept: float, steps: int) -> str:
    """What becomes of statistics of which a share is kept at each step; nothing where nothing is wrong with it."""
    if kept >= 1:
        return "stay what they were at the start"
    left = kept**steps if kept > USUAL + TINY else 0
    if left > MUCH:
        return f"are those of the start by {left:.0%} after {steps:,} steps"
    return LAST if kept <= LITTLE else ""


def all_steps(program: Program) -> float | None:
    """How many steps all trainings take together, where each says it."""
    found = [times(number(fit.epochs), steps_of(fit)) for fit in program.fits]
    looped = [one for one in program.happened if one.kind == "backward"]
    loops = {tuple(place for place, _ in one.loops): one.loops_over for one in looped}
    for over in loops.values():
        found.append(times(turns_of(over[0]), batches_an_epoch(batches_of(over[1]))) if len(over) == 2 else None)
    known = [one for one in found if one is not None]
    return sum(known) if known and len(known) == len(found) else None


def times(epochs: float | None, steps: float | None) -> float | None:
    """The steps of some epochs."""
    return epochs * steps if epochs is not None and steps is not None else None
