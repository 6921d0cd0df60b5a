"""TL103: training was stopped, or its weights chosen, by looking at the training images."""

from collections.abc import Iterator

from tinylens.lint.finding import Finding
from tinylens.lint.selection import decided
from tinylens.runs import Run


def check(run: Run) -> Iterator[Finding]:
    """Fires where the recipe selects on the training split and something is selected."""
    chosen = decided(run.recipe)
    if run.recipe.select_on != "train" or not chosen:
        return
    looked = len(run.history)
    yield Finding(
        "TL103",
        "selected on the training images",
        "error",
        f"select_on is train: {' and '.join(chosen)} was decided by {looked} looks at the training images, "
        "which go on looking better when other images begin to look worse",
        "cut a validation split from the training images: --set select_on=validation",
    )
