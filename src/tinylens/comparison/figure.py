"""The figures of a comparison: the accuracy of each side, the difference of each pair, and its classes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinylens.comparison import Comparison
from tinylens.comparison.pairs import ClassChange, Pair
from tinylens.comparison.sides import Side
from tinylens.evaluation.statistics import t_interval
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, figure_file, new_figure, svg
from tinylens.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.4  # inches
LINE, LEGEND = 0.36, 0.4  # inches: a row, and what the marks are
MOST_PAIRS = 60
LONGEST = 52
DIAMOND: dict[str, Any] = {"linewidth": 2, "marker": "D", "markersize": 5.5}
BY_IMAGES = DIAMOND | {"color": BLUE, "label": "95 % interval, other images"}
BY_SEEDS = DIAMOND | {"color": ORANGE, "label": "95 % interval, other seeds (t)"}
A_RUN: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 4, "linewidth": 0, "label": "a run"}


def heights(sides: Sequence[Side], pairs: Sequence[Pair]) -> list[float]:
    """How high the two drawings are, in inches."""
    return [0.9 + LINE * len(sides), 0.9 + LINE * min(len(pairs), MOST_PAIRS)]


def draw(sides: Sequence[Side], pairs: Sequence[Pair]) -> str:
    """The accuracies above, the differences below, as an SVG document."""
    with new_figure(WIDTH, LEGEND + sum(heights(sides, pairs))) as figure:
        paint(figure, sides, pairs)
        return svg(figure)


def paint(figure: "Figure", sides: Sequence[Side], pairs: Sequence[Pair]) -> None:
    """Draw both on a figure of that size."""
    above, below = figure.subplots(2, 1, height_ratios=heights(sides, pairs))
    draw_sides(above, sides)
    draw_pairs(below, pairs[:MOST_PAIRS])
    kinds = [side.deviation is None for side in sides]
    marks = ([BY_IMAGES] if any(kinds) or pairs else []) + ([] if all(kinds) else [BY_SEEDS, A_RUN])
    for mark in marks:
        below.plot([], [], **mark)
    figure.legend(loc="outside upper left", frameon=False, ncols=3, fontsize=9)


def draw_sides(axes: "Axes", sides: Sequence[Side]) -> None:
    """The accuracy of each run, and the interval of each side: of the images for a run, of the mean over seeds else."""
    for place, side in enumerate(sides):
        several = side.deviation is not None
        low, high = t_interval(side.accuracies, finest=1 / len(side.right)) if several else side.figures[0].interval
        colour = ORANGE if several else BLUE
        axes.plot([100 * low, 100 * high], [place, place], color=colour, linewidth=2, zorder=3)
        axes.plot(100 * side.accuracy, place, "D", color=colour, markersize=5.5, zorder=3)
        if several:
            points = [100 * accuracy for accuracy in side.accuracies]
            axes.plot(points, [place] * len(points), "o", color=INK, markersize=4, zorder=4, markeredgewidth=0)
    # What the drawing below calls a side, and that it is marked, stand behind however long a name.
    rows(axes, [f"{shortened(side.name, LONGEST - 5)}{side.mark}  {side.letter}" for side in sides])
    axes.set(xlabel=f"{sides[0].predictions[0].split} accuracy in %")


def draw_pairs(axes: "Axes", pairs: Sequence[Pair]) -> None:
    """The difference of each pair with its intervals."""
    for place, pair in enumerate(pairs):
        above = 0.13 if pair.seeds else 0.0
        axes.plot([100 * end for end in pair.interval], [place - above] * 2, color=BLUE, linewidth=2, zorder=3)
        axes.plot(100 * pair.difference, place - above, "D", color=BLUE, markersize=5.5, zorder=4)
        if pair.seeds is not None:
            axes.plot(
                [100 * end for end in pair.seeds.interval], [place + 0.13] * 2, color=ORANGE, linewidth=2, zorder=3
            )
            axes.plot(100 * pair.difference, place + 0.13, "D", color=ORANGE, markersize=5.5, zorder=4)
    axes.axvline(0, color=MUTED, linestyle=":", linewidth=1.2)
    rows(axes, [pair.letters for pair in pairs])
    axes.set(xlabel="difference of accuracy in points")


def rows(axes: "Axes", names: Sequence[str]) -> None:
    """Name the rows of a drawing, the first at the top."""
    axes.set_yticks(range(len(names)), labels=[shortened(name, LONGEST) for name in names])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")


def draw_classes(changes: Sequence[ClassChange]) -> str:
    """The change of each class with its interval, most gained first, as an SVG document."""
    ordered = sorted(changes, key=lambda change: -change.difference)
    with new_figure(4.4, 1.0 + 0.27 * len(ordered)) as figure:
        axes = figure.subplots()
        for place, change in enumerate(ordered):
            colour = BLUE if change.difference >= 0 else ORANGE
            axes.barh(place, 100 * change.difference, 0.62, color=colour, alpha=0.8)
            axes.plot([100 * end for end in change.interval], [place, place], color=INK, linewidth=1.1)
        axes.axvline(0, color=MUTED, linewidth=1)
        rows(axes, [change.name for change in ordered])
        axes.set(xlabel="change of recall in points, with 95 % intervals")
        return svg(figure)


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw accuracies and differences into a .png, .svg or .pdf file. Raises UsageError for another kind of file."""
    sides, pairs = comparison.sides, comparison.pairs
    with figure_file(path, WIDTH, LEGEND + sum(heights(sides, pairs))) as figure:
        paint(figure, sides, pairs)
