"""tinylens compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tinylens.cli.output import Common, print_json, print_table
from tinylens.errors import UsageError
from tinylens.words import percent

if TYPE_CHECKING:
    from tinylens.comparison import Comparison, Pair


def compare(
    *runs: Path,
    split: Literal["validation", "test"] = "test",
    plot: Path | None = None,
    page: Path | None = None,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Compare runs on the same images, and say whether they differ by more than luck.

    Nothing is judged again: the predictions that are kept are read, and --page shows images of them, as a report does.
    Runs that differ by nothing but their seed are one side, and the recipes are compared over seeds; unless they are
    all there is.

    For example:

      tinylens compare runs/cifar10-mini-vgg-20260101-120000 runs/cifar10-leaky-cnn-20260101-120000

      tinylens compare runs/cifar10-mini-vgg-* runs/cifar10-leaky-cnn-* --page compare.html

      tinylens compare runs/seeds-cifar10-mini-vgg-20260101-120000 runs/seeds-cifar10-leaky-cnn-20260101-120000

    Parameters
    ----------
    runs
        Run directories, or folders that hold some, as those of `train --seeds` and of sweeps.
    split
        Which images.
    plot
        Draw accuracies and differences into this file (.png, .svg or .pdf).
    page
        Write a page (.html) with the figure, classes, and images that each side gets right alone.
    data_dir
        Where to look first for downloaded data. The images of the page come from it.
    """
    from tinylens import comparison

    if page is not None and page.suffix.lower() != ".html":
        raise UsageError(f"{page}: the page is a .html file")
    if page is not None and not page.parent.is_dir():
        raise UsageError(f"{page}: there is no folder {page.parent}")
    made = comparison.compare(runs, split=split)
    if plot is not None:
        from tinylens.comparison.figure import plot_comparison

        plot_comparison(made, plot)
    if page is not None:
        keep_page(made, page, data_dir)
    if common and common.json:
        print_json(made.to_json())
    else:
        tell(made)


def keep_page(made: "Comparison", page: Path, data_dir: Path | None) -> None:
    """Write the page, and say where it has no images."""
    from tinylens.comparison.page import write_page
    from tinylens.console import say

    why = write_page(made, page, data_dir)
    if why is not None:
        say(f"{page} has no images: {why}")


def tell(made: "Comparison") -> None:
    """Print the sides, the pairs, the classes of a single pair, and the verdicts."""
    sides = [[s.letter, s.name, ", ".join(map(str, s.seeds)), s.said, f"{s.mean('macro_f1'):.3f}",
              percent(s.mean("calibration_error"))] for s in made.sides]  # fmt: skip
    headings = ["", "side", "seeds", f"{made.split} accuracy", "macro F1", "calibration error"]
    print_table(headings, sides, right=headings[4:])
    headings = ["pair", "points", "other images", "p", "p Holm", "other seeds", "p Holm seeds",
                "first alone", "second alone"]  # fmt: skip
    print_table(headings, [pair_row(pair) for pair in made.pairs], right=headings[1:])
    if len(made.pairs) == 1:
        print_classes(made.pairs[0])
    for line in [*made.verdicts, *made.remarks]:
        print(line)


def pair_row(pair: "Pair") -> list[str]:
    """A pair as a row of the table."""
    from tinylens.comparison.verdict import p_words, signed

    seeds = ["–", "–"]
    if pair.seeds is not None:
        low, high = pair.seeds.interval
        seeds = [f"{signed(low)} to {signed(high)}", p_words(pair.seeds.corrected)]
    images = [
        signed(pair.difference),
        " to ".join(map(signed, pair.interval)),
        p_words(pair.p),
        p_words(pair.corrected),
    ]
    alone = [f"{len(pair.first_alone):,}", f"{len(pair.second_alone):,}"]
    return [pair.letters, *images, *seeds, *alone]


def print_classes(pair: "Pair") -> None:
    """The recall of each class on both sides, and its change."""
    from tinylens.comparison.verdict import p_words, signed

    headings = ["class", "images", "first", "second", "change", "95 % interval", "p Holm"]
    rows = [
        [c.name, c.images, percent(c.first), percent(c.second), signed(c.difference),
         " to ".join(map(signed, c.interval)), p_words(c.corrected)]
        for c in pair.classes
    ]  # fmt: skip
    print_table(headings, rows, right=headings[1:])
