"""TL205: patience is less than one epoch.

Patience counts epochs. A number between 0 and 1 is no share of the epochs: training stops after the first epoch that
is not better than the best, whatever the noise.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import number

RULE = Rule(
    "TL205",
    "patience is less than one epoch",
    "error",
    "give a whole number of epochs, 2 or more where epochs are noisy",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a patience between 0 and 1, and below 0."""
    for callback in program.all_made("EarlyStopping", "ReduceLROnPlateau"):
        place = 2 if callback.kind == "EarlyStopping" and callback.name.root == "keras" else 3
        patience = number(callback.get("patience", place if callback.name.root != "torch" else 3))
        if patience is not None and (0 < patience < 1 or patience < 0):
            yield at(RULE, callback.place, f"{callback.kind} has patience={patience:g}")
