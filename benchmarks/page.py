"""The page of a throughput benchmark, written from its data file and from nothing else."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from clock import FEWEST_STEPS, WARM_UP_SECONDS
from tinylens.words import percent

SIDES = ("Tinylens", "Keras float32", "Keras mixed_bfloat16")
DISTURBED = 0.05  # share of the processors' time
Rows = Sequence[dict[str, Any]]

PAGE = """\
# Training throughput

Images a second in training: Tinylens as it comes, against the same model in Keras 3 on TensorFlow, one after the other
on one machine. Median over the rounds (lowest–highest). In the columns "against", Tinylens is faster above 1.00.

{table}
{failures}
## Machine

{machine}

## How it was measured

`{command}` on {date}. This page is written by that command from [{file}]({file}), where every single measurement is.

- Each measurement is a process of its own, and nothing else of the benchmark runs meanwhile. In each round the sides
  take turns, recipe by recipe: {sides}.
- Steps are timed from the beginning of one to the beginning of the next, on both sides by the same code. The first and
  the last step of each epoch are left out, and the tracing, validation and checkpoints with them. After a warm-up of
  {warm_up:g} s, {seconds:g} s are measured, and at least {fewest} steps.
- Tinylens: `fit`, which `tinylens train` calls, with the recipe's preprocessing and augmentation of each batch, its
  callbacks, and precision auto (here {precision}).
- Keras: the layers of `tests/recipes/keras_models.py`, in their sources' order, which the tests hold against the
  recipes' models; float32 images in memory, divided by 255 beforehand, no other preprocessing and no augmentation; the
  recipe's optimizer and batch size; `model.fit` with shuffling, the metric accuracy and jit_compile="auto" (here
  {jit_compile}).
- Threads: {threads}. Other processes took {others} of the processors' time during a measurement.
- Images: {images}.
"""


def page(record: dict[str, Any], file: str) -> str:
    """The page as Markdown. record: what is in the data file. file: its name."""
    rows = record["measurements"]
    ours, theirs = first(rows, SIDES[0]), first(rows, SIDES[1])
    return PAGE.format(
        table=table(rows),
        failures=failures(rows),
        machine=machine(record["machine"], {**theirs.get("versions", {}), **ours.get("versions", {})}),
        command=record["command"],
        date=record["when"],
        file=file,
        sides=", ".join(SIDES),
        warm_up=WARM_UP_SECONDS,
        seconds=record["seconds"],
        fewest=FEWEST_STEPS,
        precision=ours.get("precision", "unknown"),
        jit_compile=theirs.get("jit_compile", "unknown"),
        threads=f"Tinylens {ours.get('threads', 'unknown')}, TensorFlow {theirs.get('threads', 'unknown')}",
        others=others(rows),
        images="; ".join(record["images"]),
    )


def first(rows: Rows, side: str) -> dict[str, Any]:
    """The first measurement of a side that came to its end; empty where none did."""
    return next((row for row in rows if row["side"] == side and went_well(row)), {})


def went_well(row: dict[str, Any]) -> bool:
    """Whether a measurement came to its end."""
    return "error" not in row


def table(rows: Rows) -> str:
    """A line for each recipe with its settings, in the order in which they were measured."""
    ours = f"{SIDES[0]} {first(rows, SIDES[0]).get('precision', '')}".strip()
    heads = ["recipe", "settings", "parameters", "batch", *(f"{side}, images/s" for side in (ours, *SIDES[1:]))]
    heads += [*(f"against {side}" for side in SIDES[1:]), "rounds"]
    rule = ["---"] * 2 + ["---:"] * (len(heads) - 2)
    models = dict.fromkeys(model(row) for row in rows)
    lines = [heads, rule, *(cells([row for row in rows if model(row) == each]) for each in models)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def model(row: dict[str, Any]) -> tuple[str, str]:
    """Recipe and settings, as people write them."""
    settings = ", ".join(f"{name}={str(value).lower()}" for name, value in row["settings"].items())
    return row["recipe"], settings or "–"


def cells(rows: Rows) -> list[str]:
    """A model's line, from its measurements. Two sizes in one cell would say that the sides' models differ."""
    speeds = [[row["images_per_second"] for row in rows if row["side"] == side and went_well(row)] for side in SIDES]
    sizes = sorted({row["parameters"] for row in rows if went_well(row)})
    return [
        *model(rows[0]),
        " / ".join(f"{size:,}" for size in sizes) or "–",
        str(rows[0]["batch_size"]),
        *(spread(values) for values in speeds),
        *(ratio(speeds[0], values) for values in speeds[1:]),
        str(min(map(len, speeds))),
    ]


def spread(values: Sequence[float]) -> str:
    """Median (lowest–highest), or that there is none."""
    return f"{figure(median(values))} ({figure(min(values))}–{figure(max(values))})" if values else "failed"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times as fast ours is, by the medians."""
    return f"{median(ours) / median(theirs):.2f}" if ours and theirs else "–"


def figure(value: float) -> str:
    """A speed, with a decimal where it is low."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def others(rows: Rows) -> str:
    """The share of the processors' time that other processes took, at most."""
    shares = [row["others"] for row in rows if row["others"] is not None]
    return f"at most {percent(max(shares))}" if shares else "an unknown share"


def failures(rows: Rows) -> str:
    """What failed or was disturbed; nothing where all went well."""
    found = [(row, trouble) for row in rows for trouble in troubles(row)]
    lines = [f"- Round {row['round']}, {row['recipe']} ({model(row)[1]}), {row['side']}: {said}" for row, said in found]
    return "\n".join(["\n## What failed or was disturbed\n", *lines, ""]) if lines else ""


def troubles(row: dict[str, Any]) -> list[str]:
    """What is wrong with a measurement."""
    said = [f"failed: {row['error']}"] if not went_well(row) else []
    if (row["others"] or 0) > DISTURBED:
        said.append(f"disturbed: other processes took {percent(row['others'])} of the processors' time")
    return said


def machine(about: dict[str, Any], versions: dict[str, str]) -> str:
    """What it ran on, and with which versions."""
    lines = [
        f"{about['machine']}, {about['cores']} cores, {about['memory_bytes'] / 2**30:.0f} GiB; {about['why']}",
        f"{about['system']}, Python {about['python']}; load average before the run {about['load_average']}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
    return "\n".join(f"- {line}" for line in lines)
