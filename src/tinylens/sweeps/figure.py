"""The figure of a sweep: accuracy by value, or by combination, with every run as a point."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tinylens.report.drawing import BLUE, INK, ORANGE, new_figure, svg
from tinylens.sweeps.outcome import IMAGES_INTERVAL, SEEDS_INTERVAL, Row, Sweep
from tinylens.sweeps.plan import Plan, told
from tinylens.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 40  # combinations drawn, the best
MOST_TICKS = 10
WIDTH = 4.8  # inches: what fits beside a column of text, and is still read on a telephone


def draw(sweep: Sweep) -> str:
    """The figure as an SVG document: along an axis where one field has numbers, else a line for each combination."""
    field = axis_of(sweep.plan)
    return by_combination(sweep) if field is None else by_value(sweep, field)


def axis_of(plan: Plan) -> str | None:
    """The field that makes an axis: the only one, of which there are several numbers."""
    if not plan.over:
        return None
    (field, values), *others = plan.over.items()
    return field if not others and len(values) > 1 and all(map(is_number, values)) else None


def by_value(sweep: Sweep, field: str) -> str:
    """Accuracy by the values of the one field, in their order."""
    rows = sorted(sweep.ranked, key=lambda row: row.values[field])
    places = [float(row.values[field]) for row in rows]
    with new_figure(WIDTH, 3.6) as figure:
        axes = figure.subplots()
        axes.set(xscale=scale(places), xlabel=field, ylabel=f"{sweep.plan.split} accuracy in %")
        step = -(-len(places) // MOST_TICKS)
        axes.set_xticks(places[::step], labels=[told(row.values[field]) for row in rows[::step]])
        axes.minorticks_off()
        axes.grid(visible=False, axis="x")
        centres = [100 * row.accuracy for row in rows]
        axes.plot(places, centres, color=ORANGE, linewidth=1, alpha=0.5)
        axes.errorbar(places, centres, yerr=reach(rows), **mark(sweep))
        for place, row in zip(places, rows, strict=True):
            points(axes, [place] * len(row.outcomes), accuracies(row))
        finish(axes)
        return svg(figure)


def by_combination(sweep: Sweep) -> str:
    """Accuracy by combination, the best at the top."""
    rows = sweep.ranked[:MOST_ROWS]
    places = [float(place) for place in range(len(rows))]
    with new_figure(WIDTH, 1.3 + 0.3 * len(rows)) as figure:
        axes = figure.subplots()
        axes.set(xlabel=f"{sweep.plan.split} accuracy in %", ylim=(len(rows) - 0.4, -0.6))
        names = [shortened(" · ".join(map(told, row.values.values())) or "all seeds", 30) for row in rows]
        axes.set_yticks(places, labels=names)
        for label in axes.get_yticklabels():
            label.set_parse_math(False)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(visible=False, axis="y")
        axes.errorbar([100 * row.accuracy for row in rows], places, xerr=reach(rows), **mark(sweep))
        for place, row in zip(places, rows, strict=True):
            points(axes, accuracies(row), [place] * len(row.outcomes))
        finish(axes)
        return svg(figure)


def is_number(value: Any) -> bool:
    """Whether a value has a place on an axis."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def scale(places: Sequence[float]) -> str:
    """The scale, linear or logarithmic, on which the two nearest places are farther apart."""
    if len(places) < 3 or min(places) <= 0:
        return "linear"
    return "log" if closest([math.log(place) for place in places]) > closest(places) else "linear"


def closest(places: Sequence[float]) -> float:
    """The smallest gap between places in order, as a share of the whole."""
    return min(after - before for before, after in pairwise(places)) / (places[-1] - places[0])


def accuracies(row: Row) -> list[float]:
    """The accuracy of each run, in percent."""
    return [100 * outcome.accuracy for outcome in row.outcomes]


def reach(rows: Sequence[Row]) -> list[list[float]]:
    """How far each interval reaches below and above its mean, in percent."""
    ends = [(row.accuracy - row.interval[0], row.interval[1] - row.accuracy) for row in rows]
    return [[max(0.0, 100 * end) for end in side] for side in zip(*ends, strict=True)]  # not -0.0000001 at 100 %


def mark(sweep: Sweep) -> dict[str, Any]:
    """How means with their intervals are drawn; the mean of a single run is the run."""
    of_seeds = any(row.interval_of == "seeds" for row in sweep.ranked)
    label, fmt = (SEEDS_INTERVAL, "D") if of_seeds else (IMAGES_INTERVAL, "none")
    return {"color": ORANGE, "fmt": fmt, "markersize": 5, "capsize": 3, "elinewidth": 1.6, "label": label, "zorder": 3}


def points(axes: "Axes", x: Sequence[float], y: Sequence[float]) -> None:
    """Draw runs."""
    axes.plot(x, y, "o", color=BLUE, markersize=5, alpha=0.75, markeredgewidth=0, zorder=4)


def finish(axes: "Axes") -> None:
    """Say above the drawing what its marks are."""
    axes.plot([], [], "o", color=BLUE, markersize=5, alpha=0.75, markeredgewidth=0, label="a run")
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
