"""TL110: the lens was over-fitted when training ended.

The loss on training images went on falling while that on the images beside it rose: the network learned the training
images by heart. Where the best epoch's weights are kept the lens is not harmed by it, and this is not told of.
"""

from collections.abc import Iterator

from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule

RULE = Rule(
    "TL110",
    "over-fitted",
    "warning",
    "keep=best with patience, more augmentation or dropout, a smaller network, or fewer epochs",
)
RISE = 1.1  # of the validation loss over its least
LATE = 2  # epochs after the best


def check(case: Case) -> Iterator[Finding]:
    """Fires where the kept epoch lies well past the one with the least validation loss, and training went on."""
    history = case.run.history if case.run is not None else []
    kept = case.run.training.get("kept_epoch") if case.run is not None else None
    rows = {row["epoch"]: row for row in history if "validation_loss" in row}
    if kept not in rows or case.recipe.select_on == "train":
        return
    best, now = min(rows.values(), key=lambda row: row["validation_loss"]), rows[kept]
    rose = now["validation_loss"] > RISE * best["validation_loss"]
    fell = now["train_loss"] < best["train_loss"] and now["epoch"] >= best["epoch"] + LATE
    if rose and fell:
        name = case.recipe.named("validation_loss")
        rose_to = f"{best['validation_loss']:.3f} to {now['validation_loss']:.3f}"
        fell_to = f"{best['train_loss']:.3f} to {now['train_loss']:.3f}"
        yield RULE.found(
            f"from epoch {best['epoch']} to {kept}, whose weights are kept, {name} rose from {rose_to}, and train loss "
            f"fell from {fell_to}"
        )
