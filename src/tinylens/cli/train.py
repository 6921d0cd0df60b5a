"""tinylens train, tinylens resume."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tinylens.cli import sweep
from tinylens.cli.output import Common, interval, print_json, seconds_in, settings
from tinylens.errors import UsageError
from tinylens.words import MARKED, count, duration


def train(
    recipe: str = "sprint",
    *,
    data: str | None = None,
    epochs: int | None = None,
    time: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    limit: int | None = None,
    set: Annotated[list[str] | None, Parameter(negative="")] = None,  # it is the option's name
    out: Path = Path("runs"),
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    common: Common | None = None,
) -> None:
    """Train a recipe, judge it on images it has not seen, and write a report.

    For example:

      tinylens train --data my-photos/ --time 10m

      tinylens train four-by-four --data digits

      tinylens train four-by-four --data cifar10 --seed 1 --set optimizer.lr=0.0005

      tinylens train four-by-four --data cifar10 --seeds 3

      tinylens train four-by-four --data my-photos/ --epochs 30 --set patience=5

      tinylens train four-by-four --data cifar10 --set as_published=true

    Parameters
    ----------
    recipe
        A name that `tinylens recipes` prints, or the path of a recipe file.
    data
        A name that `tinylens data list` prints, a folder of pictures, or an .npz file. Default: the recipe's own.
    epochs
        How often to go through the training images, at most.
    time
        How long to train, as 90s, 10m or 1h30m, in place of epochs: a few steps are timed, and so many epochs chosen.
    seed
        Of weights, order, dropout and the validation split.
    seeds
        Train so many times, with that seed and those after it, all in one folder, and tell mean and spread.
    limit
        Use at most so many images of each split, for a quick try.
    set
        FIELD=VALUE: another value for a field of the recipe, as `tinylens recipes show` lists them. May be repeated.
    out
        The folder in which the run directory is made.
    data_dir
        Where to look first for downloaded data.
    skip_bad
        Leave unreadable pictures out instead of refusing the folder.
    """
    from tinylens import experiment, sweeps

    seconds = None if time is None else seconds_in(time)
    given = settings(set)
    if seeds == 1:
        run = experiment.train(
            recipe, data, epochs=epochs, seconds=seconds, seed=seed, limit=limit, settings=given, out=out,
            data_dir=data_dir, skip_bad=skip_bad,
        )  # fmt: skip
        tell(experiment.result(run), common)
        return
    if seconds is not None:
        raise UsageError("--time and --seeds: a time comes to other epochs each time; give --epochs")
    made = sweeps.train_seeds(
        recipe, data, seeds=seeds, epochs=epochs, seed=seed, limit=limit, settings=given, out=out,
        data_dir=data_dir, skip_bad=skip_bad,
    )  # fmt: skip
    sweep.tell(made, common)


def resume(run: Path, *, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Go on with a run that was stopped, to the same weights as if it never had been, or with a sweep.

    For example:

      tinylens resume runs/cifar10-four-by-four-20260101-120000

      tinylens resume runs/sweep-cifar10-four-by-four-20260101-120000

    Parameters
    ----------
    run
        The run directory, or that of a sweep or of `train --seeds`.
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens import experiment, sweeps
    from tinylens.runs import SWEEP_FILE

    if (run / SWEEP_FILE).is_file():
        sweep.tell(sweeps.resume_sweep(run, data_dir=data_dir), common)
    else:
        tell(experiment.result(experiment.resume(run, data_dir=data_dir)), common)


def tell(result: dict[str, Any], common: Common | None) -> None:
    """Print what a training came to."""
    if common and common.json:
        print_json(result)
        return
    print(f"\n{result['recipe']} on {result['data']}, seed {result['seed']}: ", end="")
    print(f"{count(result['epochs'], 'epoch')} in {duration(result['seconds'])} ({result['ended']})")
    for split in ("validation", "test"):
        figures = result[split]
        if figures and not (split == "validation" and result["selected_on"] == "test"):
            loss, images = f"loss {figures['loss']:.4f}", f"{figures['images']:,} images"
            accuracy = interval(figures, marked=result["selected_on"] == split == "test")
            print(f"  {split:<10} accuracy {accuracy}   {loss}   {images}")
    if result["selected_on"] == "test":
        print(f"  {MARKED}")
    if result["published"] is not None:
        print(f"  published  accuracy {100 * result['published']:.2f} %")
    for finding in result["findings"]:
        said = f"silenced by {finding['silenced']}" if finding.get("silenced") else finding["evidence"]
        print(f"  {finding['code']} {finding['title']}: {said}")
    print(f"  run        {result['run']}\n  report     {result['report']}")
