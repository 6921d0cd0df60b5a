"""TL103: training was stopped, or its weights chosen, by looking at the training images.

They go on looking better when other images begin to look worse, so that neither decision means anything.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.lint.selection import decided

RULE = Rule(
    "TL103",
    "selected on the training images",
    "error",
    "cut a validation split from the training images: --set select_on=validation",
)


def check(case: Case) -> Iterator[Finding]:
    """Fires where the recipe selects on the training split and something is selected."""
    chosen = decided(case.recipe)
    if case.recipe.select_on != "train" or not chosen:
        return
    looked = f"{len(case.run.history)} looks" if case.run is not None else "a look after each epoch"
    yield RULE.found(
        f"select_on is train: {' and '.join(chosen)} was decided by {looked} at the training images, "
        "which go on looking better when other images begin to look worse"
    )
