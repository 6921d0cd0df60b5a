"""Robustness: the accuracy of a lens on images that came out badly, by kind and severity."""

import statistics
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tinylens.console import counting_bar
from tinylens.corruptions import GROUPS, KINDS, SEVERITIES, corrupted
from tinylens.data import Dataset
from tinylens.errors import TinylensError, at_least
from tinylens.evaluation.statistics import wilson_interval
from tinylens.files import read_json
from tinylens.lens import Lens
from tinylens.runs import Run

SEED = 0
LIMIT_SEED = 0
BATCH = 1000  # images in floats at a time, 12 MB at 32x32


@dataclass(frozen=True)
class Robustness:
    """Accuracies of one lens on corrupted images, in 0 .. 1.

    images: how many, in each case the same. clean: without corruption, with its 95 % Wilson interval.
    accuracies: for each kind those of severities 1 to 5.
    """

    split: str
    images: int
    clean: float
    interval: tuple[float, float]
    accuracies: dict[str, tuple[float, ...]]

    @property
    def mean(self) -> float:
        """The mean over all kinds and severities: mean corruption accuracy."""
        return statistics.fmean(value for values in self.accuracies.values() for value in values)

    def of_group(self, group: str) -> list[float]:
        """The mean over the kinds of a group, of each severity."""
        return [statistics.fmean(self.accuracies[kind][i] for kind in GROUPS[group]) for i in range(len(SEVERITIES))]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        by_kind = {kind: statistics.fmean(values) for kind, values in self.accuracies.items()}
        return asdict(self) | {"mean": self.mean, "by_kind": by_kind}

    def to_rows(self) -> list[list[object]]:
        """A row for each kind, with headings, as a table file has them."""
        rows: list[list[object]] = [[kind, *(f"{v:.6f}" for v in values)] for kind, values in self.accuracies.items()]
        return [["corruption", *(f"severity {severity}" for severity in SEVERITIES)], *rows]


def measure_robustness(lens: Lens, dataset: Dataset, *, limit: int | None = None, progress: bool = False) -> Robustness:
    """The lens's accuracy on images corrupted in each way, always the same images in the same way.

    limit: images at most, each class in its share. Raises UsageError for a limit below 1.
    """
    at_least(1, "limit", 1 if limit is None else limit)
    part = dataset if limit is None else dataset.sample(limit, LIMIT_SEED)
    right = accuracy_count(lens, part, None)
    found: dict[str, tuple[float, ...]] = {}
    with counting_bar(visible=progress) as bar:
        task = bar.add_task("Corrupting images", total=len(KINDS) * len(SEVERITIES))
        for kind in KINDS:
            values = []
            for severity in SEVERITIES:
                values.append(accuracy_count(lens, part, (kind, severity)) / len(part))
                bar.advance(task)
            found[kind] = tuple(values)
    return Robustness(dataset.split, len(part), right / len(part), wilson_interval(right, len(part)), found)


def accuracy_count(lens: Lens, dataset: Dataset, corruption: tuple[str, int] | None) -> int:
    """How many images the lens gets right, as they are or corrupted in this way."""
    draw = np.random.default_rng([SEED, *((list(KINDS).index(corruption[0]), corruption[1]) if corruption else ())])
    right, start = 0, 0
    for images in dataset.batches(BATCH):
        seen = images if corruption is None else corrupted(images, *corruption, draw)
        predicted = lens.logits(seen).argmax(dim=1).numpy()
        right += int((predicted == dataset.labels[start : start + len(images)]).sum())
        start += len(images)
    return right


def saved_robustness(run: Run, split: str) -> Robustness | None:
    """What was measured of a run on a split; None where it was not. Raises TinylensError where it is damaged."""
    file = run.corruptions(split)
    if not file.is_file():
        return None
    value = read_json(file)
    try:
        accuracies = {kind: tuple(map(float, value["accuracies"][kind])) for kind in KINDS}
        low, high = map(float, value["interval"])
        if {len(values) for values in accuracies.values()} != {len(SEVERITIES)}:
            raise ValueError
        return Robustness(split, int(value["images"]), float(value["clean"]), (low, high), accuracies)
    except (KeyError, TypeError, ValueError):
        raise TinylensError(f"{file} is damaged: `tinylens evaluate {run.path} --corruptions` makes it anew") from None
