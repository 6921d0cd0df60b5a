"""tinylens history, tinylens confusion, tinylens predictions: what a run left, looked at without its model."""

import shutil
import sys
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tinylens.cli.output import Common, print_csv, print_json, print_table
from tinylens.errors import at_least
from tinylens.words import MARKED, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinylens.evaluation.confusion import ConfusionMatrix
    from tinylens.evaluation.predictions import Answer

Format = Annotated[Literal["table", "csv"], Parameter(help="How to print.")]
Flag = Annotated[bool, Parameter(negative="")]


def history(run: Path, *, format: Format = "table", plot: Path | None = None, common: Common | None = None) -> None:
    """Print loss, accuracy, learning rate and time after each epoch, also of a training that is under way.

    For example:

      tinylens history runs/cifar10-four-by-four-20260101-120000

      tinylens history runs/cifar10-four-by-four-20260101-120000 --plot curves.png

    Parameters
    ----------
    run
        The run directory.
    plot
        Draw the curves into this file (.png, .svg or .pdf).
    """
    from tinylens.report.history import history_csv, history_table, plot_history
    from tinylens.runs import Run

    opened = Run(run)
    headings, rows = history_table(opened)
    if plot is not None:
        plot_history(opened, plot)
    if common and common.json:
        selected = {"selected_on": opened.recipe.select_on}  # of which images the keys validation_... are
        print_json([row | selected for row in opened.history])
    elif format == "csv":
        print_csv(history_csv(opened))
    else:
        print_table(headings, rows, right=headings)


def confusion(
    run: Path,
    *,
    split: Literal["validation", "test"] = "test",
    normalise: Flag = False,
    superclasses: Flag = False,
    format: Format = "table",
    plot: Path | None = None,
    common: Common | None = None,
) -> None:
    """Print the confusion matrix of a judged run, true classes in rows, and the worst confusions in words.

    It is read from the predictions that `tinylens evaluate` left: the test images are not opened again.

    For example:

      tinylens confusion runs/cifar10-four-by-four-20260101-120000 --plot confusion.png

      tinylens confusion runs/cifar100-wide-cnn-20260101-120000 --superclasses --normalise

    Parameters
    ----------
    run
        The run directory.
    split
        Which images.
    normalise
        Percent of each row (of the images of a true class) instead of counts; with csv and JSON shares of 1.
    superclasses
        Of the groups that the classes belong to, where the data knows any.
    plot
        Draw the matrix, with its numbers, into this file (.png, .svg or .pdf).
    """
    from tinylens.evaluation.confusion import confusion_matrix, near_misses
    from tinylens.evaluation.judge import confusion_rows, saved_predictions
    from tinylens.report.confusion_figure import plot_confusion

    judged = saved_predictions(run, split)
    matrix, near = confusion_matrix(judged, superclasses=superclasses), near_misses(judged)
    if plot is not None:
        plot_confusion(matrix, plot, normalise=normalise)
    if common and common.json:
        print_json({
            "run": str(run), "split": split, "classes": matrix.names, "normalised": normalise,
            "matrix": (matrix.shares if normalise else matrix.counts).tolist(),
            "most_confused": [asdict(pair) | {"words": pair.words} for pair in matrix.most_confused()],
            "near_misses": asdict(near) | {"words": near.words} if near else None,
        })  # fmt: skip
        return
    if format == "csv":
        print_csv(confusion_rows(matrix, normalise=normalise))
        return
    print_matrix(matrix, normalise=normalise)
    for pair in matrix.most_confused():
        print(pair.words)
    if near:
        print(near.words)
    print_mark(run, split)


def print_matrix(matrix: "ConfusionMatrix", *, normalise: bool) -> None:
    """The matrix as a table with numbered columns, or, where the terminal is too narrow for it, where else it is."""
    from tinylens.report.confusion_figure import cell_texts

    numbers = [str(number) for number in range(len(matrix.names))]
    texts = [[text or "·" for text in row] for row in cell_texts(matrix, normalise=normalise)]
    rows = [[number, name, *row] for number, name, row in zip(numbers, matrix.names, texts, strict=True)]
    widest = [max(map(len, column)) for column in zip(*rows, ["", "truth", *numbers], strict=True)]
    if sys.stdout.isatty() and sum(widest) + 3 * len(widest) > shutil.get_terminal_size().columns:
        print(f"{len(numbers)} classes are too many for this terminal: --plot FILE draws them, --format csv lists them")
    else:
        print_table(["", "truth", *numbers], rows, right=["", *numbers])


def predictions(
    run: Path,
    *,
    split: Literal["validation", "test"] = "test",
    first: int = 10,
    random: int | None = None,
    seed: int = 0,
    wrong: Flag = False,
    format: Format = "table",
    plot: Path | None = None,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Print truth and prediction, image by image, of a judged run: the first ones, or ones drawn at random.

    They are read from the predictions that `tinylens evaluate` left: nothing is judged again.

    For example:

      tinylens predictions runs/cifar10-four-by-four-20260101-120000

      tinylens predictions runs/cifar10-four-by-four-20260101-120000 --random 16 --plot predictions.png

      tinylens predictions runs/cifar10-four-by-four-20260101-120000 --wrong --first 20 --format csv

    Parameters
    ----------
    run
        The run directory.
    split
        Which images.
    first
        How many, from the first on.
    random
        How many drawn at random, instead of the first ones.
    seed
        Of the draw.
    wrong
        Only images that were classified wrongly.
    plot
        Draw each image with the predicted class, its probability and the truth into this file (.png, .svg or .pdf).
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens.evaluation.judge import saved_predictions
    from tinylens.report.prediction_figure import plot_predictions
    from tinylens.runs import Run

    count = first if random is None else random
    at_least(1, "--first" if random is None else "--random", count)
    at_least(0, "--seed", seed)
    opened = Run(run)
    judged = saved_predictions(opened, split)
    indices = judged.pick(count, seed=None if random is None else seed, wrong=wrong)
    if not indices:
        said = f"there are no mistakes among the {len(judged):,} {split} images"
        print(said, file=sys.stderr if format == "csv" else None)
    elif plot is not None:
        plot_predictions(judged, opened.manifest.reload(data_dir=data_dir)[split], indices, plot)
    answers = [judged.answer(index) for index in indices]
    if common and common.json:
        print_json([asdict(answer) for answer in answers])
        return
    print_answers(answers, format)
    if answers and format == "table":
        print_mark(run, split)


def print_answers(answers: "Sequence[Answer]", format: Format) -> None:
    """Each answer in a row: where it stands in the split, truth, prediction, probability, and whether it is right."""
    from tinylens.evaluation.predictions import Answer

    headings = [field.name for field in fields(Answer)]
    if format == "csv":
        print_csv([headings, *map(astuple, answers)])
    elif answers:
        rows = [[a.index, a.truth, a.predicted, percent(a.probability), "yes" if a.right else "no"] for a in answers]
        print_table(headings, rows, right=["index", "probability"])


def print_mark(run: Path, split: str) -> None:
    """Say below figures on test images that selection looked at them, where it did."""
    from tinylens.runs import Run

    if split == "test" and Run(run).recipe.mark:
        print(MARKED)
