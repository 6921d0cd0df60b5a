"""tinylens sweep."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tinylens.cli.output import Common, assignment, interval, print_json, print_table, settings
from tinylens.errors import UsageError
from tinylens.words import count, duration, percent

if TYPE_CHECKING:
    from tinylens.sweeps import Sweep


def sweep(
    recipe: str,
    *,
    over: Annotated[list[str] | None, Parameter(negative="")] = None,  # without it, it says so in one line
    seeds: int = 1,
    data: str | None = None,
    epochs: int | None = None,
    limit: int | None = None,
    set: Annotated[list[str] | None, Parameter(negative="")] = None,  # it is the option's name
    out: Path = Path("runs"),
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    common: Common | None = None,
) -> None:
    """Train a recipe with every combination of some values, each from fresh weights, and rank them on validation.

    For example:

      tinylens sweep four-by-four --data digits --over batch_size=32,64,128

      tinylens sweep four-by-four --data cifar10 --over optimizer.lr=0.01,0.001 --over batch_size=32,64 --seeds 3

      tinylens sweep four-by-four --data cifar10 --over 'augment=[{"kind":"flip"}],[]' --epochs 5

    The test images stay shut: `tinylens evaluate RUN` opens them once, for the run that is chosen. `tinylens resume`
    goes on with a sweep that was stopped.

    Parameters
    ----------
    recipe
        A name that `tinylens recipes` prints, or the path of a recipe file.
    over
        FIELD=VALUE,VALUE: the values to try for a field of the recipe, as --set takes them. Needed, may be repeated.
    seeds
        Train each combination so many times, with the recipe's seed and those after it.
    data
        A name that `tinylens data list` prints, a folder of pictures, or an .npz file. Default: the recipe's own.
    epochs
        How often to go through the training images, at most.
    limit
        Use at most so many images of each split, for a quick try.
    set
        FIELD=VALUE: another value for a field of the recipe, in all runs. May be repeated.
    out
        The folder in which the sweep's directory is made.
    data_dir
        Where to look first for downloaded data.
    skip_bad
        Leave unreadable pictures out instead of refusing the folder.
    """
    from tinylens import sweeps

    fields = ranges(over or [])
    made = sweeps.sweep(
        recipe,
        data,
        over=fields,
        seeds=seeds,
        epochs=epochs,
        limit=limit,
        settings=settings(set),
        out=out,
        data_dir=data_dir,
        skip_bad=skip_bad,
    )
    tell(made, common)


def ranges(over: list[str]) -> dict[str, str]:
    """What --over was given: the fields with their values, still as text."""
    found: dict[str, str] = {}
    for text in over:
        field, values = assignment(text, "--over", "batch_size=32,64")
        if field in found:
            raise UsageError(f"--over {field} is there twice; give all its values at once, as in --over {field}=A,B")
        found[field] = values
    return found


def tell(sweep: "Sweep", common: Common | None) -> None:
    """Print what a sweep came to."""
    from tinylens.sweeps.remarks import remarks

    if common and common.json:
        print_json(sweep.to_json())
        return
    if sweep.plan.open_test:
        tell_seeds(sweep)
        return
    combinations = count(len(sweep.plan.combinations), "combination")
    seconds = sum(outcome.seconds for outcome in sweep.outcomes)
    print(f"\n{sweep.title}: {combinations}, {count(len(sweep.outcomes), 'run')}, {duration(seconds)} of training")
    fields = list(sweep.plan.over)
    headings = ["rank", *fields, "validation accuracy", "runs", "epochs", "time a run"]
    rows = [[rank if row.outcomes else "–", *row.cells] for rank, row in enumerate(sweep.rows, 1)]
    print_table(headings, rows, right=["rank", "runs", "epochs", "time a run"])
    for remark in remarks(sweep):
        print(remark)
    print(f"\n  best       {sweep.best.path} ({sweep.ranked[0].name})\n  table      {sweep.file('csv')}")
    print(f"  page       {sweep.file('html')}")


def tell_seeds(sweep: "Sweep") -> None:
    """Print what several seeds came to: each run, then mean, standard deviation, lowest and highest."""
    from tinylens import experiment
    from tinylens.sweeps.outcome import SEEDS_INTERVAL
    from tinylens.sweeps.remarks import remarks

    row, results = sweep.rows[0], [experiment.result(run) for run in sweep.runs]
    print(f"\n{sweep.title}: {count(len(results), 'run')}, {duration(sum(r['seconds'] for r in results))} of training")
    headings = ["seed", "validation accuracy", "test accuracy", "epochs", "time", "run"]
    rows = [
        [r["seed"], "on test" if sweep.mark else interval(r["validation"]), interval(r["test"]) + sweep.mark,
         r["epochs"], duration(r["seconds"]), Path(r["run"]).name]
        for r in results
    ]  # fmt: skip
    print_table(headings, rows, right=["seed", "epochs", "time"])
    print(f"  test accuracy  {row.said}{sweep.mark}, n = {len(results)}")
    print(f"  lowest         {percent(row.lowest)}\n  highest        {percent(row.highest)}")
    if row.interval_of == "seeds":
        print(f"  mean           {' – '.join(map(percent, row.interval))}, {SEEDS_INTERVAL}")
    for remark in remarks(sweep):
        print(remark)
    print(f"\n  folder         {sweep.path}\n  page           {sweep.file('html')}")
