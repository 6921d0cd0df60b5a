"""TL115: the same image is in two splits.

An image that is trained on and tested on is recognised, not classified, and makes the figure too good. Looked for are
images that are equal pixel by pixel; `tinylens data check` finds those that are nearly so.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from tinylens.data.dataset import Dataset
from tinylens.lint.case import Case
from tinylens.lint.finding import Finding, Rule
from tinylens.words import count

RULE = Rule("TL115", "the same images are in two splits", "warning", "keep each image in one split only")


def check(case: Case) -> Iterator[Finding]:
    """Fires for each pair of splits that share images, where the images are at hand."""
    splits = case.splits.all() if case.splits is not None else {}
    contents = {name: hashes(split) for name, split in splits.items()}
    for (one, first), (other, second) in combinations(contents.items(), 2):
        shared = int(np.isin(second, first).sum())
        if shared:
            many = f"{count(shared, f'{other} image')} of {len(second):,}"
            yield RULE.found(f"{many} {'is' if shared == 1 else 'are'} in {one} too, pixel by pixel")


def hashes(split: Dataset) -> np.ndarray:
    """A number for the pixels of each image: equal for equal images, and hardly ever for others."""
    weights: np.ndarray | None = None
    found = []
    for images in split.batches():
        flat = images.reshape(len(images), -1).astype(np.uint64)
        if weights is None:
            weights = np.random.default_rng(0).integers(1, 2**63, flat.shape[1], dtype=np.uint64) | np.uint64(1)
        found.append(flat @ weights)
    return np.concatenate(found) if found else np.empty(0, np.uint64)
