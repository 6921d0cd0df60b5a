"""What recipes reach, from their runs."""

from typing import Any

from page.tables import lines, table
from tinylens.report.drawing import BLUE, INK, MUTED, new_figure, svg
from tinylens.words import duration, percent, with_deviation, with_interval

TITLE = "What the recipes reach"
PICTURED = "Test accuracy of each run, and how long training took"

TEXT = """\
Test accuracy, and the time of training from the first step to the last, validation included, and to test: until the
test images are judged, other views included, where runs have noted it; one line for runs that differ by nothing but
their seed. Mean ± standard deviation of n runs; of one run its 95 % interval.

{table}

### The commands

```text
{commands}
```

### Where they ran

{how}"""


def text(record: dict[str, Any]) -> str:
    """The part of the page."""
    groups = record["groups"]
    heads = ["recipe", "data", "parameters", "n", "test accuracy", "lowest", "highest", "epochs", "training", "to test"]
    hardware = sorted({one for group in groups for one in group["hardware"]})
    versions = sorted({one for group in groups for one in group["versions"]})
    return TEXT.format(
        table=table(heads, map(cells, groups), left=2),
        commands="\n".join(group["command"] for group in groups),
        how=lines(f"{one}." for one in [*hardware, *versions]),
    )


def cells(group: dict[str, Any]) -> list[str]:
    """A group's line."""
    accuracies, epochs = group["accuracies"], sorted(set(group["epochs"]))
    if group["deviation"] is None:
        accuracy = with_interval(group["mean"], group["intervals"][0], 2)
    else:
        accuracy = with_deviation(group["mean"], group["deviation"], 2)
    ends = [percent(end(accuracies), 2) for end in (min, max)]
    about = [" to ".join(map(str, epochs[:: max(1, len(epochs) - 1)])), span(group["seconds"]), to_test(group)]
    names = [group["recipe"], group["data"], f"{group['parameters']:,}", str(len(accuracies))]
    return [*names, accuracy, *ends, *about]


def to_test(group: dict[str, Any]) -> str:
    """From the first step until the test images are judged."""
    if None in group["looking"]:
        return "–"
    return span([training + looking for training, looking in zip(group["seconds"], group["looking"], strict=True)])


def span(seconds: list[float]) -> str:
    """From the shortest to the longest."""
    low, high = duration(min(seconds)), duration(max(seconds))
    return low if low == high else f"{low} to {high}"


def draw(record: dict[str, Any]) -> str | None:
    """A row for each group, the best first: a point for each run, and how long training took beside the last."""
    groups = sorted(record["groups"], key=lambda group: -group["mean"])
    if not groups:
        return None
    with new_figure(8.4, 1.2 + 0.32 * len(groups)) as figure:
        axes = figure.subplots()
        for place, group in enumerate(groups):
            shares = [100 * value for value in group["accuracies"]]
            axes.plot(shares, [place] * len(shares), "o", color=BLUE, markersize=5, alpha=0.75, markeredgewidth=0)
            look: dict[str, Any] = {"va": "center", "color": MUTED, "size": 9}
            axes.annotate(span(group["seconds"]), (max(shares), place), (8, 0), textcoords="offset points", **look)
        names = [f"{group['recipe']}, {group['data']}" for group in groups]
        axes.set_yticks(range(len(names)), labels=names)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(labelcolor=INK)
        axes.grid(visible=False, axis="y")
        axes.set(xlim=(0, 150), xticks=range(0, 101, 20), xlabel="test accuracy in %", ylim=(len(names) - 0.4, -0.6))
        return svg(figure)
