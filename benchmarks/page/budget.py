"""Where the time of a training step goes."""

from collections.abc import Iterable
from typing import Any

from page.how import how, of
from page.tables import table
from record import Rows, went_well
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, new_figure, svg
from tinylens.words import milliseconds, percent

TITLE = "Where the time goes"
PICTURED = "The parts of a training step"
TEXT = """\
The parts of a training step, and what its matrix products, convolutions included, achieve of the speed that a large
product reaches on this machine in the same precision, measured beside it. The floor is what a step would take if it did
nothing but those products, at that speed.

{steps}

### By part

{parts}

### By layer

Layers that multiply.

{layers}

{how}"""

WAYS = (
    "Whole steps are timed, then some are traced, and the times of the parts set in proportion to whole steps, as "
    "`tinylens profile` does. Each recipe is a process of its own, n = {rounds}; of several the middle one is told",
)
LOOKS: dict[str, dict[str, Any]] = {
    "convolutions, forward": {"color": BLUE},
    "convolutions, backward": {"color": BLUE, "alpha": 0.6},
    "other layers, forward": {"color": ORANGE},
    "other layers, backward": {"color": ORANGE, "alpha": 0.6},
    "the rest": {"color": MUTED, "alpha": 0.6},
}


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    found = middle(record["measurements"])
    ways = (way.format(rounds=record["rounds"]) for way in WAYS)
    return TEXT.format(steps=steps(found), parts=parts(found), layers=layers(found), how=how(record, *ways))


def middle(rows: Rows) -> list[dict[str, Any]]:
    """Of each recipe the measurement whose step took the median time."""
    found = []
    for recipe in dict.fromkeys(row["recipe"] for row in rows):
        several = sorted(filter(went_well, of(rows, recipe=recipe)), key=lambda row: row["step_seconds"])
        found += several[len(several) // 2 :][:1]
    return found


def steps(rows: Rows) -> str:
    """A line for each recipe."""
    heads = ["recipe", "batch", "a step, ms", "images/s", "GFLOP a step", "GFLOP/s", "peak, GFLOP/s", "achieved"]
    return table([*heads, "floor, ms"], map(step, rows))


def step(row: dict[str, Any]) -> list[str]:
    """A recipe's line."""
    speeds = row["flop_per_second"], row["peak"]
    return [
        row["recipe"],
        f"{row['batch_size']:,}",
        milliseconds(row["step_seconds"]),
        f"{row['images_per_second']:,.0f}",
        f"{row['flop'] / 1e9:,.0f}",
        *(f"{speed / 1e9:,.0f}" for speed in speeds),
        percent(speeds[0] / speeds[1], 0),
        milliseconds(row["flop"] / row["peak"]),
    ]


def parts(rows: Rows) -> str:
    """What a step consists of, a column for each recipe."""
    split = [split_up(row) for row in rows]
    names = dict.fromkeys(name for one in split for name in one)
    heads = ["part", *(f"{row['recipe']}, ms" for row in rows), *(f"{row['recipe']}, share" for row in rows)]
    times = {name: [one.get(name, 0.0) for one in split] for name in names}
    whole = [row["step_seconds"] for row in rows]
    return table(heads, ([name, *map(milliseconds, found), *shares(found, whole)] for name, found in times.items()))


def shares(found: Iterable[float], whole: Iterable[float]) -> list[str]:
    """Of whole steps."""
    return [percent(part / step) for part, step in zip(found, whole, strict=True)]


def split_up(row: dict[str, Any]) -> dict[str, float]:
    """Seconds of a step, by what is done: of the passes, those of convolutions and of other layers."""
    found = {}
    for name, seconds in row["parts"].items():
        if name not in ("forward", "backward"):
            found[name] = seconds
            continue
        convolutions = sum(layer[name] for layer in row["layers"] if layer["kind"].endswith("Conv2d"))
        found |= {f"convolutions, {name}": convolutions, f"other layers, {name}": seconds - convolutions}
    return found


def layers(rows: Rows) -> str:
    """A line for each layer that multiplies."""
    heads = ["recipe", "layer", "forward, ms", "backward, ms", "share of the step", "GFLOP", "GFLOP/s", "of the peak"]
    lines = ([row["recipe"], *layer(one, row)] for row in rows for one in row["layers"] if one["flop_per_second"])
    return table(heads, lines, left=2)


def layer(one: dict[str, Any], row: dict[str, Any]) -> list[str]:
    """A layer's line."""
    speed = one["flop_per_second"]
    times = [milliseconds(one["forward"]), milliseconds(one["backward"]), percent(one["seconds"] / row["step_seconds"])]
    return [one["name"], *times, f"{one['flop'] / 1e9:,.3g}", f"{speed / 1e9:,.0f}", percent(speed / row["peak"], 0)]


def draw(record: dict[str, Any]) -> str | None:
    """A bar for each recipe, divided."""
    rows = middle(record["measurements"])
    if not rows:
        return None
    with new_figure(8.4, 1.6 + 0.5 * len(rows)) as figure:
        axes = figure.subplots()
        ends = [0.0] * len(rows)
        for name, look in LOOKS.items():
            lengths = [100 * share_of(row, name) for row in rows]
            axes.barh(range(len(rows)), lengths, left=ends, height=0.62, label=name, **look)
            ends = [end + length for end, length in zip(ends, lengths, strict=True)]
        names = [f"{row['recipe']}\n{milliseconds(row['step_seconds'])} ms" for row in rows]
        axes.set_yticks(range(len(rows)), labels=names)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(labelcolor=INK)
        axes.grid(visible=False, axis="y")
        axes.set(xlim=(0, 100), xlabel="% of a step", ylim=(len(rows) - 0.4, -0.6))
        figure.legend(frameon=False, loc="outside lower center", ncols=3, fontsize=9)
        return svg(figure)


def share_of(row: dict[str, Any], name: str) -> float:
    """A part's share of the step; the rest is what has no name in the picture."""
    split = split_up(row)
    seconds = split.get(name, 0.0)
    if name == "the rest":
        seconds = row["step_seconds"] - sum(split.get(other, 0.0) for other in LOOKS if other != name)
    return seconds / row["step_seconds"]
