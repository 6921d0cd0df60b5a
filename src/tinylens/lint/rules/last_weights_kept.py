"""TL102: the last epoch's weights were kept although an earlier epoch was better."""

from collections.abc import Iterator

from tinylens.lint.finding import Finding
from tinylens.runs import Run


def check(run: Run) -> Iterator[Finding]:
    """Fires where the kept epoch is not the best one by the metric that was watched."""
    training, recipe = run.training, run.recipe
    if not training or training["kept_epoch"] == training["best_epoch"]:
        return
    values = {row["epoch"]: row[recipe.monitor] for row in run.history}
    best, kept = training["best_epoch"], training["kept_epoch"]
    if values[best] == values[kept]:
        return
    yield Finding(
        "TL102",
        "the last weights were kept, not the best",
        "warning",
        f"{recipe.named(recipe.monitor)} was {values[best]:.4f} after epoch {best} and {values[kept]:.4f} after "
        f"epoch {kept}, whose weights were kept",
        "keep the best epoch's weights: --set keep=best",
    )
