"""What recipes reach, from their runs."""

from typing import Any

from page.tables import lines, table
from tinylens.report.drawing import BLUE, INK, MUTED, new_figure, svg
from tinylens.words import duration, percent, with_deviation, with_interval

TITLE = "What the recipes reach"
PICTURED = "Test accuracy of each run by its training time"

TEXT = """\
Test accuracy, and the time of training from the first step to the last, validation included; one line for runs that
differ by nothing but their seed. Mean ± standard deviation of n runs; of one run its 95 % interval.

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
    heads = ["recipe", "data", "parameters", "n", "test accuracy", "lowest", "highest", "epochs", "training"]
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
    about = [" to ".join(map(str, epochs[:: max(1, len(epochs) - 1)])), span(group["seconds"])]
    names = [group["recipe"], group["data"], f"{group['parameters']:,}", str(len(accuracies))]
    return [*names, accuracy, *ends, *about]


def span(seconds: list[float]) -> str:
    """From the shortest to the longest."""
    low, high = duration(min(seconds)), duration(max(seconds))
    return low if low == high else f"{low} to {high}"


def draw(record: dict[str, Any]) -> str | None:
    """A point for each run, the time on a logarithmic axis; the name beside the first of a group."""
    groups = record["groups"]
    if not groups:
        return None
    with new_figure(8.4, 3.8) as figure:
        axes = figure.subplots()
        for group in groups:
            minutes = [second / 60 for second in group["seconds"]]
            shares = [100 * value for value in group["accuracies"]]
            axes.plot(minutes, shares, "o", color=BLUE, markersize=5, alpha=0.75, markeredgewidth=0)
            place = max(minutes), sum(shares) / len(shares)
            name = f"{group['recipe']}, {group['data']}"
            axes.annotate(name, place, (7, 0), textcoords="offset points", va="center", color=MUTED, size=9)
        axes.set(xscale="log", xlabel="minutes of training", ylabel="test accuracy in %")
        axes.margins(x=0.25, y=0.15)
        ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100, 200) if in_reach(tick, groups)]
        axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.tick_params(labelcolor=INK)
        return svg(figure)


def in_reach(minutes: float, groups: list[dict[str, Any]]) -> bool:
    """Whether a time is near those that runs took."""
    taken = [second / 60 for group in groups for second in group["seconds"]]
    return 0.5 * min(taken) <= minutes <= 3 * max(taken)
