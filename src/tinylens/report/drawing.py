"""Figures drawn with matplotlib that take on the colours of the page they stand in."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What matplotlib draws with, and the page's name for it. Standing alone a figure has these colours on white.
INK, MUTED, GRID, BLUE, ORANGE, PAPER = "#1d2430", "#66708a", "#dfe3ea", "#2f6bd8", "#d9662b", "#ffffff"
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


def svg(figure: "Figure") -> str:
    """The figure as an SVG document, without metadata: the same figure gives the same text."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return text.getvalue()


def inline(document: str, description: str) -> Markup:
    """An SVG document as a part of a page, its colours the page's own."""
    body = document[document.index("<svg") :]
    for colour, name in NAMES.items():
        body = body.replace(colour, f"var(--{name}, {colour})")
    label = Markup('<svg role="img" aria-label="{}"').format(description)
    return Markup(body.replace("<svg", label, 1))  # our own drawing
