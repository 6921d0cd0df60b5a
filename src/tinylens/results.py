"""A page of results from run directories: runs that differ by seed in one row, beside what their source published."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tinylens.errors import UsageError
from tinylens.files import write_text
from tinylens.report.drawing import BLUE, ORANGE, new_figure, svg
from tinylens.report.panels.recipe import command
from tinylens.runs import Run, all_runs
from tinylens.words import count, duration, percent, with_deviation, with_interval

HEADINGS = ("recipe", "data", "parameters", "epochs", "time an epoch", "test accuracy", "published", "source")


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one recipe with the same settings on the same data, which differ by seed."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """The recipe, with what is set otherwise in these runs."""
        first = self.runs[0]
        form = ["as published"] if first.recipe.as_published else []
        settings = [f"{name}={value}" for name, value in settings_of(first).items() if name != "as_published"]
        about = ", ".join([*form, *settings])
        return f"{first.title} ({about})" if about else first.title

    @property
    def data(self) -> str:
        """The name of the data."""
        return self.runs[0].manifest.choice.name

    @property
    def parameters(self) -> int:
        """Numbers that are learned."""
        from tinylens.networks.table import parameter_count

        run = self.runs[0]
        size = run.recipe.image_size
        return parameter_count(run.recipe.build((size, size), len(run.manifest.classes)))

    @property
    def accuracies(self) -> list[float]:
        """Test accuracy of each run."""
        return [run.metrics("test")["accuracy"] for run in self.runs]

    @property
    def epoch_seconds(self) -> float:
        """The median time of an epoch, looking at the validation images included."""
        return statistics.median(second for run in self.runs for second in epoch_seconds(run))


def write_results(folders: Sequence[str | Path], path: str | Path) -> Path:
    """Write the page, Markdown, about all runs in these folders, with a figure beside it for each unfinished run.

    folders: run directories, or folders that hold some. Raises UsageError where there is no run on whole data.
    """
    path = Path(path)
    runs = [run for folder in folders for run in runs_in(Path(folder)) if run.manifest.choice.limit is None]
    finished = grouped(run for run in runs if run.evaluated("test"))
    begun = [run for run in runs if not run.trained and run.history]
    unfinished = {run.title: run for run in begun}.values()  # the newest of each recipe
    if not finished and not unfinished:
        raise UsageError(f"no run on whole data in {', '.join(map(str, folders))}: there is nothing to tell")
    lines = ["# Results", "", *introduction(runs), "", *table(finished)]
    for run in unfinished:
        figure = path.with_name(f"{path.stem}-{run.title}.svg")
        write_text(figure, curve(run))
        lines += [*progress_of(run), "", f"![The curve so far]({figure.name})", ""]
    if finished:
        lines += ["## Commands", "", "```text", *(command_of(group) for group in finished), "```"]
    write_text(path, "\n".join(lines) + "\n")
    return path


def runs_in(folder: Path) -> list[Run]:
    """The run in a folder, or those below it."""
    return [Run(folder)] if (folder / "recipe.json").is_file() else all_runs(folder)


def settings_of(run: Run) -> dict[str, Any]:
    """What is set otherwise than the recipe has it, without the seed."""
    return {name: value for name, value in run.recipe.changed().items() if name != "seed"}


def grouped(runs: Iterable[Run]) -> list[Group]:
    """Runs of the same recipe, data and settings together; by data, then by recipe."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        choice = run.manifest.choice.name
        found.setdefault(f"{choice} {run.title} {settings_of(run)}", []).append(run)
    return [Group(tuple(sorted(found[key], key=lambda run: run.recipe.seed))) for key in sorted(found)]


def introduction(runs: Sequence[Run]) -> list[str]:
    """How the page came to be: hardware and versions, as the runs have them."""
    hardware = {f"{h['device_name']}, {h['threads']} threads, {h['precision']}" for h in map(hardware_of, runs)}
    versions = {
        f"Tinylens {v['tinylens']}, PyTorch {v['torch']}" for v in (run.environment["versions"] for run in runs)
    }
    return [
        "Written by `tinylens results` from run directories; nothing on this page was typed by hand.",
        "",
        f"- Hardware: {'; '.join(sorted(hardware))}. {'; '.join(sorted(versions))}.",
        "- Test accuracy of several seeds: mean ± standard deviation, n runs; of one run: its 95 % Wilson interval.",
        "- Time an epoch: the median over all epochs, looking at the validation images included.",
        "- †: selection looked at the test images, as the source did, so the figure is too good by an unknown amount.",
    ]


def hardware_of(run: Run) -> dict[str, Any]:
    """What a run was computed with."""
    return dict(run.training["hardware"])


def table(groups: Sequence[Group]) -> list[str]:
    """The results as a Markdown table."""
    if not groups:
        return []
    return [row(HEADINGS), row(["---"] * 2 + ["---:"] * 5 + ["---"]), *(row(cells(group)) for group in groups), ""]


def row(values: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(values)} |"


def cells(group: Group) -> list[str]:
    """A group's figures, under the headings."""
    run = group.runs[0]
    epochs = [r.training["epochs"] for r in group.runs]
    span = f"{epochs[0]}" if len(set(epochs)) == 1 else f"{min(epochs)} to {max(epochs)}"
    published = percent(run.published.accuracy, 2) if run.published else "–"
    return [
        *(group.name, group.data, f"{group.parameters:,}", span, duration(group.epoch_seconds)),
        *(accuracy(group), published, type(run.recipe).source),
    ]


def accuracy(group: Group) -> str:
    """A group's test accuracy with how sure it is."""
    values = group.accuracies
    mark = " †" if group.runs[0].recipe.select_on == "test" else ""
    if len(values) == 1:
        return f"{with_interval(values[0], group.runs[0].metrics('test')['interval'], 2)}, 1 run{mark}"
    return f"{with_deviation(statistics.mean(values), statistics.stdev(values), 2)}, n = {len(values)}{mark}"


def epoch_seconds(run: Run) -> list[float]:
    """The seconds that each epoch took."""
    return [after - before for before, after in pairwise([0.0, *(row["seconds"] for row in run.history)])]


def progress_of(run: Run) -> list[str]:
    """How far an unfinished run came, and how long the rest would take at its pace."""
    last, steps = run.history[-1], planned_steps(run)
    each = last["seconds"] / last["step"]
    return [
        f"## {run.title}, not finished",
        "",
        f"{last['step']:,} of {steps:,} iterations in {duration(last['seconds'])} ({count(last['epoch'], 'epoch')}), "
        f"{1000 * each:,.0f} ms each: all of them would take {duration(each * steps)} on this machine. Validation "
        f"accuracy so far {percent(last['validation_accuracy'])}, training accuracy {percent(last['train_accuracy'])}.",
    ]


def planned_steps(run: Run) -> int:
    """How many iterations the whole training would have."""
    images = run.manifest.splits["train"]["images"]
    every = -(-images // run.recipe.batch_size) * run.recipe.epochs
    return min(every, run.recipe.iterations or every)


def curve(run: Run) -> str:
    """Accuracy by iteration so far, as SVG."""
    rows = run.history
    steps = [row["step"] for row in rows]
    with new_figure(7.0, 3.2) as figure:
        axes = figure.add_subplot()
        for part, colour in (("train", ORANGE), ("validation", BLUE)):
            axes.plot(steps, [100 * row[f"{part}_accuracy"] for row in rows], "o-", color=colour, label=part, ms=4)
        axes.set(
            xlabel="iterations", ylabel="accuracy in %", title=f"{run.title}, so far", xlim=(0, None), ylim=(0, None)
        )
        axes.legend(frameon=False)
        return svg(figure)


def command_of(group: Group) -> str:
    """The command that makes the first run of a group again, and the seeds of the others."""
    first, *others = group.runs
    seeds = ", ".join(str(run.recipe.seed) for run in others)
    return command(first) + (f"  # and --seed {seeds}" if others else "")
