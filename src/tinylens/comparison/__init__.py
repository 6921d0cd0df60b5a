"""Comparisons: runs, or groups of seeds, judged on the same images, and whether they differ by more than luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinylens.comparison.pairs import Pair, pairs_of
from tinylens.comparison.sides import Side, sides_of
from tinylens.comparison.verdict import remarks, verdict, verdicts_of
from tinylens.results import runs_in

__all__ = ["Comparison", "Pair", "Side", "compare"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What was compared, in the order in which it was named, on which split, and each two of it."""

    split: str
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]

    @property
    def verdicts(self) -> list[str]:
        """What the pairs come to, in words: each, or, where they are many, all in short."""
        return verdicts_of(self.pairs)

    @property
    def remarks(self) -> list[str]:
        """What must be known before that is believed."""
        return remarks(self.pairs, self.sides, self.split)

    def to_json(self) -> dict[str, Any]:
        """Plain values with keys that stay: what `tinylens compare --json` prints."""
        pairs = [pair.to_json() | {"verdict": verdict(pair, self.pairs)} for pair in self.pairs]
        sides = [side.to_json() for side in self.sides]
        return {"split": self.split, "sides": sides, "pairs": pairs, "remarks": self.remarks}


def compare(runs: Sequence[str | Path], *, split: str = "test") -> Comparison:
    """Compare what runs said of the same images, from the predictions that are kept in them: nothing is judged again.

    runs: run directories, or folders that hold some, as those of sweeps and of `train --seeds`. Runs that differ by
    nothing but their seed are one side, unless they are all there is. Raises UsageError where there are not two sides,
    and DataError, with the reason, where images, labels or classes are not the same.
    """
    sides = sides_of(runs_in(runs), split)
    return Comparison(split, sides, pairs_of(sides))
