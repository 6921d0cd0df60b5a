"""TL101: training was stopped, or its weights chosen, by looking at the test images.

Every figure on the test images is then the best of many looks, and too good by an amount that nobody knows.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.lint.selection import decided

RULE = Rule(
    "TL101",
    "selected on the test set",
    "error",
    "cut a validation split from the training images: --set select_on=validation",
)


def check(case: Case) -> Iterator[Finding]:
    """Fires where the recipe selects on the test split and something is selected."""
    chosen = decided(case.recipe)
    if case.recipe.select_on != "test" or not chosen:
        return
    looked = f"{len(case.run.history)} looks" if case.run is not None else "a look after each epoch"
    yield RULE.found(
        f"select_on is test: {' and '.join(chosen)} was decided by {looked} at the test images, "
        "so every figure on them is too good by an unknown amount"
    )
