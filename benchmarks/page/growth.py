"""How time and memory of a training grow."""

import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from page.how import how, of, values
from page.tables import lines, number, table
from record import Rows, figure, went_well
from tinylens.report.drawing import BLUE, ORANGE, new_figure, svg
from tinylens.words import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Growth"
PICTURED = "Time and memory by number of images, image size and classes"
NAMES = {"images": "images", "image_size": "pixels a side", "classes": "classes"}
GIB, MIB = 2**30, 2**20

TEXT = """\
What a training costs by the number of images, their size and the number of classes. One of the three grows at a time;
the others are 10,000 images, 32 pixels a side and 10 classes. An epoch is that of the training images, from the steps
that were timed. Memory is the most that the process held, Python and PyTorch included ({start} before anything is
loaded).

{said}

{table}

{how}"""

WAYS = (
    "Recipe {recipe}. Images are noise in an .npz file, and loading is all that `tinylens train` does before its first "
    "step: read, check, cut off validation images, take the fingerprints. Then {seconds:g} s of steps are timed, after "
    "the warm-up. Each point is a process of its own, n = {rounds}",
)


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    rows = record["measurements"]
    start = [f"{min(values(rows, 'bytes_at_start')) / MIB:,.0f} MiB"] if values(rows, "bytes_at_start") else ["unknown"]
    ways = (way.format(**{key: record[key] for key in ("recipe", "seconds", "rounds")}) for way in WAYS)
    said = lines(filter(None, (statement(rows, name) for name in NAMES)))
    return TEXT.format(start=start[0], said=said, table=figures(rows), how=how(record, *ways))


def statement(rows: Rows, name: str) -> str | None:
    """What grows how with one of the three, in a sentence; None where there are no two points."""
    places = points(rows, name)
    if len(places) < 2:
        return None
    low, high = places[0], places[-1]
    times = {key: growing(rows, name, places, key) for key in ("loading_seconds", "epoch_seconds")}
    memory = [middle(rows, name, place, "bytes_at_most") for place in (low, high)]
    said = f"**{NAMES[name]}**, {low:,} to {high:,} ({high / low:,.3g} times): " + "; ".join(
        f"{what} {factor:,.3g} times as long{power(factor, high / low)}"
        for what, factor in zip(("loading takes", "an epoch takes"), times.values(), strict=True)
    )
    more = (memory[1] - memory[0]) / (high - low)
    each = f", {more / 1024:,.3g} KiB for each further image (its pixels are 3 KiB)" if name == "images" else ""
    return f"{said}; memory goes from {memory[0] / GIB:.2f} to {memory[1] / GIB:.2f} GiB{each}."


def growing(rows: Rows, name: str, places: Sequence[int], key: str) -> float:
    """How many times as much it is at the last point as at the first."""
    return middle(rows, name, places[-1], key) / middle(rows, name, places[0], key)


def power(factor: float, grown: float) -> str:
    """Which power of what grew a factor is."""
    return f" (power {math.log(factor) / math.log(grown):.2f})"


def points(rows: Rows, name: str) -> list[int]:
    """The points that were measured of what grows."""
    return sorted({row[name] for row in of(rows, grows=name) if went_well(row)})


def middle(rows: Rows, name: str, place: int, key: str) -> float:
    """The median of what was found at a point."""
    return median(values(of(rows, grows=name, **{name: place}), key))


def figures(rows: Rows) -> str:
    """A line for each point."""
    heads = ["grows", "", "loading", "images/s", "an epoch", "memory loaded", "memory at most", "n"]
    return table(heads, (cells(rows, name, place) for name in NAMES for place in points(rows, name)))


def cells(rows: Rows, name: str, place: int) -> list[str]:
    """A point's line."""
    loading, speed, epoch, loaded, most = (
        middle(rows, name, place, key)
        for key in ("loading_seconds", "images_per_second", "epoch_seconds", "bytes_loaded", "bytes_at_most")
    )
    memory = (f"{loaded / GIB:.2f} GiB", f"{most / GIB:.2f} GiB")
    count = len(values(of(rows, grows=name, **{name: place}), "seconds"))
    return [NAMES[name], f"{place:,}", duration(loading), figure(speed), duration(epoch), *memory, str(count)]


def draw(record: dict[str, Any]) -> str | None:
    """A column for each of the three: time above, memory below."""
    rows = record["measurements"]
    names = [name for name in NAMES if len(points(rows, name)) > 1]
    if not names:
        return None
    with new_figure(8.8, 5.0) as drawing:
        panels = drawing.subplots(2, len(names), squeeze=False, sharex="col")
        for column, name in enumerate(names):
            above, below = panels[0][column], panels[1][column]
            curve(above, rows, name, "epoch_seconds", 1, color=BLUE, label="an epoch")
            curve(above, rows, name, "loading_seconds", 1, color=ORANGE, label="loading")
            curve(below, rows, name, "bytes_at_most", GIB, color=BLUE, label="at most")
            curve(below, rows, name, "bytes_loaded", GIB, color=ORANGE, label="loaded")
            above.set(xscale="log", yscale="log", title=NAMES[name])
            below.set(xscale="log", ylim=(0, None), xlabel=NAMES[name])
            below.set_xticks(points(rows, name), labels=[number(place) for place in points(rows, name)])
            below.minorticks_off()
        for axes, label in zip(panels[:, 0], ("seconds", "memory in GiB"), strict=True):
            axes.set_ylabel(label)
            axes.legend(frameon=False, fontsize=9)
        return svg(drawing)


def curve(axes: "Axes", rows: Rows, name: str, key: str, unit: float, **look: Any) -> None:
    """A quantity along what grows."""
    places = points(rows, name)
    axes.plot(places, [middle(rows, name, place, key) / unit for place in places], marker="o", markersize=4, **look)
