"""TL205: patience is less than one epoch.

Patience counts epochs. A number between 0 and 1 is no share of the epochs: training stops after the first epoch that
is not better than the best, whatever the noise. By hand it is easily counted in the inner loop, over batches: then
training stops within an epoch.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, batches_an_epoch, batches_of
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule(
    "TL205",
    "patience is less than one epoch",
    "error",
    "give a whole number of epochs, 2 or more where epochs are noisy",
)
FEW = 10  # batches, where it is not known how many an epoch has


def check(program: Program) -> Iterator[Finding]:
    """Fires for a patience between 0 and 1, below 0, and of less batches than an epoch has."""
    for callback in program.all_made("EarlyStopping", "ReduceLROnPlateau"):
        place = 2 if callback.kind == "EarlyStopping" and callback.name.root == "keras" else 3
        patience = number(callback.get("patience", place if callback.name.root != "torch" else 3))
        if patience is not None and (0 < patience < 1 or patience < 0):
            yield at(RULE, callback.place, f"{callback.kind} has patience={patience:g}")
    yield from in_batches(program)


def in_batches(program: Program) -> Iterator[Finding]:
    """Counters of a loop over batches, in which a network learns, that are held against a patience."""
    learning = {one.loops[-1][0] for one in program.happened if one.kind == "backward" and one.loops}
    for one in program.patience:
        most, batches = number(one.number), batches_of(one.over)
        each = batches_an_epoch(batches)
        if most is None or batches is None or one.loop not in learning or one.loop in program.skipping:
            continue
        if most < (each if each is not None else FEW):
            of = f", of which an epoch has {each:,.0f}" if each is not None else ""
            yield at(RULE, one.place, f"{one.counter} counts batches, and training stops after {most:g} of them{of}")
