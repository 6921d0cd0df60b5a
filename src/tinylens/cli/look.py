"""tinylens recipes, tinylens runs, tinylens doctor."""

import inspect
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cyclopts import App

from tinylens.cli.output import Common, interval, print_json, print_table
from tinylens.words import MARKED, duration, percent

FEW_COLUMNS, MOST_COLUMNS = 116, 210  # of the terminal: for the table of runs in short, and whole

recipes_app = App(
    name="recipes",
    help="List the recipes and their parts, show one, and make and check one of your own.",
    help_format="plaintext",
)


@recipes_app.default
def recipes(*, common: Common | None = None) -> None:
    """List the recipes: model size, data, source, and the figure that the source published.

    For example:

      tinylens recipes

      tinylens recipes show four-by-four
    """
    from tinylens.catalogue import all_recipes

    rows = all_recipes()
    if common and common.json:
        print_json(rows)
        return
    shown = [
        [
            r["name"],
            f"{r['parameters']:,}",
            r["data"],
            percent(r["published"], 2) if r["published"] else "–",
            r["source"],
        ]
        for r in rows
    ]
    print_table(["name", "parameters", "data", "published", "source"], shown, right=["parameters", "published"])


@recipes_app.command
def show(name: str, *, common: Common | None = None) -> None:
    """Show a recipe: what it is, its layers with the parameters worked out, and its fields with their values.

    For example:

      tinylens recipes show four-by-four

    Parameters
    ----------
    name
        A name that `tinylens recipes` prints, or the path of a recipe file.
    """
    from tinylens.catalogue import describe

    about = describe(name)
    if common and common.json:
        print_json(about)
        return
    print(f"{about['name']}\n\n{inspect.cleandoc(about['about'])}")
    layers = [
        [r["name"], r["kind"], " × ".join(map(str, r["output"])), f"{r['parameters']:,}" if r["parameters"] else "",
         f"{r['formula']} = {r['parameters']:,}" if r["formula"] else ""]
        for r in about["layers"]
    ]  # fmt: skip
    print_table(["layer", "kind", "output", "parameters", "by hand"], layers, right=["parameters"])
    print(f"{about['parameters']:,} parameters in all, for {about['classes']} classes of {about['data']}\n")
    print_table(["field", "value", "about"], [[f["name"], f["value"], f["about"]] for f in about["fields"]])


@recipes_app.command
def parts(*, common: Common | None = None) -> None:
    """List the parts that a recipe can choose: preprocessing, augmentation, optimizers, schedules, with their fields.

    For example:

      tinylens recipes parts

      tinylens train four-by-four --data digits --set augment=flip,cutout --set schedule=cosine
    """
    from tinylens import catalogue

    found = catalogue.parts()
    if common and common.json:
        print_json(found)
        return
    shown = [
        [p["field"], p["kind"], "\n".join(f"{name} {value}" for name, value in p["fields"].items()),
         p["about"].split("\n\n")[0].replace("\n", " ")]
        for p in found
    ]  # fmt: skip
    print_table(["for", "kind", "fields", "what it does"], shown)


@recipes_app.command
def new(path: Path, *, data: str = "digits", common: Common | None = None) -> None:
    """Write a short commented recipe file to start a recipe of your own from.

    For example:

      tinylens recipes new mine.py

      tinylens train ./mine.py

    Parameters
    ----------
    path
        The Python file to write; one that is there already is not touched.
    data
        The data that it is for: a name that `tinylens data list` prints, or the path of a folder or an .npz file.
    """
    from tinylens.trial import write_template

    written = write_template(path, data=data)
    if common and common.json:
        print_json({"recipe": str(written)})
    else:
        print(f"{written}\n`tinylens recipes check {written}` tries it, `tinylens train {written}` trains it")


@recipes_app.command
def check(name: str, *, data: str | None = None, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Try a recipe on a few images: does it build, learn, repeat itself, and come back from its file?

    For example:

      tinylens recipes check mine.py

      tinylens recipes check mine.py --data cifar100

    Parameters
    ----------
    name
        The path of a recipe file, or a name that `tinylens recipes` prints.
    data
        What to try it on: a name or a path. Default: the recipe's own data where it is here, else the digits.
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens.errors import TinylensError
    from tinylens.trial import check as try_out

    found = try_out(name, data, data_dir=data_dir)
    passed = all(one.passed for one in found)
    if common and common.json:
        print_json({"recipe": name, "passed": passed, "checks": [asdict(one) for one in found]})
        if not passed:
            raise SystemExit(TinylensError.status)  # the error itself would be a second document
        return
    marks = {True: "ok", False: "FAILS", None: "-"}
    print_table(["check", "", "found"], [[one.name, marks[one.passed], one.words] for one in found])
    if not passed:
        raise TinylensError(f"{name} cannot be used yet: {next(one.words for one in found if not one.passed)}")


def runs(root: Path = Path("runs"), *, common: Common | None = None) -> None:
    """List all runs, those of sweeps too: data, recipe, accuracy with its interval, time, and when.

    For example:

      tinylens runs

      tinylens runs other/folder --json

    Parameters
    ----------
    root
        The folder that holds the run directories.
    """
    from tinylens import experiment

    results = experiment.results(root)
    if common and common.json:
        print_json(results)
        return
    if not results:
        print(f"no runs in {root}: `tinylens train four-by-four --data digits` makes one")
        return
    readable = [r for r in results if "error" not in r]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else MOST_COLUMNS
    if width < FEW_COLUMNS:
        for r in readable:
            about = f"seed {r['seed']}  {duration(r['seconds'])}  looked at {r['test_openings']}×"
            test = test_accuracy(r) if r["test"] else f"not opened, validation {interval(r['validation'])}"
            print(f"{Path(r['run']).relative_to(root)}\n  test {test}  {about}")
    else:
        print_runs(readable, root, everything=width >= MOST_COLUMNS)
    if any(r["selected_on"] == "test" for r in readable):
        print(MARKED)
    for broken in (r for r in results if "error" in r):
        print(f"{broken['run']}: {broken['error']}")


def test_accuracy(result: dict[str, Any]) -> str:
    """A run's accuracy on the test images, with a sign where selection looked at them, or that they are unseen."""
    return interval(result["test"], marked=result["selected_on"] == "test") if result["test"] else "not opened"


def print_runs(results: list[dict[str, Any]], root: Path, *, everything: bool) -> None:
    """The table of runs, with every column or with those that matter most."""
    columns: dict[str, list[object]] = {
        "data": [r["data"] for r in results],
        "recipe": [r["recipe"] + (" (as published)" if r["as_published"] else "") for r in results],
        "seed": [r["seed"] for r in results],
        "validation": ["on test" if r["selected_on"] == "test" else interval(r["validation"]) for r in results],
        "test accuracy": [test_accuracy(r) for r in results],
        "looked at": [f"{r['test_openings']}×" for r in results],
        "time": [duration(r["seconds"]) for r in results],
        "when": [r["when"].replace("T", " ")[:16] for r in results],
        "ended": [r["ended"] for r in results],
        "run": [Path(r["run"]).relative_to(root) for r in results],
    }
    if not everything:
        accuracy = "test accuracy" if any(r["test"] for r in results) else "validation"
        columns = {name: columns[name] for name in ("data", "recipe", "seed", accuracy, "time", "when")}
    rows = list(zip(*columns.values(), strict=True))
    print_table(list(columns), rows, right=["seed", "time", "looked at"])


def results(*folders: Path, out: Path = Path("results.md"), common: Common | None = None) -> None:
    """Write a page of results from run directories, runs that differ by seed in one row, beside published figures.

    Runs with --limit are left out, and those whose test images were never opened, as in a sweep.

    For example:

      tinylens results runs --out docs/results.md

    Parameters
    ----------
    folders
        Run directories, or folders that hold some. Default: runs.
    out
        The Markdown file (.md) to write, in a folder that is there; the curves of unfinished runs are put beside it.
    """
    from tinylens.console import say
    from tinylens.results import write_results

    page = write_results(folders or (Path("runs"),), out)
    if common and common.json:
        print_json({"results": str(page.path), "left_out": list(page.left_out), "broken": list(page.broken)})
    else:
        print(page.path)
    for line in [*page.left_out, *(f"{one['run']} left out: {one['error']}" for one in page.broken)]:
        say(line)


def doctor(*, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Say what Tinylens finds here: machine, threads, precision and why, versions, data, disk.

    For example:

      tinylens doctor

      tinylens doctor --json

    Parameters
    ----------
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens.catalogue import examine

    found = examine(data_dir)
    if common and common.json:
        print_json(found)
        return
    print_table(["what", "found"], [[name_of(key), value_of(key, value)] for key, value in found.items()])


def name_of(key: str) -> str:
    """What a finding of doctor's is called by people."""
    return key.removesuffix("_bytes").replace("_", " ")


def value_of(key: str, value: object) -> str:
    """A finding of doctor's on one or a few lines."""
    if isinstance(value, dict):
        return "\n".join(f"{name} {'not here' if found is None else found}" for name, found in value.items())
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return f"{value / 1e9:.1f} GB" if key.endswith("_bytes") and isinstance(value, int) else str(value)
