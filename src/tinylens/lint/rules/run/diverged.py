"""TL112: training diverged, or never began to learn.

The loss on training images ended far above its least, or about where guessing is: the logarithm of the number of
classes.
"""

import math
from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule(
    "TL112", "training diverged or never learned", "error", "a lower learning rate, warmup, or normalised images"
)
RISE = 1.5
GUESSING = 0.98  # of the loss of a guess


def check(case: Case) -> Iterator[Finding]:
    """Fires for a training loss that rose by half over its least, or, after three epochs, never fell below a guess."""
    if case.run is None:
        return
    losses = [row["train_loss"] for row in case.run.history]
    guess = math.log(len(case.run.manifest.classes))
    if len(losses) >= 2 and losses[-1] > RISE * min(losses) and losses[-1] > 0.5 * guess:
        yield RULE.found(f"train loss was {min(losses):.3f} at its least and {losses[-1]:.3f} at the end")
    elif len(losses) >= 3 and min(losses) > GUESSING * guess:
        yield RULE.found(f"train loss never fell below {min(losses):.3f}; a guess has {guess:.3f}")
