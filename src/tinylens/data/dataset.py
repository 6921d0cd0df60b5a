"""Dataset, the images and labels of one split, and Splits, all that one source gives."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int, UInt8

from tinylens.errors import DataError

BATCH = 4096  # images read at a time wherever a whole split is gone through: 12 MB at 32x32


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels, class names and the name of the split that they are.

    store: all images of the source, perhaps memory-mapped and shared with other splits.
    rows: which of them are in this split, in order. labels: their class indices, 0 .. k-1.
    superclasses: for each class the name of the group it belongs to, where the data knows one.
    """

    store: UInt8[np.ndarray, "m h w 3"]
    rows: Int[np.ndarray, "n"]
    labels: Int[np.ndarray, "n"]
    classes: tuple[str, ...]
    split: str
    superclasses: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return int(self.store.shape[1]), int(self.store.shape[2])

    @property
    def images(self) -> UInt8[np.ndarray, "n h w 3"]:
        """All images as one array in memory. Where they may be many, use `batches`."""
        return self.batch(np.arange(len(self)))

    def batch(self, indices: Int[np.ndarray, "b"]) -> UInt8[np.ndarray, "b h w 3"]:
        """The images at these positions of the split."""
        return self.store[self.rows[indices]]

    def batches(self, size: int = BATCH) -> Iterator[UInt8[np.ndarray, "b h w 3"]]:
        """The images in order, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.store[self.rows[start : start + size]]

    def select(self, indices: Int[np.ndarray, "b"], split: str | None = None) -> "Dataset":
        """The same data with only these positions, in this order, without copying an image."""
        return replace(self, rows=self.rows[indices], labels=self.labels[indices], split=split or self.split)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content: which images with which labels, whatever their order. 64 hex digits."""
        digests = []
        start = 0
        for batch in self.batches():
            labels = self.labels[start : start + len(batch)]
            digests += [
                hashlib.blake2b(image.tobytes(), digest_size=16, salt=int(label).to_bytes(8, "little")).digest()
                for image, label in zip(batch, labels, strict=True)
            ]
            start += len(batch)
        shape = "x".join(map(str, self.store.shape[1:])).encode()
        return hashlib.sha256(shape + b"".join(sorted(digests))).hexdigest()

    def class_counts(self) -> Int[np.ndarray, "k"]:
        """How many images each class has."""
        return np.bincount(self.labels, minlength=len(self.classes))

    def channel_statistics(self) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
        """Mean and standard deviation of each channel over all pixels, in 0 .. 255."""
        levels = np.arange(256)
        counts = np.zeros((3, 256), dtype=np.int64)
        for batch in self.batches():
            for channel in range(3):
                counts[channel] += np.bincount(batch[..., channel].ravel(), minlength=256)
        share = counts / counts.sum(axis=1, keepdims=True)
        mean = share @ levels
        return mean, np.sqrt(share @ levels**2 - mean**2)

    def sample(self, count: int, seed: int) -> "Dataset":
        """At most `count` images, each class in its share, chosen by seed; the order of the split is kept."""
        if count >= len(self):
            return self
        order = np.random.default_rng(seed).permutation(len(self))
        by_class = order[np.argsort(self.labels[order], kind="stable")]
        # One image every len/count along the images sorted by class is a stratified sample.
        chosen = by_class[(np.arange(count) * len(self)) // count]
        return self.select(np.sort(chosen))


@dataclass(frozen=True, eq=False)
class Splits:
    """What a data source gives: training images, perhaps validation images, and test images.

    name: what the user called it. origin: where the bytes were read. verified: what was checked about them.
    notes: what a user should know about how the images became this (files skipped, splits cut).
    """

    name: str
    train: Dataset
    test: Dataset
    validation: Dataset | None = None
    origin: str = "arrays in memory"
    verified: str = "nothing to check against"
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for dataset in self.all().values():
            check(dataset, self.name)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the labels."""
        return self.train.classes

    def all(self) -> dict[str, Dataset]:
        """The splits that there are, by name."""
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in splits.items() if split is not None}

    def __getitem__(self, split: str) -> Dataset:
        if split not in self.all():
            raise DataError(f"{self.name} has no split {split!r}: it has {', '.join(self.all())}")
        return self.all()[split]

    def limited(self, count: int | None, seed: int) -> "Splits":
        """The same with at most `count` images in each split, each class in its share."""
        if count is None:
            return self
        smallest = len(self.classes)
        if count < smallest:
            raise DataError(f"a limit of {count} leaves classes without an image: {self.name} has {smallest} classes")
        return replace(self, **{name: split.sample(count, seed) for name, split in self.all().items()})  # type: ignore[arg-type]

    def with_validation(self, share: float, seed: int) -> "Splits":
        """The same with a stratified share of the training images cut off for validation, by seed.

        Where the source brings its own validation images they are kept.
        """
        if self.validation is not None:
            return self
        train, validation = cut_off(self.train, share, seed, "validation", self.name)
        return replace(self, train=train, validation=validation)


def cut_off(dataset: Dataset, share: float, seed: int, split: str, name: str) -> tuple[Dataset, Dataset]:
    """Part a dataset in two, stratified, by seed: the rest, and `share` of it, which becomes the split named `split`.

    name: the data's, for the message. Raises DataError where a class has too few images to stand on both sides.
    """
    from sklearn.model_selection import train_test_split

    counts = dataset.class_counts()
    poor = dataset.classes[int(counts.argmin())]
    if counts.min() < 2:
        raise DataError(
            f"{name}: class {poor!r} has too few {dataset.split} images ({counts.min()}) to cut a {split} split off; "
            "each class needs at least 2"
        )
    count = max(round(share * len(dataset)), len(counts))
    if len(dataset) - count < len(counts):
        raise DataError(f"{name}: {len(dataset)} {dataset.split} images are too few to cut a {split} split off")
    rest, part = train_test_split(np.arange(len(dataset)), test_size=count, random_state=seed, stratify=dataset.labels)
    return dataset.select(np.sort(rest)), dataset.select(np.sort(part), split)


def check(dataset: Dataset, name: str) -> None:
    """Raise DataError, one line, where a dataset cannot be trained or judged on."""
    where = f"{name}, {dataset.split}"
    if len(dataset) == 0:
        raise DataError(f"{where}: no images")
    if dataset.store.dtype != np.uint8 or dataset.store.ndim != 4 or dataset.store.shape[3] != 3:
        raise DataError(
            f"{where}: images must be uint8 of shape (n, height, width, 3), "
            f"not {dataset.store.dtype} of shape {dataset.store.shape}"
        )
    if len(dataset.labels) != len(dataset):
        raise DataError(f"{where}: {len(dataset)} images but {len(dataset.labels)} labels")
    if len(dataset.classes) < 2:
        raise DataError(f"{where}: only one class, {dataset.classes[0]!r}: a classifier needs at least two")
    if dataset.labels.min() < 0 or dataset.labels.max() >= len(dataset.classes):
        raise DataError(
            f"{where}: labels run from {dataset.labels.min()} to {dataset.labels.max()}, "
            f"but {len(dataset.classes)} classes need 0 to {len(dataset.classes) - 1}"
        )
    missing = [dataset.classes[i] for i in np.flatnonzero(dataset.class_counts() == 0)]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise DataError(f"{where}: no image of class {', '.join(map(repr, missing[:5]))}{more}")
