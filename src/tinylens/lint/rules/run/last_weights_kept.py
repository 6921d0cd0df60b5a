"""TL102: the last epoch's weights were kept although an earlier epoch was better.

The metric that was watched says which epoch is best; the lens has the weights of another.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule(
    "TL102", "the last weights were kept, not the best", "warning", "keep the best epoch's weights: --set keep=best"
)


def check(case: Case) -> Iterator[Finding]:
    """Fires where the kept epoch is not the best one by the metric that was watched."""
    training, recipe = case.run.training if case.run is not None else {}, case.recipe
    if case.run is None or not training or training["kept_epoch"] == training["best_epoch"]:
        return
    values = {row["epoch"]: row[recipe.monitor] for row in case.run.history}
    best, kept = training["best_epoch"], training["kept_epoch"]
    if values[best] == values[kept]:
        return
    yield RULE.found(
        f"{recipe.named(recipe.monitor)} was {values[best]:.4f} after epoch {best} and {values[kept]:.4f} after "
        f"epoch {kept}, whose weights were kept"
    )
