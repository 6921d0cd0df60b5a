"""TL101: training was stopped, or its weights chosen, by looking at the test images."""

from collections.abc import Iterator

from tinylens.lint.finding import Finding
from tinylens.lint.selection import decided
from tinylens.runs import Run


def check(run: Run) -> Iterator[Finding]:
    """Fires where the recipe selects on the test split and something is selected."""
    chosen = decided(run.recipe)
    if run.recipe.select_on != "test" or not chosen:
        return
    looked = len(run.history)
    yield Finding(
        "TL101",
        "selected on the test set",
        "error",
        f"select_on is test: {' and '.join(chosen)} was decided by {looked} looks at the test images, "
        "so every figure on them is too good by an unknown amount",
        "cut a validation split from the training images: --set select_on=validation",
    )
