"""The page, Markdown: a table of what is finished, and how far the rest came."""

import statistics
from collections.abc import Iterable, Sequence

from tinylens.report.drawing import BLUE, ORANGE, new_figure, svg
from tinylens.report.history import draw_curve
from tinylens.results.group import Group
from tinylens.runs import Run
from tinylens.words import MARKED, count, duration, percent, with_deviation, with_interval

HEADINGS = (
    *("recipe", "data", "parameters", "precision", "epochs", "time an epoch"),
    *("test accuracy", "published", "source"),
)


def introduction(groups: Sequence[Group]) -> list[str]:
    """How the page came to be: hardware and versions, as the runs have them."""
    accounts = [account for group in groups for account in group.accounts]
    hardware = {f"{h['device_name']}, {h['threads']} threads, {h['precision']}" for h in (a.hardware for a in accounts)}
    versions = {account.versions for account in accounts}
    return [
        "Written by `tinylens results` from run directories; nothing on this page was typed by hand.",
        "",
        f"- Hardware: {'; '.join(sorted(hardware))}. {'; '.join(sorted(versions))}.",
        "- Test accuracy of several seeds: mean ± standard deviation, n runs; of one run: its 95 % Wilson interval.",
        "- Time an epoch: the median over all epochs, looking at the images that selection goes by included.",
        f"- {MARKED}.",
    ]


def table(groups: Sequence[Group]) -> list[str]:
    """The results as a Markdown table."""
    if not groups:
        return []
    line = ["---", "---", "---:", "---", *["---:"] * 4, "---"]
    return [row(HEADINGS), row(line), *(row(cells(group)) for group in groups), ""]


def row(values: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(value.replace('|', '&#124;') for value in values)} |"


def cells(group: Group) -> list[str]:
    """A group's figures, under the headings."""
    run = group.run
    epochs = [len(account.history) for account in group.accounts]
    span = f"{epochs[0]}" if len(set(epochs)) == 1 else f"{min(epochs)} to {max(epochs)}"
    published = percent(run.published.accuracy, 2) if run.published else "–"
    return [
        *(group.name, group.data, f"{group.parameters:,}", group.precision, span, duration(group.epoch_seconds)),
        *(accuracy(group), published, type(run.recipe).source),
    ]


def accuracy(group: Group) -> str:
    """A group's test accuracy with how sure it is."""
    tests = [account.test for account in group.accounts if account.test is not None]
    values = [test.value for test in tests]
    if len(values) == 1:
        return f"{with_interval(values[0], tests[0].interval, 2)}, 1 run{group.run.recipe.mark}"
    spread = with_deviation(statistics.mean(values), statistics.stdev(values), 2)
    return f"{spread}, n = {len(values)}{group.run.recipe.mark}"


def progress_of(group: Group) -> list[str]:
    """How far an unfinished run came, and how long the whole would take at its pace."""
    account = group.accounts[0]
    heading = [f"## {group.name} on {group.data}, not finished", ""]
    steps, done = planned_steps(account.run), account.steps
    if not done:
        return [*heading, f"None of {steps:,} iterations is on record yet."]
    each, epochs = account.seconds / done, count(len(account.history), "whole epoch")
    pace = (
        f"{done:,} of {steps:,} iterations in {duration(account.seconds)} ({epochs}), {1000 * each:,.0f} ms each: "
        f"all of them would take {duration(each * steps)} on this machine."
    )
    return [*heading, " ".join([pace, *accuracy_so_far(group)])]


def accuracy_so_far(group: Group) -> list[str]:
    """A sentence on the last whole epoch, where there is one."""
    split = group.run.recipe.select_on
    images = "training images, looked at again" if split == "train" else f"{split} images"
    return [
        f"Accuracy so far {percent(row['train_accuracy'])} in training, {percent(row['validation_accuracy'])}"
        f"{group.run.recipe.mark} on the {images}."
        for row in group.accounts[0].history[-1:]
    ]


def planned_steps(run: Run) -> int:
    """How many iterations the whole training would have."""
    images = run.manifest.splits["train"]["images"]
    every = -(-images // run.recipe.batch_size) * run.recipe.epochs
    return min(every, run.recipe.iterations or every)


def curve(group: Group) -> str:
    """Accuracy by epoch so far, as SVG."""
    from matplotlib.ticker import MaxNLocator

    rows, recipe = group.accounts[0].history, group.run.recipe
    with new_figure(7.0, 3.2) as figure:
        axes = figure.add_subplot()
        draw_curve(axes, rows, "train_accuracy", label="train", color=BLUE)
        draw_curve(axes, rows, "validation_accuracy", label=recipe.selection_name, color=ORANGE)
        axes.set(xlabel="epoch", title=f"Accuracy of {group.run.title}, so far", ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False)
        return svg(figure)


def command_of(group: Group) -> str:
    """The command that makes the first run of a group again, and the seeds of the others."""
    again = group.run.command
    if again is None:
        return f"# {group.name} on {group.data}: from Python, on arrays in memory"
    seeds = ", ".join(str(account.run.recipe.seed) for account in group.accounts[1:])
    return again + (f"  # and --seed {seeds}" if seeds else "")
