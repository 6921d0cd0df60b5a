"""Accuracy on CIFAR-10's test images after five minutes of training."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

from page.how import how, of, sides, values, ways
from page.tables import table
from record import Rows, went_well
from tinylens.evaluation.statistics import wilson_interval
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, new_figure, svg
from tinylens.words import duration, percent, with_interval

TITLE = "CIFAR-10 in five minutes"
PICTURED = "Accuracy on the test images after the time"
OURS = "Tinylens"

TEXT = """\
Accuracy on the 10,000 test images after {time} of training on this machine's processor, each as its own documentation
has it, from fresh weights. {accuracy} Images are those that training saw, again and again; seconds are those of
training, from images that are loaded to weights that are trained; judging comes after.

{table}

{how}"""

WAYS = {
    "": "Everybody is trained alone, one after the other, in an environment of its own. Who has a schedule sets it to "
    "what fits the time, by some steps that are timed first, in the time; nobody goes on after it. Nobody begins with "
    "weights that are trained already, on other images",
    "Tinylens": "`tinylens train sprint --time`; test-time augmentation and all",
    "PyTorch": "torchvision's resnet18 and the training of its references (SGD, a rate of 0.1 in three steps, batches "
    "of 256), with the crops and flips usual for CIFAR-10, in a `DataLoader` with two workers",
    "fastai": "`ImageDataLoaders.from_folder` with `aug_transforms`, `vision_learner` with resnet18, `fit_one_cycle`, "
    "as its documentation has them; the number of whole epochs nearest to the time, cut off where that is over",
    "Ultralytics": "its smallest classifier at 32 pixels, with its own option `time`; of its epochs the best by 1,000 "
    "validation images",
    "Keras": "the CNN of TensorFlow's tutorial on CIFAR-10, whose rate stays, until the time is over",
}


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    rows = record["measurements"]
    alone = all(len(values(of(rows, side=side), "accuracy")) < 2 for side in sides(rows))
    said = "One run each, with the 95 % interval of the test images." if alone else "Mean (lowest–highest) of n runs."
    end = how(record, *ways(WAYS, rows))
    return TEXT.format(time=duration(record["seconds"]), accuracy=said, table=figures(rows), how=end)


def figures(rows: Rows) -> str:
    """A line for each side, the best first, those that failed last."""
    heads = ["", "test accuracy", "n", "images", "training", "judging", "arithmetic"]
    return table(heads, (cells(of(rows, side=side)) for side in ranked(rows)))


def ranked(rows: Rows) -> list[str]:
    """The sides, the best first."""
    return sorted(sides(rows), key=lambda side: -mean(values(of(rows, side=side), "accuracy") or [-1]))


def cells(rows: Rows) -> list[str]:
    """A side's line."""
    done = [row for row in rows if went_well(row)]
    if not done:
        return [rows[0]["side"], "failed", "0", "–", "–", "–", "–"]
    images, seconds, judging = (mean(values(done, key)) for key in ("images", "seconds", "judging_seconds"))
    about = [f"{images:,.0f}", duration(seconds), duration(judging), done[0]["precision"]]
    return [rows[0]["side"], accuracy(done), str(len(done)), *about]


def accuracy(rows: Sequence[dict[str, Any]]) -> str:
    """Accuracy with how sure it is."""
    found = values(rows, "accuracy")
    if len(found) > 1:
        return f"{percent(mean(found), 2)} ({100 * min(found):.2f}–{percent(max(found), 2)})"
    tested = rows[0]["tested"]
    return with_interval(found[0], wilson_interval(round(found[0] * tested), tested), 2)


def draw(record: dict[str, Any]) -> str | None:
    """A bar for each side, and a point for each run."""
    rows = record["measurements"]
    names = [side for side in ranked(rows) if values(of(rows, side=side), "accuracy")]
    if not names:
        return None
    with new_figure(8.4, 1.3 + 0.42 * len(names)) as figure:
        axes = figure.subplots()
        for place, name in enumerate(names):
            found = [100 * value for value in values(of(rows, side=name), "accuracy")]
            middle = mean(found)
            axes.barh(place, middle, height=0.62, color=BLUE if name.startswith(OURS) else ORANGE)
            if len(found) > 1:
                axes.plot(found, [place] * len(found), "o", color=INK, markersize=3.5)
            said = f"{middle:.1f}\u202f%"
            axes.annotate(said, (max(found), place), (6, 0), textcoords="offset points", va="center", color=MUTED)
        axes.set_yticks(range(len(names)), labels=names)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(visible=False, axis="y")
        title = f"CIFAR-10 after {duration(record['seconds'])} of training"
        axes.set(xlim=(0, 108), xticks=range(0, 101, 20), xlabel="test accuracy in %", title=title)
        axes.set_ylim(len(names) - 0.4, -0.6)
        return svg(figure)
