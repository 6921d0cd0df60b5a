"""Sweeps: a recipe trained with every combination of some values, each from fresh weights, ranked on validation; and
seeds alone, where nothing is chosen, so that each run is judged on the test images.

A sweep is a folder with a run directory for each training, and sweep.json, .csv, .svg and .html about all of them. Of
values the test images stay shut: they are for the one run that is chosen.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tinylens import experiment, recipes
from tinylens.console import say
from tinylens.data import Splits
from tinylens.data.dataset import IN_MEMORY
from tinylens.data.manifest import Choice
from tinylens.data.sources import known
from tinylens.errors import DataError, Interrupted, TinylensError, TrainingError, UsageError
from tinylens.files import read_json, write_json, write_text
from tinylens.runs import DEFAULT_ROOT, SWEEP_FILE, Run, all_runs, folder_name, locked, new_folder
from tinylens.sweeps.figure import draw
from tinylens.sweeps.outcome import Outcome, Row, Sweep, ranked, recipe_in
from tinylens.sweeps.page import page
from tinylens.sweeps.plan import Plan, Training, common_settings, key_of, ranges, require_size, trainings

__all__ = ["Outcome", "Plan", "Row", "Sweep", "resume_sweep", "sweep", "train_seeds"]


def sweep(
    recipe: str,
    data: str | Path | Splits | None = None,
    *,
    over: Mapping[str, Any],
    seeds: int = 1,
    epochs: int | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path = DEFAULT_ROOT,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    progress: bool = True,
) -> Sweep:
    """Train a recipe with every combination of values, each with every seed, and rank them by validation accuracy.

    over: fields of the recipe with their values, as {"batch_size": [32, 64]}, or as text, {"batch_size": "32,64"}.
    seeds: runs of each combination, with the recipe's seed and those after it. The others are as in `train`, for all
    runs. A run that fails, say because its loss is not finite, is written down, and the next one begun.
    Raises TinylensError where it cannot be done, before the first run is begun where that can be known, and Interrupted
    where somebody stops it; `resume_sweep` goes on from there. Where no run ever began, no folder is left.
    """
    fields = ranges(over)
    given = common_settings(experiment.with_options(settings or {}, {"epochs": epochs}), fields)
    plan = Plan(recipe, "", "", fields, seeds, given, limit, skip_bad)
    return begin(plan, data, out, data_dir, progress=progress)


def train_seeds(
    recipe: str,
    data: str | Path | Splits | None = None,
    *,
    seeds: int,
    epochs: int | None = None,
    seed: int | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path = DEFAULT_ROOT,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    progress: bool = True,
) -> Sweep:
    """Train a recipe with several seeds, each run judged on the test images as `train` does: all in one folder.

    seeds: how many, from `seed` or the recipe's own on. The others are as in `train`. Raises what `sweep` raises.
    """
    given = common_settings(experiment.with_options(settings or {}, {"epochs": epochs, "seed": seed}), {})
    plan = Plan(recipe, "", "", {}, seeds, given, limit, skip_bad, open_test=True)
    return begin(plan, data, out, data_dir, progress=progress)


def begin(
    plan: Plan,
    data: str | Path | Splits | None,
    out: str | Path,
    data_dir: str | Path | None,
    *,
    progress: bool,
) -> Sweep:
    """Make the folder of a plan that knows no data yet, and every run of it."""
    require_size(plan)
    recipe = plan.recipe
    todo = trainings(plan, recipes.find(recipe), data)
    load = loader(data, data_dir)
    require_data(todo, load)
    first = load(todo[0].choice)
    path = new_folder(Path(out), f"{'seeds' if plan.open_test else 'sweep'}-{folder_name(first.name, recipe)}")
    place = first.name if first.name in known() else first.origin
    with removed_if_empty(path), locked(path):
        plan = replace(plan, recipe=kept_recipe(path, recipe), data=first.name, place=place)
        return work(path, plan, todo, load, progress=progress)


def resume_sweep(
    path: str | Path, *, data: Splits | None = None, data_dir: str | Path | None = None, progress: bool = True
) -> Sweep:
    """Go on with a sweep that was stopped: finished runs are kept, one that is half done is resumed, the rest trained.

    data: the splits, where they were not loaded by name or path. Runs that failed are tried once more.
    Raises TinylensError where the sweep or its data is not as it was.
    """
    path = Path(path)
    file = path / SWEEP_FILE
    if not file.is_file():
        raise UsageError(f"{path} is not a sweep: it has no {SWEEP_FILE}")
    plan = Plan.from_json(read_json(file), file)
    if data is None and plan.place == IN_MEMORY:
        raise DataError(f"{plan.data} was made from arrays in memory: from Python, give them as data=...")
    with locked(path):
        load = loader(data or plan.place, data_dir, name=plan.data)
        todo = trainings(plan, recipes.find(recipe_in(path, plan)), data or plan.place)
        for run in all_runs(path)[:1]:  # else the rest would be trained on other images
            run.manifest.reload(load(run.manifest.choice))
        return work(path, plan, todo, load, progress=progress)


def require_data(todo: list[Training], load: Callable[[Choice], Splits]) -> None:
    """Raise DataError where the data cannot be cut as a training wants them, say by a limit below the classes."""
    for choice in {replace(training.choice, seed=0) for training in todo}:  # no seed makes it possible
        choice.cut(load(choice))


@contextmanager
def removed_if_empty(path: Path) -> Iterator[None]:
    """Remove a new sweep's folder where the block ends badly before any run began."""
    try:
        yield
    except BaseException as error:
        if all_runs(path):
            raise
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(error, Interrupted):
            raise Interrupted.by(error, "stopped before a run had begun; nothing is kept") from None
        raise


def kept_recipe(path: Path, recipe: str) -> str:
    """The recipe's name; a user's own file is copied into the sweep, so that all runs have it as it is now."""
    if not recipe.endswith(".py"):
        return recipe
    write_text(path / Path(recipe).name, Path(recipe).read_text(encoding="utf-8"))
    return Path(recipe).name


def loader(
    data: str | Path | Splits | None, data_dir: str | Path | None, *, name: str | None = None
) -> Callable[[Choice], Splits]:
    """What gives whole splits as a choice wants them, loaded once for each image size. name: to call them by."""

    @cache
    def load(choice: Choice) -> Splits:
        splits = choice.load(data_dir)
        return splits if name is None else replace(splits, name=name)

    def whole(choice: Choice) -> Splits:
        if isinstance(data, Splits):
            return data
        source = choice.name if data is None else str(data)
        return load(replace(choice, name=source, limit=None, validation_share=None, seed=0))

    return whole


def work(path: Path, plan: Plan, todo: list[Training], load: Callable[[Choice], Splits], *, progress: bool) -> Sweep:
    """Make every run that is not there yet, and write the sweep's files anew after each."""
    begun = {key_of(run.about("fields")): run for run in all_runs(path)}
    done = {key: Outcome.of(run, plan.split) for key, run in begun.items() if is_done(run, plan.split)}
    failed: dict[str, str] = {}
    write(Sweep(path, plan, ranked(plan, todo, done, failed)))
    for number, training in enumerate(todo, 1):
        if training.key in done:
            continue
        if progress:
            say(f"run {number} of {len(todo)}: {training.name}")
        with told_as_sweep(path, number, len(todo)):
            try:
                run = make(path, plan, training, begun.get(training.key), load(training.choice), progress=progress)
                done[training.key] = Outcome.of(run, plan.split)
            except Interrupted:
                raise
            except TinylensError as error:
                failed[training.key] = str(error)
                if progress:
                    say(f"failed: {error}")
            write(Sweep(path, plan, ranked(plan, todo, done, failed)))
    result = Sweep(path, plan, ranked(plan, todo, done, failed))
    if not done:
        raise TrainingError(f"every run of {path} failed; the first: {result.failures[0]}")
    return result


def is_done(run: Run, split: str) -> bool:
    """Whether a run has all that a sweep wants of it on a split; its report is written last."""
    return run.trained and run.evaluated(split) and run.report.is_file()


def make(path: Path, plan: Plan, training: Training, begun: Run | None, splits: Splits, *, progress: bool) -> Run:
    """The run of a training: gone on with where there is what to go on from, else from fresh weights."""
    if begun is not None:
        if begun.trained or (begun.checkpoints / "last.pt").is_file():
            return experiment.resume(begun, data=splits, progress=progress)
        with begun.locked():  # it was killed before its first checkpoint
            shutil.rmtree(begun.path)
    return experiment.train(
        recipe_in(path, plan),
        splits,
        limit=plan.limit,
        settings=plan.settings | training.values | {"seed": training.recipe.seed},
        out=path,
        open_test=plan.open_test,
        progress=progress,
    )


@contextmanager
def told_as_sweep(path: Path, number: int, size: int) -> Iterator[None]:
    """Say of a stop how the sweep goes on, not how its run does."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt) as stop:
        raise Interrupted.by(stop, f"stopped in run {number} of {size}; `tinylens resume {path}` goes on") from None


def write(sweep: Sweep) -> None:
    """Write the sweep's files anew."""
    drawing = draw(sweep) if sweep.ranked else None
    if drawing is not None:
        write_text(sweep.file("svg"), drawing)
    write_text(sweep.file("csv"), sweep.to_csv())
    write_text(sweep.file("html"), page(sweep, drawing))
    write_json(sweep.file("json"), sweep.to_json())
