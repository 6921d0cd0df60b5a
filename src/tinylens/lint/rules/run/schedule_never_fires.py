"""TL104: a change of the learning rate, of dropout, or early stopping lies beyond the last epoch.

The setting looks like a part of the recipe, and has no part in the result.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.optim.schedules import Milestones, Step, Unit

RULE = Rule("TL104", "a schedule that never fires", "warning", "give it epochs that are reached, or leave it out")


def check(case: Case) -> Iterator[Finding]:
    """Fires for a first change at or after the end of training, as far as recipe or run tell where that is."""
    recipe = case.recipe
    if recipe.patience is not None and recipe.patience >= recipe.epochs > 1:
        yield RULE.found(f"patience is {recipe.patience} epochs, and there are {recipe.epochs}")
    if isinstance(recipe.schedule, Step | Milestones):
        first = recipe.schedule.every if isinstance(recipe.schedule, Step) else min(recipe.schedule.at, default=0)
        yield from late(case, "schedule", first, recipe.schedule.unit)
    for change in recipe.dropout_schedule:
        yield from late(case, "a change in dropout_schedule", change.at, change.unit)


def late(case: Case, what: str, first: int, unit: Unit) -> Iterator[Finding]:
    """The finding of a change that comes at the end or later."""
    last = case.recipe.epochs if unit == "epoch" else case.steps
    if last is not None and first >= last > 1:
        yield RULE.found(f"{what} is due at {unit} {first:,}, and there are {last:,}")
