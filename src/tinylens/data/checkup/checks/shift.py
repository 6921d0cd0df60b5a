"""Splits that differ: what stands beside the picture tells test images from training images.

Where test pictures were made in another way, in another size, brightness or kind of file, figures on them are of that
too, and not of the task alone. Splits that were drawn at random differ by chance only.
Source: Rabanser et al. 2019, Failing Loudly: an empirical study of methods for detecting dataset shift; the classifier
between both splits is a decision tree on few numbers here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylens.data.checkup.cues import FOLDS, balanced_accuracy, out_of_fold
from tinylens.data.checkup.observation import Observation, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import percent, with_interval

CODE = "shift"
TITLE = "Splits that differ"
ORDER = 90
FEWEST = 30  # images of a split
FAR = 0.65  # share told rightly, both counted alike, that the lower end of the interval must pass; 0.5 is chance


@dataclass(frozen=True)
class Told:
    """How well a cue tells a split from the first. share: told rightly, both splits counted alike, with interval."""

    split: str
    cue: str
    share: float
    interval: tuple[float, float]


def check(survey: Survey) -> Observation | None:
    """Predicts from each cue alone which split an image is of; None where there are no two with enough images."""
    every = list(trials(survey))
    if not every:
        return None
    first = next(iter(survey.splits))
    far = [one for one in every if one.interval[0] > FAR]
    found = [
        f"{split} images are told from {first} images by {', '.join(one.cue for one in far if one.split == split)}"
        for split in dict.fromkeys(one.split for one in far)
    ]
    rows = tuple((f"{one.split}, by {one.cue}", with_interval(one.share, one.interval)) for one in every)
    facts: dict[str, dict[str, Any]] = {split: {} for split in dict.fromkeys(one.split for one in every)}
    for one in every:
        facts[one.split][one.cue] = {"accuracy": round(one.share, 4), "interval": [round(x, 4) for x in one.interval]}
    return Observation(
        CODE,
        TITLE,
        "warning" if found else "fine",
        "; ".join(found) or f"nothing beside the picture tells other images from those of {first}",
        "find out how they were made; bring them to one form, or say that they are of another origin" if found else "",
        (
            f"A small decision tree tells from each alone which split an image is of, in {FOLDS} folds, both counted "
            "alike, so that chance has 50 %; with its 95 % interval, whose lower end must pass "
            f"{percent(FAR, 0)} to be told of.",
        ),
        (Table((f"told from {first}", "rightly"), rows),),
        (),
        tuple(facts.items()),
    )


def trials(survey: Survey) -> Iterator[Told]:
    """Each cue on the first split and each of the others, of copies one image."""
    owners, names = survey.owners[survey.cues.chosen], list(survey.splits)
    counts = np.bincount(owners, minlength=len(names))
    for number in range(1, len(names)):
        if min(counts[0], counts[number]) < FEWEST:
            continue
        both = (owners == 0) | (owners == number)
        for cue in survey.cues.cues:
            part = cue.of(both)
            if part.tells:
                guessed = np.array([0, number])[out_of_fold(part.values, owners[both], plain=True).argmax(axis=1)]
                share, reach = balanced_accuracy(guessed, owners[both])
                yield Told(names[number], cue.name, share, (max(0.0, share - reach), min(1.0, share + reach)))
