"""A page of results from run directories: runs that differ by seed in one row, beside what their source published."""

import hashlib
import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tinylens.errors import TinylensError, UsageError, one_line
from tinylens.files import write_text
from tinylens.report.drawing import BLUE, ORANGE, new_figure, svg
from tinylens.report.history import draw_curve
from tinylens.runs import Run, all_runs, assignment
from tinylens.words import count, duration, percent, with_deviation, with_interval

HEADINGS = (
    *("recipe", "data", "parameters", "precision", "epochs", "time an epoch"),
    *("test accuracy", "published", "source"),
)
LIMITED = "made with --limit, on part of the data"
SHUT = "their test images were never opened, as in a sweep (`tinylens evaluate RUN` opens them)"
IN_HISTORY = {"epoch", "step", "seconds", "train_accuracy", "validation_accuracy"}


@dataclass(frozen=True)
class Accuracy:
    """Accuracy on the test images with its 95 % interval, in 0 .. 1."""

    value: float
    interval: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Account:
    """What a run says of itself, read once, so that a damaged one is known before the page is begun.

    kind: the same in runs that differ by nothing but their seed. code: the hash of a user's own recipe file. when: it
    was begun. steps, seconds: how far training came. test: None where it is not judged on the test images.
    """

    run: Run
    kind: str
    code: str | None
    when: str
    versions: str
    hardware: dict[str, Any]
    history: list[dict[str, Any]]
    steps: int
    seconds: float
    test: Accuracy | None

    @property
    def epoch_seconds(self) -> list[float]:
        """The seconds that each epoch took."""
        return [after - before for before, after in pairwise([0.0, *(row["seconds"] for row in self.history)])]


@dataclass(frozen=True, eq=False)
class Group:
    """Runs of one recipe with the same settings on the same data and hardware, each with a seed of its own."""

    accounts: tuple[Account, ...]

    @property
    def run(self) -> Run:
        """The first run."""
        return self.accounts[0].run

    @property
    def name(self) -> str:
        """The recipe, with what is set otherwise in these runs as --set takes it."""
        changed, code = self.run.recipe.changed(), self.accounts[0].code
        form = ["as published"] if self.run.recipe.as_published else []
        form += [f"code {code[:6]}"] if code else []
        settings = [assignment(name, value) for name, value in changed.items() if name not in ("seed", "as_published")]
        about = ", ".join([*form, *settings])
        return f"{self.run.title} ({about})" if about else self.run.title

    @property
    def data(self) -> str:
        """The name of the data."""
        return self.run.manifest.choice.name

    @property
    def parameters(self) -> int:
        """Numbers that are learned."""
        from tinylens.networks.table import parameter_count

        size = self.run.recipe.image_size
        return parameter_count(self.run.recipe.build((size, size), len(self.run.manifest.classes)))

    @property
    def precision(self) -> str:
        """Of the arithmetic in training, with the device where it is not the processor."""
        hardware = self.accounts[0].hardware
        device = "" if hardware["device"] == "cpu" else f" ({hardware['device']})"
        return f"{hardware['precision']}{device}"

    @property
    def epoch_seconds(self) -> float:
        """The median time of an epoch, looking at the images that selection goes by included."""
        return statistics.median(second for account in self.accounts for second in account.epoch_seconds)


@dataclass(eq=False)
class Found:
    """What the runs came to: those judged on the test images, those under way or stopped, and those left out, by
    reason; of one that cannot be read its path and the error."""

    judged: list[Account] = field(default_factory=list)
    begun: list[Account] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    broken: list[dict[str, str]] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """Why runs are left out that can be read, a line each."""
        return [f"{count(number, 'run')} left out: {why}" for why, number in self.left_out.items()]


@dataclass(frozen=True)
class Page:
    """The page that was written. left_out: why runs that can be read are not in it. broken: each that cannot be read,
    with its path and the error."""

    path: Path
    left_out: tuple[str, ...]
    broken: tuple[dict[str, str], ...]


def write_results(folders: Sequence[str | Path], path: str | Path) -> Page:
    """Write the page, Markdown, about all runs in these folders, with a figure beside it for each unfinished run.

    folders: run directories, or folders that hold some. Of runs that differ by nothing the newest counts.
    Raises UsageError where a folder is not there, where there is no run to tell of, or where the page cannot be there.
    """
    path = Path(path)
    if path.suffix.lower() != ".md":
        raise UsageError(f"{path}: the page is Markdown, so its name ends in .md")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    found = sorted_out(runs_in(folders))
    finished = grouped(found.judged)
    done = {group.accounts[0].kind for group in finished}
    unfinished = [newest(group) for group in grouped(found.begun) if group.accounts[0].kind not in done]
    if not finished and not unfinished:
        reasons = [*found.reasons, *(f"{one['run']}: {one['error']}" for one in found.broken)]
        why = f" ({'; '.join(reasons)})" if reasons else ""
        raise UsageError(f"no run on whole data in {', '.join(map(str, folders))}: there is nothing to tell{why}")
    lines = ["# Results", "", *introduction([*finished, *unfinished]), "", *table(finished)]
    figures = figure_files(path, [group for group in unfinished if group.accounts[0].history])
    for group in unfinished:
        lines += [*progress_of(group), ""]
        if group in figures:
            write_text(figures[group], curve(group))
            lines += [f"![The curve so far]({quote(figures[group].name)})", ""]
    if finished:
        lines += ["## Commands", "", "```text", *(command_of(group) for group in finished), "```"]
    write_text(path, "\n".join(lines).rstrip() + "\n")
    return Page(path, tuple(found.reasons), tuple(found.broken))


# Reading


def runs_in(folders: Iterable[str | Path]) -> list[Run]:
    """The runs that these folders are, or hold, each once. Raises UsageError where a folder is not there."""
    runs: dict[Path, Run] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder")
        for run in [Run(folder)] if (folder / "recipe.json").is_file() else all_runs(folder):
            runs.setdefault(run.path.resolve(), run)
    return list(runs.values())


def sorted_out(runs: Iterable[Run]) -> Found:
    """Which runs are told of, and why the others are not."""
    found = Found()
    for run in runs:
        try:
            why = reason_to_leave_out(run)
            if why:
                found.left_out[why] = found.left_out.get(why, 0) + 1
            else:
                account = account_of(run)
                (found.begun if account.test is None else found.judged).append(account)
        except TinylensError as error:
            found.broken.append({"run": str(run.path), "error": str(error)})
    return found


def reason_to_leave_out(run: Run) -> str | None:
    """Why a run that can be read is not told of; None where it is."""
    if run.manifest.choice.limit is not None:
        return LIMITED
    return SHUT if not run.evaluated("test") and (run.trained or not run.opens_test) else None


def account_of(run: Run) -> Account:
    """Read a run. Raises TinylensError where something of it is missing or damaged."""
    if not run.training:
        raise TinylensError("its training has not begun, or was killed before its first step")
    try:
        return read_account(run)
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise TinylensError(f"it is damaged: {one_line(error)}") from error


def read_account(run: Run) -> Account:
    """Read a run whose training has begun. Raises all kinds of errors where its files hold something else."""
    training, history, versions = run.training, run.history, run.environment["versions"]
    metrics = run.metrics("test") if run.evaluated("test") else None
    if not all(row.keys() >= IN_HISTORY for row in history) or (metrics is not None and not history):
        raise ValueError("its history is not whole")
    # training.json is written when a sitting begins and ends, the history after each epoch.
    at_sitting = training["steps"], training["seconds"]
    steps, seconds = max([at_sitting, *((row["step"], row["seconds"]) for row in history)])
    return Account(
        run=run,
        kind=kind_of(run),
        code=code_of(run),
        when=str(run.environment["when"]),
        versions=f"Tinylens {versions['tinylens']}, PyTorch {versions['torch']}",
        hardware={key: training["hardware"][key] for key in ("device", "device_name", "threads", "precision")},
        history=history,
        steps=int(steps),
        seconds=float(seconds),
        test=None if metrics is None else Accuracy(float(metrics["accuracy"]), tuple(map(float, metrics["interval"]))),
    )


def code_of(run: Run) -> str | None:
    """The hash of a user's own recipe file; None for a recipe that comes with Tinylens."""
    return hashlib.sha256(Path(run.recipe_name).read_bytes()).hexdigest() if run.recipe_file else None


def kind_of(run: Run) -> str:
    """All that is the same in runs which differ by their seed: code, settings, data, precision and device.

    The seed also cuts the validation images off, so of the data the test images, and the number of all, stand for it.
    """
    manifest, hardware = run.manifest, run.training["hardware"]
    images = sum(part["images"] for part in manifest.splits.values())
    data = [manifest.choice.name, manifest.choice.skip_bad, manifest.classes, images]
    return json.dumps(
        [
            code_of(run) or run.recipe_name,
            run.recipe.model_dump(mode="json", exclude={"seed"}),
            [*data, manifest.splits["test"]["fingerprint"]],
            [hardware["precision"], hardware["device"]],
        ]
    )


def grouped(accounts: Iterable[Account]) -> list[Group]:
    """Runs that differ by their seed together, of each seed the newest; by data, then by recipe."""
    found: dict[str, dict[int, Account]] = {}
    for account in sorted(accounts, key=lambda account: account.when):
        found.setdefault(account.kind, {})[account.run.recipe.seed] = account
    groups = [Group(tuple(seeds[seed] for seed in sorted(seeds))) for seeds in found.values()]
    return sorted(groups, key=lambda group: (group.data, group.name, group.precision))


def newest(group: Group) -> Group:
    """The newest run of a group alone."""
    return Group((max(group.accounts, key=lambda account: account.when),))


# Writing


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
        "- †: selection looked at the test images, as the source did, so the figure is too good by an unknown amount.",
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
        return f"{with_interval(values[0], tests[0].interval, 2)}, 1 run{mark(group)}"
    return f"{with_deviation(statistics.mean(values), statistics.stdev(values), 2)}, n = {len(values)}{mark(group)}"


def mark(group: Group) -> str:
    """The sign behind a test accuracy that selection looked at."""
    return " †" if group.run.recipe.select_on == "test" else ""


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
        f"{mark(group)} on the {images}."
        for row in group.accounts[0].history[-1:]
    ]


def planned_steps(run: Run) -> int:
    """How many iterations the whole training would have."""
    images = run.manifest.splits["train"]["images"]
    every = -(-images // run.recipe.batch_size) * run.recipe.epochs
    return min(every, run.recipe.iterations or every)


def figure_files(path: Path, groups: Sequence[Group]) -> dict[Group, Path]:
    """A file beside the page for the curve of each group, with a number behind where recipes are called the same."""
    files: dict[Group, Path] = {}
    for group in groups:
        title = group.run.title
        number = 1 + sum(other.run.title == title for other in files)
        files[group] = path.with_name(f"{path.stem}-{title if number == 1 else f'{title}-{number}'}.svg")
    return files


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
