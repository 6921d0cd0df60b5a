"""The main job: from images to a trained, judged and reported classifier, and each of its parts again."""

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinylens import recipes
from tinylens.data import Splits
from tinylens.data.manifest import Choice, Manifest
from tinylens.errors import DataError, Interrupted, TinylensError, UsageError, at_least
from tinylens.evaluation.judge import judge, judge_robustness
from tinylens.evaluation.metrics import Metrics
from tinylens.lint.linting import lint
from tinylens.recipe import Recipe
from tinylens.report import write_page
from tinylens.runs import DEFAULT_ROOT, Run, all_runs
from tinylens.training.budget import within
from tinylens.training.fit import fit

HEADLINE = (
    *("accuracy", "interval", "loss", "images", "top5", "top5_interval", "macro_f1", "macro_f1_interval"),
    *("calibration_error", "calibration_interval", "calibration_floor", "calibration_before", "temperature"),
)


def train(
    recipe: str = "sprint",
    data: str | Path | Splits | None = None,
    *,
    epochs: int | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path = DEFAULT_ROOT,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    open_test: bool = True,
    progress: bool = True,
) -> Run:
    """Train a recipe, judge the lens on validation and test images, and write the report.

    recipe: a name that `tinylens recipes` prints, or the path of a recipe file. data: a name, a folder, an .npz file or
    splits; the recipe's own by default. epochs, seed: short for those settings. seconds: train for about as long, in
    place of epochs; a few steps are timed first. limit: images a split, at most.
    settings: fields of the recipe to set, as {"optimizer.lr": 0.01}. out: the folder in which the run directory is
    made. open_test: False leaves the test images shut, also where the run is resumed; it is judged on validation alone
    until `evaluate` is called. Raises TinylensError where it cannot be done, and Interrupted where somebody stops it;
    `resume` goes on from there.
    """
    given = with_options(settings or {}, {"epochs": epochs, "seed": seed})
    kind = recipes.find(recipe)
    require_one_length(seconds, given)
    resolved, choice = planned(kind, data, given, limit=limit, skip_bad=skip_bad, open_test=open_test)
    splits = choice.cut(data) if isinstance(data, Splits) else choice.load(data_dir)
    if seconds is not None:
        resolved = resolved.model_copy(update=within(resolved, recipe, choice, splits, seconds))
    run = Run.create(Path(out), resolved, recipe, Manifest.of(choice, splits), opens_test=open_test)
    with run.locked():
        try:
            fit_and_record(run, splits, resume=False, progress=progress)
        except BaseException as error:
            if not can_go_on(run, error):
                shutil.rmtree(run.path, ignore_errors=True)
            raise
        finish(run, splits, progress=progress)
    return run


def require_one_length(seconds: float | None, given: Mapping[str, Any]) -> None:
    """Raise UsageError where a time is given that is none, or beside it how many epochs or iterations to train."""
    if seconds is None:
        return
    if not 0 < seconds < math.inf:
        raise UsageError(f"a training of {seconds} seconds is not possible")
    for field in ("epochs", "iterations"):
        if field in given:
            raise UsageError(f"{field} and a time are both given, and each says how long to train; give one of them")


def with_options(settings: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with those that have options of their own; None: not given. Raises UsageError where one is in both."""
    given = {name: value for name, value in options.items() if value is not None}
    both = [name for name in given if name in settings]
    if both:
        raise UsageError(f"{both[0]} is set to {settings[both[0]]} and given as --{both[0]} as well; do one of both")
    return dict(settings) | given


def can_go_on(run: Run, error: BaseException) -> bool:
    """Whether a run that an error ended is worth keeping: it has a checkpoint, and more to come than the same error."""
    if not (run.checkpoints / "last.pt").is_file():
        return False
    failed = isinstance(error, TinylensError) and not isinstance(error, Interrupted)
    return not failed or run.training.get("steps", 0) > 0


def planned(
    kind: type[Recipe],
    data: str | Path | Splits | None,
    settings: Mapping[str, Any],
    *,
    limit: int | None,
    skip_bad: bool,
    open_test: bool,
) -> tuple[Recipe, Choice]:
    """The resolved recipe of a training and its choice of data, before anything is loaded or made.

    Raises UsageError and DataError where they cannot be so.
    """
    if isinstance(data, Splits):  # a lens prepares images as these were prepared
        settings = {"image_size": data.train.image_size[0], "resize": data.resize} | dict(settings)
    resolved = kind.resolve(settings)
    if not open_test and resolved.select_on != "validation":
        raise UsageError(
            f"the test images are to stay shut, but the recipe selects on the {resolved.select_on} images, not on "
            "validation: add --set select_on=validation, or leave as_published out"
        )
    return resolved, choose(resolved, data, kind.data, limit, skip_bad)


def choose(
    recipe: Recipe, data: str | Path | Splits | None, default: str | None, limit: int | None, skip_bad: bool
) -> Choice:
    """Which data a recipe is to be trained on, and what of it. Raises DataError where it was prepared otherwise."""
    if data is None and default is None:
        raise UsageError("this recipe was written for no data in particular: name some with --data")
    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit}: it must be at least 1")
    share = recipe.validation_share if recipe.select_on == "validation" else None
    wanted = recipe.image_size, recipe.resize, limit, share, recipe.seed
    if not isinstance(data, Splits):
        return Choice(str(data or default), *wanted, skip_bad, recipe.validation_most)
    height, width = data.train.image_size
    if (height, width, data.resize) != (recipe.image_size, recipe.image_size, recipe.resize):
        raise DataError(
            f"{data.name} was loaded as {width}x{height} pixels with resize={data.resize}, but the recipe wants "
            f"{recipe.image_size}x{recipe.image_size} with resize={recipe.resize}: load it in that way"
        )
    return Choice(data.name, *wanted, data.skip_bad, recipe.validation_most)


def resume(
    run: Run | str | Path, *, data: Splits | None = None, data_dir: str | Path | None = None, progress: bool = True
) -> Run:
    """Go on with a run that was stopped, to the same weights as if it never had been, and judge it.

    data: the splits, where they were not loaded by name. A run that is trained is only judged, where that is missing.
    Raises TinylensError where the run or its data is not as it was.
    """
    run = run if isinstance(run, Run) else Run(run)
    with run.locked():
        splits = run.manifest.reload(data, data_dir)
        if not run.trained:
            fit_and_record(run, splits, resume=True, progress=progress)
        finish(run, splits, progress=progress)
    return run


def fit_and_record(run: Run, splits: Splits, *, resume: bool, progress: bool) -> None:
    """Train; where selection looks at the test split, that is an opening of it."""
    if run.recipe.select_on == "test":
        run.record_opening("for selection after each epoch" + (", resumed" if resume else ""))
    fit(run, splits, resume=resume, progress=progress)


def finish(run: Run, splits: Splits, *, progress: bool) -> None:
    """Judge a trained run on each split that it has not been judged on, look for mistakes, write the report."""
    try:
        for split in ("validation", "test") if run.opens_test else ("validation",):
            if split in splits.all() and not run.evaluated(split):
                judge(run, split, splits, by="at the end of training", progress=progress)
        lint(run, splits)
        write_page(run, splits)
    except KeyboardInterrupt as stop:
        raise Interrupted.by(stop, f"stopped when training was done; `tinylens resume {run.path}` judges it") from None


def evaluate(
    run: Run | str | Path,
    split: str = "test",
    *,
    corruptions: bool = False,
    limit: int | None = None,
    data: Splits | None = None,
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> Metrics:
    """Judge a run's lens on its validation or test images, and write the report anew.

    corruptions: also on the images corrupted in 15 ways at 5 severities; limit: on so many of them at most.
    Opening the test split is recorded in the run. Raises TinylensError where the run or its data is not as it was.
    """
    if limit is not None and not corruptions:
        raise UsageError("a limit is for corruptions: the split itself is judged whole")
    at_least(1, "limit", 1 if limit is None else limit)  # before the test images are opened
    run = run if isinstance(run, Run) else Run(run)
    with run.locked():
        splits = run.manifest.reload(data, data_dir)
        by = f"by tinylens evaluate{' --corruptions' if corruptions else ''}"
        metrics = judge(run, split, splits, by=by, progress=progress)
        if corruptions:
            judge_robustness(run, splits[split], limit=limit, progress=progress)
        write_page(run, splits)
    return metrics


def write_report(run: Run | str | Path, *, data: Splits | None = None, data_dir: str | Path | None = None) -> Path:
    """Write the report of a judged run anew; the path of the HTML file."""
    run = run if isinstance(run, Run) else Run(run)
    with run.locked():
        return write_page(run, run.manifest.reload(data, data_dir))


def results(root: str | Path = DEFAULT_ROOT) -> list[dict[str, Any]]:
    """What each run below a folder came to, oldest first; of one that cannot be read its path and the error."""
    found: list[dict[str, Any]] = []
    for run in all_runs(Path(root)):
        try:
            found.append(result(run))
        except TinylensError as error:
            found.append({"run": str(run.path), "error": str(error)})
    return found


def result(run: Run) -> dict[str, Any]:
    """What a run came to, as plain values with keys that stay: what `tinylens train --json` prints.

    Where selection looked at the test split, and the data has no validation split, validation is the test split;
    selected_on says so.
    """
    recipe, training = run.recipe, run.training
    figures = {split: brief(run, split) for split in ("validation", "test") if run.evaluated(split)}
    if recipe.select_on == "test" and "test" in figures:
        figures.setdefault("validation", figures["test"])
    return {
        "run": str(run.path),
        "recipe": run.title,
        "data": run.manifest.choice.name,
        "seed": recipe.seed,
        "epochs": training.get("epochs", 0),
        "best_epoch": training.get("best_epoch"),
        "seconds": training.get("seconds", 0.0),
        "ended": training.get("ended", "not begun"),
        "selected_on": recipe.select_on,
        "as_published": recipe.keeps_faults,
        "published": run.published.accuracy if run.published else None,
        "validation": figures.get("validation"),
        "test": figures.get("test"),
        "test_openings": run.times_opened,
        "findings": run.findings,
        "when": run.environment["when"],
        "report": str(run.report),
    }


def brief(run: Run, split: str) -> dict[str, Any]:
    """The headline figures of a split."""
    metrics = run.metrics(split)
    return {key: metrics.get(key) for key in HEADLINE}
