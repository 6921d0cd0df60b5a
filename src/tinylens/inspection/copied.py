"""Accuracy on images that are copies of training images, and on the others, which is the one to believe."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from tinylens.data.checkup.observation import Observation, Severity, Table, worst
from tinylens.data.checkup.survey import Survey
from tinylens.evaluation.predictions import Predictions
from tinylens.evaluation.statistics import wilson_interval
from tinylens.words import count, percent, with_interval

CODE, TITLE = "copied", "Accuracy on copies of training images"
WHY = (
    "A copy of a training image asks what was learned by heart, not what was understood; one with another label counts "
    "as wrong where the lens remembers. Copies are those of the check above, equal and near."
)


def accuracy_on_copies(predictions: Sequence[Predictions], survey: Survey) -> Observation:
    """How often a lens is right on images that have a copy among the training images, and how often on the rest.

    predictions: of splits of the survey, which has a training split too.
    """
    parts = [(one, copied(one.split, survey)) for one in predictions]
    severities: list[Severity] = [severity(one, inside) for one, inside in parts]
    return Observation(
        CODE,
        TITLE,
        worst(severities),
        "; ".join(words(one, inside) for one, inside in parts) or "nothing: the run has no predictions",
        "tell the accuracy on the rest as the result" if "warning" in severities else "",
        (WHY,),
        (table(parts),) if parts else (),
        facts=tuple((one.split, facts(one, inside)) for one, inside in parts),
    )


def copied(split: str, survey: Survey) -> Bool[np.ndarray, " n"]:
    """Which images of a split have a copy among the training images."""
    names = list(survey.splits)
    number = names.index(split)
    found = survey.copies.between(survey.owners == number, survey.owners == names.index("train"))
    inside = np.zeros(len(survey.splits[split]), bool)
    inside[found.positions - survey.starts[number]] = True
    return inside


def severity(one: Predictions, inside: Bool[np.ndarray, " n"]) -> Severity:
    """A warning where the accuracy on all images is outside the 95 % interval of that on the rest."""
    if not inside.any():
        return "fine"
    if inside.all():
        return "warning"
    low, high = wilson_interval(int(one.correct[~inside].sum()), int((~inside).sum()))
    return "note" if low <= one.correct.mean() <= high else "warning"


def words(one: Predictions, inside: Bool[np.ndarray, " n"]) -> str:
    """Both accuracies of a split, in words."""
    if not inside.any():
        return f"no {one.split} image is a copy of a training image"
    of_copies = f"{one.split}: {accuracy(one, inside)} on {count(int(inside.sum()), 'image')} with a copy in train"
    return f"{of_copies}, {accuracy(one, ~inside)} on the other {int((~inside).sum()):,}"


def accuracy(one: Predictions, chosen: Bool[np.ndarray, " n"]) -> str:
    """The accuracy on some images of a split; a dash where there are none."""
    return percent(float(one.correct[chosen].mean())) if chosen.any() else "–"


def table(parts: Sequence[tuple[Predictions, np.ndarray]]) -> Table:
    """Images and accuracy with its interval, of each split's copies, of the rest and of all."""
    rows = []
    for one, inside in parts:
        for name, chosen in (("copies", inside), ("the rest", ~inside), ("all", np.ones_like(inside))):
            right, images = int(one.correct[chosen].sum()), int(chosen.sum())
            told = with_interval(right / images, wilson_interval(right, images)) if images else "–"
            rows.append((f"{one.split}: {name}", f"{images:,}", told))
    return Table(("images of", "number", "accuracy (95 % interval)"), tuple(rows))


def facts(one: Predictions, inside: Bool[np.ndarray, " n"]) -> dict[str, Any]:
    """Images and how many of them the lens gets right, of copies and of the rest."""
    return {
        name: {"images": int(chosen.sum()), "right": int(one.correct[chosen].sum())}
        for name, chosen in (("copies", inside), ("rest", ~inside))
    }
