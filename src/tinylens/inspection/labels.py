"""Labels that are probably wrong: what lenses say that were not trained on their images."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tinylens.console import say
from tinylens.data import Splits
from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Table, excerpt
from tinylens.data.checkup.survey import Survey
from tinylens.data.manifest import Manifest
from tinylens.errors import UsageError
from tinylens.evaluation.label_errors import LabelErrors, label_errors
from tinylens.evaluation.predictions import Predictions, predict
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.fit import fit
from tinylens.words import count, percent

CODE, TITLE = "labels", "Probable label errors"
SHOWN = 60
PAIRS = 12  # pairs of classes in the table
SHARE = 0.005  # of the labels that seem wrong, from which on that is a warning
SURE = 0.9  # share of images on which a lens must be right for its doubts to be a warning
METHOD = (
    "Confident learning (Northcutt, Jiang and Chuang 2021): how often each class carries the label of another is "
    "estimated from images that the lens was not trained on, and as many are named. A weak lens takes hard images for "
    "wrong labels, so the share is too high where it is often wrong: look at the labels with the largest margins first."
)


@dataclass(frozen=True, eq=False)
class Judged:
    """The labels of one split, judged by predictions of images that the lens was not trained on.

    start: the survey's position of the split's first image. right: the share of images where lens and label agree.
    """

    split: str
    start: int
    images: int
    right: float
    errors: LabelErrors


def labels_by(
    run: Run, splits: Splits, predictions: Sequence[Predictions], survey: Survey, folds: int | None, *, progress: bool
) -> Observation:
    """What a run's predictions say of the labels. folds: as `check_data` takes them."""
    parts: list[tuple[str, Float[np.ndarray, "n k"]]] = []
    if folds is not None:
        parts.append(("train", out_of_fold(run, splits, folds, progress=progress)))
    parts += [(one.split, one.probabilities.astype(np.float64)) for one in predictions]
    judged = []
    for split, values in parts:
        labels = splits[split].labels
        right = float((values.argmax(axis=1) == labels).mean())
        start = int(survey.starts[list(survey.splits).index(split)])
        judged.append(Judged(split, start, len(labels), right, label_errors(values, labels)))
    return told(run, survey, judged, folds)


def out_of_fold(run: Run, splits: Splits, folds: int, *, progress: bool) -> Float[np.ndarray, "n k"]:
    """Probabilities of each training image by a lens that was trained on the other folds, with the run's recipe.

    Selection goes by the run's validation images, or where it has none by those trained on: never by the fold. The
    features of the run's own lens would be no help: it was trained on these very labels, wrong ones included.
    Raises DataError where a class has fewer images than there are folds.
    """
    from sklearn.model_selection import StratifiedKFold

    train = splits.train
    if train.class_counts().min() < folds:
        poor = train.classes[int(train.class_counts().argmin())]
        raise UsageError(f"--folds {folds}: class {poor!r} has only {train.class_counts().min()} training images")
    recipe = run.recipe.model_copy(update={"select_on": "train" if splits.validation is None else "validation"})
    found = np.zeros((len(train), len(train.classes)))
    parts = StratifiedKFold(folds, shuffle=True, random_state=recipe.seed).split(np.zeros(len(train)), train.labels)
    for number, (others, fold) in enumerate(parts, 1):
        say(f"fold {number} of {folds}: training {run.title} on {len(others):,} images")
        without = replace(splits, train=train.select(others), test=train.select(fold, "test"))
        found[fold] = probabilities_of(run, recipe, without, progress=progress)
    return found


def probabilities_of(run: Run, recipe: Recipe, splits: Splits, *, progress: bool) -> Float[np.ndarray, "n k"]:
    """What a lens trained on these splits says of their test images; the training leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Run.create(Path(folder), recipe, run.recipe_name, Manifest.of(run.manifest.choice, splits))
        fit(trial, splits, progress=progress)
        return predict(trial.lens, splits.test).probabilities.astype(np.float64)


def told(run: Run, survey: Survey, judged: Sequence[Judged], folds: int | None) -> Observation:
    """What was found, as an observation."""
    suspects, images = sum(len(one.errors.positions) for one in judged), sum(one.images for one in judged)
    if not judged:
        found = "nothing: the run has no predictions of images that it was not trained on"
    else:
        right = sum(one.right * one.images for one in judged) / images
        found = f"{count(suspects, 'label')} of {images:,} doubted by a lens that is right on {percent(right)}"
    sure = [one for one in judged if one.right >= SURE and one.errors.noise >= SHARE]
    whose = f"The lens is {run.path.name}'s. "
    how = "Training images are judged with --folds 5, which trains the recipe five times."
    if folds:
        how = f"Training images are judged by its recipe, trained {folds} times, each time without the fold judged."
    return Observation(
        CODE,
        TITLE,
        "warning" if sure else "note" if suspects else "fine",
        found,
        "look at them, the surest first, and mend those that are wrong" if suspects else "",
        (METHOD, whose + how),
        (figures(judged), confusions(survey, judged)) if judged else (),
        tuple(gallery(survey, one) for one in judged if len(one.errors.positions)),
        tuple((one.split, facts(survey, one)) for one in judged),
    )


def figures(judged: Sequence[Judged]) -> Table:
    """How many labels are doubted in each split."""
    rows = [
        (
            *(one.split, f"{one.images:,}", percent(one.right)),
            *(f"{len(one.errors.positions):,}", percent(one.errors.noise, 2)),
        )
        for one in judged
    ]
    return Table(("split", "images", "lens right", "labels doubted", "estimated share wrong"), tuple(rows))


def confusions(survey: Survey, judged: Sequence[Judged]) -> Table:
    """The classes that most often seem to carry another's label, by the estimate."""
    found = []
    for one in judged:
        pairs = np.argwhere((one.errors.joint > 0) & ~np.eye(len(survey.classes), dtype=bool))
        found += [(one.images * one.errors.joint[i, j], one.split, i, j) for i, j in pairs.tolist()]
    found.sort(key=lambda row: -row[0])
    rows = [(survey.classes[i], survey.classes[j], split, f"{number:,.0f}") for number, split, i, j in found[:PAIRS]]
    return Table(("labelled", "rather", "split", "estimated images"), tuple(rows))


def gallery(survey: Survey, one: Judged) -> Gallery:
    """The labels of a split that are doubted most."""
    errors = one.errors
    exhibits = []
    for position, suggested, margin in zip(errors.positions[:SHOWN], errors.suggested, errors.margins, strict=False):
        place = one.start + int(position)
        caption = f"{survey.label(place)}; rather {survey.classes[suggested]} (+{margin:.2f})"
        exhibits.append(Exhibit((place,), caption))
    title = f"{one.split.capitalize()}: the label; what the lens says, and by how much"
    return Gallery(title + excerpt(len(exhibits), len(errors.positions)), tuple(exhibits))


def facts(survey: Survey, one: Judged) -> dict[str, Any]:
    """The figures of a split, and every label that is doubted."""
    errors = one.errors
    suspects = [
        {
            "image": survey.called(one.start + int(position)),
            "class": survey.label(one.start + int(position)),
            "rather": survey.classes[suggested],
            "margin": round(float(margin), 4),
        }
        for position, suggested, margin in zip(errors.positions, errors.suggested, errors.margins, strict=True)
    ]
    return {"images": one.images, "right": round(one.right, 6), "noise": round(errors.noise, 6), "suspects": suspects}
