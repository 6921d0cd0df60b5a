"""The manifest: what a run writes down of its data, so that the same data, and no other, can be loaded again."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tinylens.data import load_data
from tinylens.data.dataset import IN_MEMORY, Splits
from tinylens.data.pictures import Resize
from tinylens.data.sources import known
from tinylens.errors import DataError
from tinylens.records import Data, fitted


@dataclass(frozen=True)
class Choice:
    """Which data, and what of it.

    validation_share: None where the training images stay whole. validation_most: images that are cut off at most, None
    where the share alone decides. seed: of that cut.
    """

    name: str
    image_size: int
    resize: Resize
    limit: int | None
    validation_share: float | None
    seed: int
    skip_bad: bool
    validation_most: int | None = None

    def load(self, data_dir: str | Path | None = None) -> Splits:
        """The splits. Raises DataError and UsageError as `load_data` does."""
        whole = load_data(
            self.name, image_size=self.image_size, resize=self.resize, data_dir=data_dir, skip_bad=self.skip_bad
        )
        return self.cut(whole)

    def cut(self, whole: Splits) -> Splits:
        """What is chosen of data that is loaded already."""
        splits = whole.limited(self.limit)
        if self.validation_share is None:
            return splits
        most = 1.0 if self.validation_most is None else self.validation_most / len(splits.train)
        return splits.with_validation(min(self.validation_share, most), self.seed)


@dataclass(frozen=True)
class Manifest:
    """The choice, and what it came to: class names, where from, what was checked, and what each split holds."""

    choice: Choice
    classes: tuple[str, ...]
    superclasses: tuple[str, ...] | None
    origin: str
    verified: str
    notes: tuple[str, ...]
    splits: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, choice: Choice, splits: Splits) -> "Manifest":
        """Write down what these splits are."""
        parts = {
            name: {
                "images": len(split),
                "counts": split.class_counts().tolist(),
                "fingerprint": split.fingerprint,
                "ordered_fingerprint": split.ordered_fingerprint,
            }
            for name, split in splits.all().items()
        }
        train = splits.train
        return cls(choice, train.classes, train.superclasses, splits.origin, splits.verified, splits.notes, parts)

    @classmethod
    def from_json(cls, value: Any) -> "Manifest":
        """Read what `to_json` gave. Raises DataError for anything else."""
        try:
            fitted(value, Data)
            found: Manifest = fitted(value, cls)
        except ValueError as error:
            raise DataError(f"not a manifest of data: {error}") from None
        if missing := {"train", "test"} - found.splits.keys():
            raise DataError(f"not a manifest of data: splits.{min(missing)} is missing")
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    def reload(self, splits: Splits | None = None, data_dir: str | Path | None = None) -> Splits:
        """The same data again, from where it came or from splits that the caller holds.

        Raises DataError where it is not the same: other images, other labels, other classes, another order.
        """
        again = self.load_again(data_dir) if splits is None else self.choice.cut(splits)
        if again.classes != self.classes:
            raise DataError(f"{self.choice.name} has other classes than when the run was made")
        for kind, how in (("fingerprint", "differ"), ("ordered_fingerprint", "are in another order")):
            now = {name: getattr(split, kind) for name, split in again.all().items()}
            then = {name: part[kind] for name, part in self.splits.items()}
            changed = [name for name in then | now if then.get(name) != now.get(name)]
            if changed:
                raise DataError(f"{self.choice.name} has changed since the run was made: {', '.join(changed)} {how}")
        return again

    def load_again(self, data_dir: str | Path | None) -> Splits:
        """Load what was chosen, by the whole path where it was chosen by one: a run is looked at from any folder.

        Raises DataError where it is not there any more.
        """
        if self.choice.name in known():
            return self.choice.load(data_dir)
        if self.origin == IN_MEMORY:
            raise DataError(f"{self.choice.name} was made from arrays in memory: from Python, give them as data=...")
        for name in (self.origin, self.choice.name):
            if Path(name).exists():
                return replace(self.choice, name=name).load(data_dir)
        raise DataError(f"the data of this run is not there any more: {self.origin}")
