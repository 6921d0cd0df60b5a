"""The confusion matrix as a picture whose numbers can be read, however many classes there are."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from tinylens.errors import UsageError
from tinylens.evaluation.confusion import ConfusionMatrix
from tinylens.report.drawing import BLUE, GRID, INK, ORANGE, PAPER, figure_file
from tinylens.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 200  # classes in one picture
LONGEST = 32  # letters of a class name
BAR = 3.5  # inches that the bars of the colours are high, at most
LIT = 0.75  # strength of a cell's colour above which its number is written in the colour of the paper


def plot_confusion(matrix: ConfusionMatrix, path: str | Path, *, normalise: bool = False) -> None:
    """Draw the matrix with a number in each cell that has images, into a .png, .svg or .pdf file.

    Blue is right, orange is wrong; the stronger the colour, the larger the share of the row. normalise: write percent
    of the row instead of counts. Raises UsageError for another kind of file and for more than 200 classes.
    """
    count = len(matrix.names)
    if count > MOST:
        raise UsageError(f"{path}: a picture holds at most {MOST} classes, not {count}; the CSV form holds them all")
    cell, font = (0.6, 10.0) if count <= 12 else (0.42, 9.0) if count <= 30 else (0.26, 6.5)  # inches, points
    names = [shortened(name, LONGEST) for name in matrix.names]
    many = count > 30
    side = cell * count + (2 if many else 1) * max(map(len, names)) * font * 0.009
    with figure_file(path, side + 2.4, side + 0.8) as figure:
        axes = figure.subplots()
        paint(axes, matrix, shrink=min(0.4, BAR / side))
        annotate(axes, matrix, font, normalise=normalise)
        axes.set_xticks(range(count), names, fontsize=font, parse_math=False, rotation=90)
        axes.set_yticks(range(count), names, fontsize=font, parse_math=False)
        axes.tick_params(which="both", length=0, top=many, right=many, labeltop=many, labelright=many)
        axes.set(xlabel="predicted", ylabel="truth")
        axes.set_title("Confusion matrix, " + ("percent of each true class" if normalise else "images"))


def paint(axes: "Axes", matrix: ConfusionMatrix, *, shrink: float) -> None:
    """Colour the cells, with a bar for each colour that says what share of the row it stands for.

    shrink: height of the bars as a share of the matrix's.
    """
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm
    from matplotlib.ticker import PercentFormatter

    right = np.eye(len(matrix.names), dtype=bool)
    kinds = ("right", BLUE, right, PowerNorm(1, 0, 1)), ("wrong", ORANGE, ~right, PowerNorm(0.5, 0, worst(matrix)))
    for name, colour, cells, norm in kinds:
        shares = np.ma.masked_array(matrix.shares, ~cells)
        image = axes.imshow(shares, cmap=LinearSegmentedColormap.from_list(name, [PAPER, colour]), norm=norm)
        form = PercentFormatter(1, symbol="\u202f%")
        bar = axes.figure.colorbar(image, ax=axes, shrink=shrink, anchor=(0, 1), pad=0.01, format=form)
        bar.set_label(f"{name}, of the row")
        bar.outline.set_edgecolor(GRID)


def annotate(axes: "Axes", matrix: ConfusionMatrix, font: float, *, normalise: bool) -> None:
    """Write a number into each cell that has images, and draw lines between the cells."""
    texts, strength = cell_texts(matrix, normalise=normalise), strengths(matrix)
    for row, column in np.argwhere(matrix.counts).tolist():
        text = texts[row][column]
        colour = PAPER if strength[row, column] > LIT else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=font, color=colour)
    between = np.arange(1, len(matrix.names)) - 0.5
    axes.set_xticks(between, minor=True)
    axes.set_yticks(between, minor=True)
    axes.grid(visible=False)
    axes.grid(which="minor", color=GRID, linewidth=0.5)


def worst(matrix: ConfusionMatrix) -> float:
    """The largest share of a row that is called another class: what the strongest orange stands for."""
    return max(float(np.where(matrix.mistakes, matrix.shares, 0).max()), 0.02)


def strengths(matrix: ConfusionMatrix) -> Float[np.ndarray, "k k"]:
    """How strong the colour of each cell is, in 0 .. 1. A root: rare mistakes can be seen beside frequent ones."""
    return np.where(np.eye(len(matrix.names), dtype=bool), matrix.shares, np.sqrt(matrix.shares / worst(matrix)))


def cell_texts(matrix: ConfusionMatrix, *, normalise: bool) -> list[list[str]]:
    """What is written in each cell: its count, or percent of its row; nothing where there is no image."""
    if not normalise:
        return [[str(count) if count else "" for count in row] for row in matrix.counts.tolist()]
    return [[percent_of_row(share) if share else "" for share in row] for row in matrix.shares.tolist()]


def percent_of_row(share: float) -> str:
    """A share in percent, in the least room that tells it: 0.2, 6.3, 70, 100."""
    return f"{100 * share:.1f}" if share < 0.0995 else f"{100 * share:.0f}"
