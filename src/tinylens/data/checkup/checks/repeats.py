"""Images that are more than once in one split."""

import numpy as np

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Severity, Table, worst
from tinylens.data.checkup.survey import Survey
from tinylens.words import count, percent

CODE = "repeats"
TITLE = "Copies within a split"
ORDER = 50
SHOWN = 36  # groups of a split
SIDE_BY_SIDE = 6  # images of a group that are shown
# Shares of a split from which on equal copies, or these with near ones, are a warning: of scikit-learn's digits, which
# are all alike, 9 % are called near copies, and images that somebody augmented and saved come to half of all or more.
EQUAL, ALL = 0.01, 0.2


def check(survey: Survey) -> Observation:
    """Counts the images that could be left out without losing a picture."""
    rows, galleries, told, facts = [], [], [], []
    severities: list[Severity] = []
    for number, (name, split) in enumerate(survey.splits.items()):
        inside = survey.owners == number
        equal, every = survey.copies.groups(inside, near=False), survey.copies.groups(inside, near=True)
        spare_equal, spare = (sum(len(group) - 1 for group in groups) for groups in (equal, every))
        share = spare / len(split)
        largest = max(map(len, every), default=0)
        rows.append((name, f"{spare_equal:,}", f"{spare:,}", f"{len(every):,}", f"{largest:,}", percent(share, 2)))
        numbers = {"equal": spare_equal, "equal_or_near": spare, "groups": len(every), "largest": largest}
        facts.append((name, numbers | {"copies": [[survey.called(int(i)) for i in group] for group in every]}))
        if every:
            many = spare_equal >= EQUAL * len(split) or spare >= ALL * len(split)
            severities.append("warning" if many else "note")
            how = f"{spare_equal:,} equal pixel by pixel; {percent(share, 2)} of all"
            told.append(f"{count(spare, f'{name} image')} beside their like ({how})")
            galleries.append(gallery(survey, name, every))
    return Observation(
        CODE,
        TITLE,
        worst(severities),
        "; ".join(told) or "no image is twice in one split",
        remedy(survey, worst(severities)),
        (
            "Copies of copies are in one group. Counted are the images that could go: all of a group but one. They "
            f"are a warning where equal ones come to {percent(EQUAL, 0)} of a split, or all to {percent(ALL, 0)}.",
        ),
        (Table(("split", "equal", "equal or near", "groups", "largest group", "share"), tuple(rows)),),
        tuple(galleries),
        tuple(facts),
    )


def remedy(survey: Survey, severity: Severity) -> str:
    """What copies do, and what to do where they are many."""
    if severity == "fine":
        return ""
    harm = "they weigh double"
    if "validation" not in survey.splits:
        harm += ", and a validation split cut off by chance shares them with training: its figures are too good"
    return f"keep one of each group: {harm}" if severity == "warning" else harm


def gallery(survey: Survey, split: str, groups: list[np.ndarray]) -> Gallery:
    """Some of the groups, the largest first."""
    exhibits = []
    for group in sorted(groups, key=lambda group: (-len(group), group[0]))[:SHOWN]:
        labels = ", ".join(dict.fromkeys(survey.label(int(i)) for i in group[:SIDE_BY_SIDE]))
        more = f", {len(group)} in all" if len(group) > SIDE_BY_SIDE else ""
        exhibits.append(Exhibit(tuple(int(i) for i in group[:SIDE_BY_SIDE]), labels + more))
    part = f", the largest {SHOWN} of {len(groups):,} groups" if len(groups) > SHOWN else ""
    return Gallery(f"Copies in {split}{part}", tuple(exhibits))
