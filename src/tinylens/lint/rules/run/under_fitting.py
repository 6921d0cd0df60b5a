"""TL111: training ended while the lens was still learning.

The best epoch is the last, and each of the last ones was clearly better than the one before: more epochs would have
made a better lens. With schedules that end the learning rate near 0 the curve is flat at the end, and this is silent.
"""

from collections.abc import Iterator
from itertools import pairwise

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule("TL111", "training ended while it was still learning", "note", "train for more epochs, with early stopping")
LAST, GAIN = 4, 0.02  # epochs that are compared, and the share by which each loss is less than the one before


def check(case: Case) -> Iterator[Finding]:
    """Fires where the loss on unseen images fell by 2 % or more with each of the last epochs, to the least of all."""
    history = case.run.history if case.run is not None else []
    curve = [row["validation_loss"] for row in history if "validation_loss" in row]
    losses = curve[-LAST:]
    if (
        len(losses) == LAST
        and losses[-1] == min(curve)
        and all(after <= (1 - GAIN) * before for before, after in pairwise(losses))
    ):
        shown = ", ".join(f"{loss:.3f}" for loss in losses)
        yield RULE.found(f"{case.recipe.named('validation_loss')} fell with each of the last epochs: {shown}")
