"""The main job: from images to a trained, judged and reported classifier, and each of its parts again."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinylens import recipes
from tinylens.data import Splits
from tinylens.data.manifest import Choice, Manifest
from tinylens.errors import TinylensError, UsageError
from tinylens.evaluation.judge import judge
from tinylens.evaluation.metrics import Metrics
from tinylens.lint import lint
from tinylens.recipe import Recipe
from tinylens.report import write_report
from tinylens.runs import DEFAULT_ROOT, Run
from tinylens.training.fit import fit


def train(
    recipe: str,
    data: str | Path | Splits | None = None,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path = DEFAULT_ROOT,
    data_dir: str | Path | None = None,
    skip_bad: bool = False,
    progress: bool = True,
) -> Run:
    """Train a recipe, judge the lens on validation and test images, and write the report.

    recipe: a name that `tinylens recipes` prints, or the path of a recipe file. data: a name, a folder, an .npz file or
    splits; the recipe's own by default. epochs, seed: short for those settings. limit: images a split, at most.
    settings: fields of the recipe to set, as {"optimizer.lr": 0.01}. out: the folder in which the run directory is
    made. Raises TinylensError where it cannot be done, and Interrupted where somebody stops it; `resume` goes on from
    there.
    """
    kind = recipes.find(recipe)
    given = dict(settings or {}) | {k: v for k, v in {"epochs": epochs, "seed": seed}.items() if v is not None}
    resolved = kind.resolve(given)
    choice = choose(resolved, data, kind.data, limit, skip_bad)
    splits = choice.cut(data) if isinstance(data, Splits) else choice.load(data_dir)
    run = Run.create(Path(out), resolved, recipe, Manifest.of(choice, splits))
    with run.locked():
        try:
            fit_and_record(run, splits, resume=False, progress=progress)
        except TinylensError:
            if not (run.checkpoints / "last.pt").is_file():  # it never began: leave no empty run behind
                shutil.rmtree(run.path, ignore_errors=True)
            raise
        finish(run, splits, progress=progress)
    return run


def choose(recipe: Recipe, data: str | Path | Splits | None, default: str, limit: int | None, skip_bad: bool) -> Choice:
    """Which data a recipe is to be trained on, and what of it."""
    name = data.name if isinstance(data, Splits) else str(data or default)
    share = recipe.validation_share if recipe.select_on == "validation" else None
    return Choice(name, recipe.image_size, recipe.resize, limit, share, recipe.seed, skip_bad)


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
    if run.recipe.select_on == "test" and not resume:
        run.record_opening("selection after each epoch")
    fit(run, splits, resume=resume, progress=progress)


def finish(run: Run, splits: Splits, *, progress: bool) -> None:
    """Judge a trained run on each split that it has not been judged on, look for mistakes, write the report."""
    for split in ("validation", "test"):
        if split in splits.all() and not run.evaluated(split):
            judge(run, split, splits, by="the end of training", progress=progress)
    lint(run)
    write_report(run, splits)


def evaluate(
    run: Run | str | Path,
    split: str = "test",
    *,
    data: Splits | None = None,
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> Metrics:
    """Judge a run's lens on its validation or test images, and write the report anew.

    Opening the test split is recorded in the run. Raises TinylensError where the run or its data is not as it was.
    """
    run = run if isinstance(run, Run) else Run(run)
    if split not in ("validation", "test"):
        raise UsageError(f"a run is judged on validation or test, not on {split!r}")
    with run.locked():
        splits = run.manifest.reload(data, data_dir)
        metrics = judge(run, split, splits, by="tinylens evaluate", progress=progress)
        write_report(run, splits)
    return metrics


def report(run: Run | str | Path, *, data: Splits | None = None, data_dir: str | Path | None = None) -> Path:
    """Write the report of a judged run anew; the path of the HTML file."""
    run = run if isinstance(run, Run) else Run(run)
    with run.locked():
        return write_report(run, run.manifest.reload(data, data_dir))


def result(run: Run) -> dict[str, Any]:
    """What a run came to, as plain values with keys that stay: what `tinylens train --json` prints.

    Where selection looked at the test split, validation is the test split, and selected_on says so.
    """
    recipe, training, published = run.recipe, run.training, run.recipe.published
    figures = {split: brief(run, split) for split in ("validation", "test") if run.evaluated(split)}
    if recipe.select_on == "test" and "test" in figures:
        figures["validation"] = figures["test"]
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
        "as_published": recipe.as_published,
        "published": published.accuracy if published and published.data == run.manifest.choice.name else None,
        "validation": figures.get("validation"),
        "test": figures.get("test"),
        "test_openings": len(run.openings),
        "findings": run.findings,
        "when": run.environment["when"],
        "report": str(run.report),
    }


def brief(run: Run, split: str) -> dict[str, Any]:
    """The headline figures of a split."""
    metrics = run.metrics(split)
    return {
        key: metrics[key]
        for key in ("accuracy", "interval", "loss", "images", "top5", "top5_interval", "calibration_error")
    }
