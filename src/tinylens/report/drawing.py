"""Figures drawn with matplotlib that take on the colours of the page they stand in."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tinylens.errors import UsageError
from tinylens.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What matplotlib draws with, and the page's name for it. Standing alone a figure has these colours on white.
INK, MUTED, GRID, BLUE, ORANGE, PAPER = "#1d2430", "#66708a", "#dfe3ea", "#2f6bd8", "#d9662b", "#ffffff"
SUFFIXES = ("png", "svg", "pdf")
NO_METADATA: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # the same figure, the same text
NAMES = {INK: "ink", MUTED: "muted", GRID: "line", BLUE: "blue", ORANGE: "orange", PAPER: "paper"}


@contextmanager
def new_figure(width: float, height: float) -> Iterator["Figure"]:
    """An empty figure of that many inches, to be drawn on and saved inside the block, in the page's colours."""
    import matplotlib
    from matplotlib.figure import Figure

    style: Any = {
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "grid.color": GRID,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "font.size": 10,
        "svg.hashsalt": "tinylens",
    }
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)  # boxes say it already
        yield Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)


@contextmanager
def figure_file(path: str | Path, width: float, height: float) -> Iterator["Figure"]:
    """An empty figure of that many inches, to be drawn on inside the block, and written into a file when it ends.

    Raises UsageError for another kind of file than .png, .svg and .pdf.
    """
    path = Path(path)
    kind = kind_of_picture(path)
    with new_figure(width, height) as figure:
        yield figure
        with replacing(path) as file:
            figure.savefig(file, format=kind, dpi=150, metadata=NO_METADATA if kind == "svg" else None)


def kind_of_picture(path: Path) -> str:
    """png, svg or pdf, by a file's name. Raises UsageError for another, and where its folder is missing."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in SUFFIXES:
        raise UsageError(f"{path}: a picture can be {', '.join('.' + s for s in SUFFIXES)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    return kind


def svg(figure: "Figure") -> str:
    """The figure as an SVG document."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata=NO_METADATA)
    return text.getvalue()


def inline(document: str, description: str) -> Markup:
    """An SVG document as a part of a page, its colours the page's own."""
    body = document[document.index("<svg") :]
    for colour, name in NAMES.items():
        body = body.replace(colour, f"var(--{name}, {colour})")
    label = Markup('<svg role="img" aria-label="{}"').format(description)
    return Markup(body.replace("<svg", label, 1))  # our own drawing
