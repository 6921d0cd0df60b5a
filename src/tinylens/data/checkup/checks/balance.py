"""How many images each class has in each split."""

import numpy as np
from jaxtyping import Int

from tinylens.data.checkup.observation import Observation, Severity, Table, worst
from tinylens.data.checkup.survey import Survey
from tinylens.words import percent, shortened, times

CODE = "balance"
TITLE = "Classes"
ORDER = 20
UNEVEN, SKEWED = 3, 10  # times as many images in the largest class as in the smallest: a note, a warning
FEW = 20  # images of a class, below which its accuracy is known within 20 points at best
UNLIKE = 0.1  # Cramér's V of split and class, from which on the splits are unlike each other
LEVEL = 0.001


def check(survey: Survey) -> Observation:
    """Looks for classes without images, classes much larger than others, and splits that have them in other shares."""
    counts = np.stack([split.class_counts() for split in survey.splits.values()], axis=1)
    found: list[tuple[Severity, str]] = []
    if len(survey.classes) < 2:
        found.append(("error", f"only one class, {survey.classes[0]!r}: there is nothing to tell apart"))
    if survey.missing:
        found.append(("error", f"no {' and no '.join(survey.missing)} images"))
    empty = [(name, survey.classes[row]) for column, name in enumerate(survey.splits) for row in absent(counts, column)]
    if empty:
        first = ", ".join(f"{shortened(label)} in {split}" for split, label in empty[:5])
        found.append(("error", f"no image of {first}" + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")))
    ratio, most, least = imbalance(counts[:, 0])
    if ratio >= UNEVEN:
        severity: Severity = "warning" if ratio >= SKEWED else "note"
        names = f"{survey.classes[most]} has {ratio:.1f} times the images of {survey.classes[least]}"
        found.append((severity, f"in {next(iter(survey.splits))} {names}"))
    association = cramers_v(counts)
    if association >= UNLIKE:
        found.append(("warning", f"the splits have the classes in other shares (Cramér's V {association:.2f})"))
    few = int(((counts > 0) & (counts < FEW)).sum())
    if few:
        found.append(("note", f"fewer than {FEW} images {times(few)}, counting each class of each split"))
    severity = worst([severity for severity, _ in found])
    return Observation(
        CODE,
        TITLE,
        severity,
        "; ".join(words for _, words in found) or f"{len(survey.classes)} classes, none much larger than another",
        remedy(severity, ratio),
        (f"Always predicting the largest class is right for {percent(float(counts.sum(axis=1).max() / counts.sum()))} "
         "of the images.",),
        (table(survey, counts),),
        facts=(
            ("counts", {name: dict(zip(survey.classes, counts[:, column].tolist(), strict=True))
                        for column, name in enumerate(survey.splits)}),
            ("imbalance", round(ratio, 3)),
            ("missing", [{"split": split, "class": label} for split, label in empty]),
            ("missing_splits", list(survey.missing)),
            ("cramers_v", round(association, 4)),
        ),
    )  # fmt: skip


def absent(counts: Int[np.ndarray, "k s"], column: int) -> list[int]:
    """The classes without an image in a split."""
    return np.flatnonzero(counts[:, column] == 0).tolist()


def imbalance(counts: Int[np.ndarray, " k"]) -> tuple[float, int, int]:
    """The largest class over the smallest that has any image, and which these are."""
    some = np.flatnonzero(counts)
    most, least = int(some[counts[some].argmax()]), int(some[counts[some].argmin()])
    return float(counts[most] / counts[least]), most, least


def cramers_v(counts: Int[np.ndarray, "k s"]) -> float:
    """How far the shares of the classes depend on the split, from 0 to 1; 0 where that may be luck.

    Source: Cramér 1946, Mathematical Methods of Statistics; the test is Pearson's.
    """
    from scipy.stats import chi2_contingency

    table = counts[counts.sum(axis=1) > 0].astype(float)
    if min(table.shape) < 2:
        return 0.0
    result = chi2_contingency(table, correction=False)
    if result.pvalue > LEVEL:
        return 0.0
    return float(np.sqrt(result.statistic / table.sum() / (min(table.shape) - 1)))


def remedy(severity: Severity, ratio: float) -> str:
    """What to do."""
    if severity == "error":
        return "each of two classes or more needs images in each split; training refuses the data as it is"
    if severity == "warning" and ratio >= SKEWED:
        return "look at macro F1 and at each class's recall, not at accuracy alone; add images of the small classes"
    return "cut the splits anew, stratified" if severity == "warning" else ""


def table(survey: Survey, counts: Int[np.ndarray, "k s"]) -> Table:
    """Images of each class in each split."""
    rows = [
        (name, *(f"{number:,}" for number in row)) for name, row in zip(survey.classes, counts.tolist(), strict=True)
    ]
    total = ("all", *(f"{number:,}" for number in counts.sum(axis=0).tolist()))
    return Table(("class", *survey.splits), (*rows, total))
