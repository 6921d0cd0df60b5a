"""Images a second in training, against the same models elsewhere."""

from statistics import median
from typing import Any

from clock import FEWEST_STEPS, WARM_UP_SECONDS
from page.how import first, how, of, sides, values, ways
from page.tables import ratio, spread, table
from record import Rows, model
from tinylens.report.drawing import BLUE, INK, ORANGE, PAPER, new_figure, svg

TITLE = "Training"
PICTURED = "How many times as fast as Keras each recipe trains"
INSIDE: dict[str, Any] = {"color": PAPER, "size": 8}
OURS, AGAINST = "Tinylens", {"Keras float32": (BLUE, 2.0), "Keras mixed_bfloat16": (ORANGE, 1.3)}

TEXT = """\
Images a second in training: Tinylens as it comes, against the same model elsewhere. Median over the rounds
(lowest–highest). In the columns "against", Tinylens is faster above 1.00. Keras without a backend's name is Keras on
TensorFlow.

{table}

{how}"""

WAYS = {
    "": "Steps are timed from the beginning of one to the beginning of the next, on all sides by the same code; the "
    "first and the last step of each epoch are left out, and the tracing, validation and checkpoints with them. After "
    "a warm-up of {warm_up:g} s, {seconds:g} s are measured, and at least {fewest} steps. Each measurement is a "
    "process of its own; in each of the {rounds} rounds the sides take turns, recipe by recipe: {sides}",
    "Tinylens": "`fit`, which `tinylens train` calls, with the recipe's preprocessing and augmentation of each batch, "
    "its callbacks, and precision auto (here {precision})",
    "Keras": "the layers of `tests/recipes/keras_models.py`, in their sources' order, which the tests hold against the "
    "recipes' models; float32 images in memory, divided by 255 beforehand, no other preprocessing and no augmentation; "
    "the recipe's optimizer and batch size, in place of Muon SGD with Nesterov's momentum; `model.fit` with shuffling, "
    'the metric accuracy and jit_compile="auto" ({jit_compile})',
    "PyTorch": "the same layers, float32, channels first, the loop of its tutorials over a "
    "`DataLoader` of images that are in memory, divided by 255, with no augmentation",
}
THREADS = "Threads: {threads}"


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    rows = record["measurements"]
    names = sides(rows)
    about = {name: first(rows, name) for name in names}
    jit = [f"{name} {about[name]['jit_compile']}" for name in names if "jit_compile" in about[name]]
    told = {
        "warm_up": WARM_UP_SECONDS,
        "seconds": record["seconds"],
        "fewest": FEWEST_STEPS,
        "rounds": record["rounds"],
        "sides": ", ".join(names),
        "precision": about.get(OURS, {}).get("precision", "unknown"),
        "jit_compile": ", ".join(jit) or "unknown",
        "threads": ", ".join(f"{name} {about[name].get('threads', 'unknown')}" for name in names),
    }
    said = (way.format(**told) for way in [*ways(WAYS, rows), THREADS])
    return TEXT.format(table=figures(rows), how=how(record, *said))


def figures(rows: Rows) -> str:
    """A line for each recipe with its settings, in the order in which they were measured."""
    names = sides(rows)
    precision = first(rows, OURS).get("precision", "")
    heads = [f"{name} {precision}".strip() if name == OURS else name for name in names]
    against = [name for name in names if name != OURS]
    heads = ["recipe", "settings", "parameters", "batch", *(f"{head}, images/s" for head in heads)]
    heads += [*(f"against {name}" for name in against), "n"]
    return table(heads, (cells(of_model(rows, each), names) for each in models(rows)), left=2)


def models(rows: Rows) -> list[tuple[str, str]]:
    """The recipes with their settings, in their order."""
    return list(dict.fromkeys(model(row) for row in rows))


def of_model(rows: Rows, wanted: tuple[str, str]) -> Rows:
    """The measurements of a recipe with its settings."""
    return [row for row in rows if model(row) == wanted]


def cells(rows: Rows, names: list[str]) -> list[str]:
    """A model's line. Two sizes in one cell say that the sides' models differ."""
    speeds = {name: values(of(rows, side=name), "images_per_second") for name in names}
    sizes = sorted(set(values(rows, "parameters")))
    return [
        *model(rows[0]),
        " / ".join(f"{size:,}" for size in sizes) or "–",
        str(rows[0]["batch_size"]),
        *(spread(found) for found in speeds.values()),
        *(ratio(speeds.get(OURS, []), found) for name, found in speeds.items() if name != OURS),
        str(min(map(len, speeds.values()))),
    ]


def draw(record: dict[str, Any]) -> str | None:
    """How many times as fast Tinylens is, a bar for each recipe and each precision of Keras, with what is aimed at."""
    rows = record["measurements"]
    names = [name for name in AGAINST if times(rows, name)]
    if not names:
        return None
    labels = [" ".join(part for part in each if part != "–") for each in models(rows)]
    with new_figure(8.4, 1.4 + 0.2 * (len(names) + 1) * len(labels)) as figure:
        axes = figure.subplots()
        for place, name in enumerate(names):
            colour, aim = AGAINST[name]
            found = times(rows, name)
            bars = [(i + 0.38 * (place - (len(names) - 1) / 2), value) for i, value in found.items()]
            axes.barh([y for y, _ in bars], [x for _, x in bars], height=0.36, color=colour, label=f"{name}, aim {aim}")
            axes.axvline(aim, color=colour, linestyle=(0, (4, 3)), linewidth=1.2, zorder=0.5)
            for y, x in bars:
                axes.annotate(
                    f"{x:.2f}", (x, y), (-3, 0), textcoords="offset points", va="center", ha="right", **INSIDE
                )
        axes.axvline(1, color=INK, linewidth=0.9, zorder=0.5)
        axes.set_yticks(range(len(labels)), labels=labels)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(visible=False)
        axes.set(xlabel="times as fast as Keras on TensorFlow", ylim=(len(labels) - 0.4, -0.6))
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
        return svg(figure)


def times(rows: Rows, name: str) -> dict[int, float]:
    """How many times as fast as this side Tinylens is, by the place of each model that both were measured of."""
    found = {}
    for place, each in enumerate(models(rows)):
        ours, theirs = (values(of(of_model(rows, each), side=side), "images_per_second") for side in (OURS, name))
        if ours and theirs:
            found[place] = median(ours) / median(theirs)
    return found
