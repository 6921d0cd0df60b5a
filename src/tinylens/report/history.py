"""The history of a training: as a table, and as curves of loss and accuracy by epoch."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinylens.errors import TinylensError
from tinylens.report.drawing import BLUE, MUTED, ORANGE, figure_file
from tinylens.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A column's key in history.jsonl, and how its values are written.
COLUMNS = {
    "epoch": "{}",
    "step": "{:,}",
    "learning_rate": "{:.3g}",
    "train_loss": "{:.4f}",
    "train_accuracy": "{:.4f}",
    "validation_loss": "{:.4f}",
    "validation_accuracy": "{:.4f}",
    "validation_top5": "{:.4f}",
    "seconds": "{:.1f}",
}


def history_table(run: Run) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, one an epoch, of what is known of each; seconds are counted from the start of training.

    Raises TinylensError where no epoch is done.
    """
    history, seen = epochs_done(run), run.recipe.selection_name
    keys = [key for key in COLUMNS if any(key in row for row in history)]
    headings = [column_name(key, seen).replace("_", " ").replace("top5", "top-5") for key in keys]
    return headings, [[COLUMNS[key].format(row[key]) if key in row else "–" for key in keys] for row in history]


def history_csv(run: Run) -> list[list[Any]]:
    """The whole history, headings first, under the names that the table has. Raises TinylensError where it is empty."""
    history, seen = epochs_done(run), run.recipe.selection_name
    keys = list(dict.fromkeys(key for row in history for key in row))
    return [[column_name(key, seen) for key in keys], *([row.get(key, "") for key in keys] for row in history)]


def column_name(key: str, seen: str) -> str:
    """A key of history.jsonl, where validation is whatever selection goes by, with what that is called."""
    return key.replace("validation", seen.replace(" ", "_"))


def epochs_done(run: Run) -> list[dict[str, Any]]:
    """The history of a run that has one. Raises TinylensError where no epoch is done."""
    if not run.history:
        raise TinylensError(f"{run.path} has no history: none of its epochs is done")
    return run.history


def plot_history(run: Run | str | Path, path: str | Path) -> None:
    """Draw loss and accuracy by epoch into a .png, .svg or .pdf file. run: it, or its directory.

    Raises UsageError for another kind of file, and TinylensError where no epoch is done.
    """
    run = run if isinstance(run, Run) else Run(run)
    epochs_done(run)
    with figure_file(path, 10.4, 3.4) as figure:
        for axes, metric in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            draw_metric(axes, run, metric)


def draw_metric(axes: "Axes", run: Run, metric: str) -> None:
    """One metric by epoch, in training and where selection looks, and the epoch whose weights were kept."""
    from matplotlib.ticker import MaxNLocator

    rows, seen = run.history, run.recipe.selection_name
    draw_curve(axes, rows, f"train_{metric}", label="train", color=BLUE)
    draw_curve(axes, rows, f"validation_{metric}", label=seen, color=ORANGE)
    if metric == "accuracy":
        draw_curve(axes, rows, "validation_top5", label=f"{seen} top-5", color=ORANGE, linestyle="--")
    if (kept := run.training.get("kept_epoch")) is not None:
        axes.axvline(kept, color=MUTED, linestyle=":", linewidth=1.2)
    axes.set(title=metric.capitalize(), xlabel="epoch")
    axes.margins(x=0.04)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(rows) == 1:
        axes.set_xticks([rows[0]["epoch"]])
    axes.legend(frameon=False)


def draw_curve(
    axes: "Axes", rows: Sequence[dict[str, Any]], key: str, *, label: str, color: str, linestyle: str = "-"
) -> None:
    """A column of the history by epoch, over those epochs that have it."""
    known = [(row["epoch"], row[key]) for row in rows if key in row]
    if known:
        axes.plot(
            *zip(*known, strict=True),
            color=color,
            linestyle=linestyle,
            linewidth=2,
            marker="o",
            markersize=3.5,
            label=label,
        )
