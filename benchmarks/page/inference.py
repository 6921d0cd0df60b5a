"""Images a second of a lens, against the same model in Keras."""

from statistics import median
from typing import TYPE_CHECKING, Any

from clock import FEWEST_CALLS
from page.how import how, of, sides
from page.tables import number, ratio, spread, table
from record import Rows, model, went_well
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, new_figure, svg
from tinylens.words import milliseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Using a lens"
PICTURED = "Images a second by the number of images a call gets"
OURS = "Tinylens"
LOOKS: dict[str, dict[str, Any]] = {
    "predict": {"color": ORANGE, "marker": "s"},
    "model(x)": {"color": MUTED, "marker": "^"},
}

TEXT = """\
Images a second of a lens against the same model in Keras on TensorFlow, by how many images a call gets: uint8 images
in, probabilities out. Median over the rounds (lowest–highest); "against the best" is against Keras' fastest column.

{table}

{how}"""

WAYS = (
    "After half a second of warm-up, {seconds:g} s of calls are measured, and at least {fewest}; the middle call "
    "counts. {rounds} rounds, each measurement a process of its own",
    "Tinylens: `Lens.probabilities`, in the recipe's own precision for use ({precision}); preparation included, and "
    "the further views at which a recipe looks, here of every image",
    "Keras: `model.predict(images / 255, batch_size=n)` and `model(images / 255, training=False)`, both in two "
    "precisions; the dividing is in the time, as is preparation in ours",
    "Weights are fresh ones, with which calls take as long as with trained ones",
)


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    rows = record["measurements"]
    own = {row["recipe"]: f"{row['recipe']} {row['precision']}" for row in of(rows, side=OURS) if went_well(row)}
    told = {
        "seconds": record["seconds"],
        "fewest": FEWEST_CALLS,
        "rounds": record["rounds"],
        "precision": ", ".join(own.values()) or "unknown",
    }
    return TEXT.format(table=figures(record), how=how(record, *(way.format(**told) for way in WAYS)))


def figures(record: dict[str, Any]) -> str:
    """A line for each recipe and number of images."""
    rows = record["measurements"]
    names = sides(rows)
    heads = ["recipe", "images", *(f"{name}, images/s" for name in names), "against the best", "a call of ours", "n"]
    lines = (cells(of(rows, recipe=recipe), names, batch) for recipe in recipes(rows) for batch in record["batches"])
    return table(heads, lines)


def recipes(rows: Rows) -> list[str]:
    """The recipes, in their order."""
    return list(dict.fromkeys(model(row)[0] for row in rows))


def cells(rows: Rows, names: list[str], batch: int) -> list[str]:
    """The line of a recipe and a number of images."""
    speeds = {name: found(of(rows, side=name), batch, "images_per_second") for name in names}
    theirs = [values for name, values in speeds.items() if name != OURS and values]
    best = max(theirs, key=median, default=[])
    calls = found(of(rows, side=OURS), batch, "call_seconds")
    return [
        *(rows[0]["recipe"], f"{batch:,}"),
        *(spread(values) for values in speeds.values()),
        ratio(speeds.get(OURS, []), best),
        f"{milliseconds(median(calls))} ms" if calls else "–",
        str(min(map(len, speeds.values()))),
    ]


def found(rows: Rows, batch: int, key: str) -> list[float]:
    """What measurements found of calls with so many images."""
    return [row["batches"][str(batch)][key] for row in rows if went_well(row)]


def draw(record: dict[str, Any]) -> str | None:
    """A panel for each recipe, a line for each side."""
    rows = record["measurements"]
    drawn = [recipe for recipe in recipes(rows) if any(map(went_well, of(rows, recipe=recipe)))]
    if not drawn:
        return None
    with new_figure(0.6 + 2.7 * max(len(drawn), 2), 3.7) as figure:
        panels = figure.subplots(1, len(drawn), squeeze=False)[0]
        for axes, recipe in zip(panels, drawn, strict=True):
            panel(axes, of(rows, recipe=recipe), record["batches"])
            axes.set_title(recipe)
        panels[0].set_ylabel("images/s")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, frameon=False, loc="outside lower center", ncols=3, fontsize=9)
        return svg(figure)


def panel(axes: "Axes", rows: Rows, batches: list[int]) -> None:
    """A recipe's panel, both axes logarithmic."""
    for name in sides(rows):
        speeds = [found(of(rows, side=name), batch, "images_per_second") for batch in batches]
        points = [(batch, median(several)) for batch, several in zip(batches, speeds, strict=True) if several]
        axes.plot([batch for batch, _ in points], [speed for _, speed in points], **look(name), label=name)
    axes.set(xscale="log", yscale="log", xlabel="images a call")
    axes.set_xticks(batches, labels=[number(batch) for batch in batches])
    axes.minorticks_off()
    axes.tick_params(axis="x", labelcolor=INK)


def look(name: str) -> dict[str, Any]:
    """How a side is drawn: by its way, and bfloat16 with a broken line."""
    if name == OURS:
        return {"color": BLUE, "marker": "o", "linewidth": 2.2, "markersize": 5, "zorder": 4}
    way = next(look for kind, look in LOOKS.items() if kind in name)
    return {**way, "linewidth": 1.3, "markersize": 4, "linestyle": "--" if "bfloat16" in name else "-"}
