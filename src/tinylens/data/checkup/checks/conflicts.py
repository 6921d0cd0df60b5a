"""The same picture in two classes."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Severity, excerpt
from tinylens.data.checkup.survey import Survey
from tinylens.words import count

CODE = "conflicts"
TITLE = "One picture, two classes"
ORDER = 60
SHOWN = 36
SIDE_BY_SIDE = 6  # images of one picture that are shown, each in another class


def check(survey: Survey) -> Observation:
    """Looks for equal and near copies, in any split, that have different labels."""
    equal = torn(survey)
    pairs, values = near_pairs(survey)
    near = [
        Exhibit((int(a), int(b)), f"{survey.label(int(a))} / {survey.label(int(b))}: alike {value:.2f}")
        for (a, b), value in zip(pairs, values, strict=True)
    ]
    severity: Severity = "error" if equal else "warning" if near else "fine"
    told = [f"{count(len(equal), 'picture')} equal pixel by pixel in two classes or more"] if equal else []
    told += [f"{count(len(near), 'pair')} of near copies in different classes"] if near else []
    galleries = gallery("Equal pixel by pixel", equal), gallery("Near copies, the likest first", near)
    return Observation(
        CODE,
        TITLE,
        severity,
        "; ".join(told) or "no picture is in two classes",
        "decide for one class, or leave both out: at least one label is wrong, or the classes overlap" if told else "",
        galleries=tuple(one for one in galleries if one.exhibits),
        facts=(
            ("equal", [[survey.called(i) for i in one.positions] for one in equal]),
            ("near", [[survey.called(i) for i in one.positions] for one in near]),
        ),
    )


def gallery(kind: str, found: list[Exhibit]) -> Gallery:
    """The first of what was found, of each a few images."""
    shown = tuple(replace(one, positions=one.positions[:SIDE_BY_SIDE]) for one in found[:SHOWN])
    return Gallery(f"{kind}: {len(found):,}{excerpt(len(shown), len(found))}", shown)


def torn(survey: Survey) -> list[Exhibit]:
    """Of each picture that is in several classes one image in each."""
    first, labels = survey.copies.first, survey.labels
    kinds, positions = np.unique(np.stack([first, labels], axis=1), axis=0, return_index=True)
    _, starts, classes = np.unique(kinds[:, 0], return_index=True, return_counts=True)
    found = []
    for start, number in zip(starts[classes > 1], classes[classes > 1], strict=True):
        chosen = tuple(int(i) for i in positions[start : start + number])
        more = f" and {number - SIDE_BY_SIDE} more" if number > SIDE_BY_SIDE else ""
        found.append(Exhibit(chosen, " / ".join(survey.label(i) for i in chosen[:SIDE_BY_SIDE]) + more))
    return found


def near_pairs(survey: Survey) -> tuple[Int[np.ndarray, "p 2"], np.ndarray]:
    """The near copies whose labels differ, the likest first, with how alike they are."""
    copies = survey.copies
    different = survey.labels[copies.pairs[:, 0]] != survey.labels[copies.pairs[:, 1]]
    order = np.argsort(-copies.similarity[different], kind="stable")
    return copies.pairs[different][order], copies.similarity[different][order]
