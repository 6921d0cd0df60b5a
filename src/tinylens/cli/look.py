"""tinylens recipes, tinylens runs, tinylens doctor."""

import inspect
from pathlib import Path

from cyclopts import App

from tinylens.cli.output import Common, duration, interval, percent, print_json, print_table

recipes_app = App(name="recipes", help="List the recipes, or show one.", help_format="plaintext")


@recipes_app.default
def recipes(*, common: Common | None = None) -> None:
    """List the recipes: model size, data, source, and the figure that the source published.

    Examples:

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

    Examples:

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


def runs(root: Path = Path("runs"), *, common: Common | None = None) -> None:
    """List all runs: data, recipe, accuracy with its interval, time, and when.

    Examples:

      tinylens runs

      tinylens runs other/folder --json

    Parameters
    ----------
    root
        The folder that holds the run directories.
    """
    from tinylens import experiment
    from tinylens.runs import all_runs

    results = [experiment.result(run) for run in all_runs(root)]
    if common and common.json:
        print_json(results)
        return
    if not results:
        print(f"no runs in {root}: `tinylens train four-by-four --data digits` makes one")
        return
    rows = [
        [r["data"], r["recipe"] + (" (as published)" if r["as_published"] else ""), r["seed"], interval(r["test"]),
         "selected on test" if r["selected_on"] == "test" else "", f"{r['test_openings']}×", duration(r["seconds"]),
         r["ended"], r["when"].replace("T", " ")[:16], Path(r["run"]).name]
        for r in results
    ]  # fmt: skip
    headings = ["data", "recipe", "seed", "test accuracy", "", "test opened", "time", "ended", "when", "run"]
    print_table(headings, rows, right=["seed", "time", "test opened"])


def doctor(*, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Say what Tinylens finds here: machine, threads, precision and why, versions, data, disk.

    Examples:

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
    print_table(["what", "found"], [[name, told(value)] for name, value in found.items()])


def told(value: object) -> str:
    """A value, or several under names, in one line."""
    return "; ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
