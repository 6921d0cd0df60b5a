"""Images of one split that are in another one too, equal or nearly so."""

from itertools import combinations
from typing import Any

import numpy as np

from tinylens.data.checkup.copies import Found
from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Severity, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import count, percent

CODE = "leaks"
TITLE = "Copies across splits"
ORDER = 40
SHOWN = 48  # pairs of two splits, from the likest to the least like
KNOWN = {
    "cifar10": "3.25 % of the test images to be copies (286 of training images, 39 of other test images)",
    "cifar100": "10 % of the test images to be copies (891 of training images, 104 of other test images)",
}
COMPARED = (
    "Barz and Denzler 2020 (ciFAIR) found {known}: near in the features of a network, then judged by people. They "
    "counted scenes that are only very similar too."
)
HOW = (
    "Compared is every pair of images, by brightness: first coarsely, then the likest in detail, with small shifts, "
    "small enlargements and mirror images; how, and how often that is right, is in docs/data-check.md. Equal means "
    "every pixel."
)


def check(survey: Survey) -> Observation | None:
    """Looks for images of a later split that are in an earlier one; nothing where there is one split only."""
    if len(survey.splits) < 2:
        return None
    names = list(survey.splits)
    pairs = [(names[i], names[j], crossing(survey, i, j)) for i, j in combinations(range(len(names)), 2)]
    some = any(len(found) for *_, found in pairs)
    severity: Severity = "error" if any(found.equal.any() for *_, found in pairs) else "warning" if some else "fine"
    told = [words(found, late, early, survey) for early, late, found in pairs if len(found)]
    remarks = [HOW]
    if known := KNOWN.get(survey.name.removesuffix("-coarse")):
        remarks.append(COMPARED.format(known=known))
    return Observation(
        CODE,
        TITLE,
        severity,
        "; ".join(told) or "no image of one split is in another",
        remedy(severity),
        tuple(remarks),
        (table(survey, pairs),),
        tuple(gallery(survey, early, late, found) for early, late, found in pairs if len(found)),
        facts=tuple((f"{late} in {early}", facts(survey, late, found)) for early, late, found in pairs),
    )


def crossing(survey: Survey, early: int, late: int) -> Found:
    """The images of the later split that have a copy in the earlier one."""
    return survey.copies.between(survey.owners == late, survey.owners == early)


def words(found: Found, late: str, early: str, survey: Survey) -> str:
    """How many there are, in words."""
    equal, near = int(found.equal.sum()), int((~found.equal).sum())
    parts = [f"{equal:,} equal"] * bool(equal) + [f"{near:,} nearly so"] * bool(near)
    share = percent(len(found) / len(survey.splits[late]), 2)
    return f"{count(len(found), f'{late} image')} in {early} too ({' and '.join(parts)}; {share} of all)"


def remedy(severity: Severity) -> str:
    """What to do."""
    if severity == "fine":
        return ""
    return "keep each picture in one split only: figures on copies of training images are too good"


def table(survey: Survey, pairs: list[tuple[str, str, Found]]) -> Table:
    """Equal and near copies of each pair of splits."""
    rows = []
    for early, late, found in pairs:
        near = ~found.equal
        numbers = [found.equal.sum(), near.sum(), (near & found.mirrored).sum(), other_label(survey, found).sum()]
        share = percent(len(found) / len(survey.splits[late]), 2)
        rows.append((late, early, *(f"{int(number):,}" for number in numbers), share))
    return Table(("images of", "in", "equal", "near", "of these mirrored", "with another label", "share"), tuple(rows))


def other_label(survey: Survey, found: Found) -> np.ndarray:
    """Whether image and copy have different labels."""
    return survey.labels[found.positions] != survey.labels[found.partners]


def gallery(survey: Survey, early: str, late: str, found: Found) -> Gallery:
    """Some of the pairs, those first that are equal, then from the likest to the least like."""
    order = np.argsort(-found.similarity, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(SHOWN, len(order))).astype(int)]
    exhibits = []
    for i in chosen.tolist():
        one, other = int(found.positions[i]), int(found.partners[i])
        how = "equal" if found.equal[i] else f"alike {found.similarity[i]:.2f}{', mirrored' * bool(found.mirrored[i])}"
        labels = " / ".join(dict.fromkeys((survey.label(one), survey.label(other))))
        exhibits.append(Exhibit((one, other), f"{labels}: {how}"))
    part = "" if len(chosen) == len(order) else f", {len(chosen)} of them, from the likest to the least like"
    return Gallery(f"{late.capitalize()} images beside their copies in {early}{part}", tuple(exhibits))


def facts(survey: Survey, late: str, found: Found) -> dict[str, Any]:
    """The figures of one pair of splits, and every pair of images."""
    return {
        "equal": int(found.equal.sum()),
        "near": int((~found.equal).sum()),
        "mirrored": int(found.mirrored.sum()),
        "other_label": int(other_label(survey, found).sum()),
        "share": round(len(found) / len(survey.splits[late]), 6),
        "pairs": [
            {"image": survey.called(int(one)), "copy": survey.called(int(other)), "similarity": round(float(value), 4)}
            for one, other, value in zip(found.positions, found.partners, found.similarity, strict=True)
        ],
    }
