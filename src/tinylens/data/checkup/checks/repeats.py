"""Images that are more than once in one split."""

import numpy as np

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import count, percent

CODE = "repeats"
TITLE = "Copies within a split"
ORDER = 50
SHOWN = 36  # groups of a split
SIDE_BY_SIDE = 6  # images of a group that are shown


def check(survey: Survey) -> Observation:
    """Counts the images that could be left out without losing a picture."""
    rows, galleries, told, facts = [], [], [], []
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
            told.append(f"{count(spare, f'{name} image')} beside their like ({spare_equal:,} equal pixel by pixel)")
            galleries.append(gallery(survey, name, every))
    return Observation(
        CODE,
        TITLE,
        "note" if told else "fine",
        "; ".join(told) or "no image is twice in one split",
        "they weigh double, and a validation split cut off by chance shares them with training" if told else "",
        ("Copies of copies are in one group. Counted are the images that could go: all of a group but one.",),
        (Table(("split", "equal", "equal or near", "groups", "largest group", "share"), tuple(rows)),),
        tuple(galleries),
        tuple(facts),
    )


def gallery(survey: Survey, split: str, groups: list[np.ndarray]) -> Gallery:
    """Some of the groups, the largest first."""
    exhibits = []
    for group in sorted(groups, key=lambda group: (-len(group), group[0]))[:SHOWN]:
        labels = ", ".join(dict.fromkeys(survey.label(int(i)) for i in group[:SIDE_BY_SIDE]))
        more = f", {len(group)} in all" if len(group) > SIDE_BY_SIDE else ""
        exhibits.append(Exhibit(tuple(int(i) for i in group[:SIDE_BY_SIDE]), labels + more))
    part = f", the largest {SHOWN} of {len(groups):,} groups" if len(groups) > SHOWN else ""
    return Gallery(f"Copies in {split}{part}", tuple(exhibits))
