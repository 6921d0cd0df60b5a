"""Dataset, the images and labels of one split, and Splits, all that one source gives."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int, UInt8

from tinylens.data.pictures import Resize
from tinylens.errors import DataError

IN_MEMORY = "arrays in memory"  # the origin of splits that no source loaded
LIMIT_SEED = 0  # of limits: runs with other seeds are judged on the same images
BATCH = 4096  # images read at a time wherever a whole split is gone through: 12 MB at 32x32


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels, class names and the name of the split that they are.

    store: all images of the source, perhaps memory-mapped and shared with other splits.
    rows: which of them are in this split, in order. labels: their class indices, 0 .. k-1.
    superclasses: for each class the name of the group it belongs to, where the data knows one.
    """

    store: UInt8[np.ndarray, "m h w 3"]
    rows: Int[np.ndarray, " n"]
    labels: Int[np.ndarray, " n"]
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

    def batch(self, indices: Int[np.ndarray, " b"]) -> UInt8[np.ndarray, "b h w 3"]:
        """The images at these positions of the split."""
        return self.store[self.rows[indices]]

    def batches(self, size: int = BATCH) -> Iterator[UInt8[np.ndarray, "b h w 3"]]:
        """The images in order, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.store[self.rows[start : start + size]]

    def select(self, indices: Int[np.ndarray, " b"], split: str | None = None) -> "Dataset":
        """The same data with only these positions, in this order, without copying an image."""
        return replace(self, rows=self.rows[indices], labels=self.labels[indices], split=split or self.split)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content: which images with which labels, whatever their order. 64 hex digits."""
        return self.hashes[0]

    @cached_property
    def ordered_fingerprint(self) -> str:
        """A hash of the content in its order. 64 hex digits."""
        return self.hashes[1]

    @cached_property
    def hashes(self) -> tuple[str, str]:
        """Both fingerprints, in one reading of the images."""
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
        ordered = hashlib.sha256(shape + b"".join(digests)).hexdigest()
        return hashlib.sha256(shape + b"".join(sorted(digests))).hexdigest(), ordered

    def class_counts(self) -> Int[np.ndarray, " k"]:
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
        return mean, np.sqrt((share * (levels - mean[:, None]) ** 2).sum(axis=1))

    def sample(self, count: int, seed: int) -> "Dataset":
        """At most `count` images, each class in its share and none left out, chosen by seed; the order of the split is
        kept.
        """
        if count >= len(self):
            return self
        return self.select(stratified(self.labels, self.class_counts(), count, seed))


@dataclass(frozen=True, eq=False)
class Splits:
    """What a data source gives: training images, perhaps validation images, and test images.

    name: what the user called it. origin: where the bytes were read. verified: what was checked about them.
    notes: what a user should know about how the images became this (files skipped, splits cut).
    resize, skip_bad: how the images were brought to their size, and whether unreadable ones were left out.
    """

    name: str
    train: Dataset
    test: Dataset
    validation: Dataset | None = None
    origin: str = IN_MEMORY
    verified: str = "nothing to check against"
    notes: tuple[str, ...] = field(default=())
    resize: Resize = "crop"
    skip_bad: bool = False

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

    def limited(self, count: int | None) -> "Splits":
        """The same with at most `count` images in each split, each class in its share, always the same ones."""
        if count is None:
            return self
        smallest = len(self.classes)
        if count < smallest:
            raise DataError(f"a limit of {count} leaves classes without an image: {self.name} has {smallest} classes")
        return replace(self, **{name: split.sample(count, LIMIT_SEED) for name, split in self.all().items()})  # type: ignore[arg-type]

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
    part = stratified(dataset.labels, counts, count, seed, leave=1)
    rest = np.setdiff1d(np.arange(len(dataset)), part)
    return dataset.select(rest), dataset.select(part, split)


def stratified(
    labels: Int[np.ndarray, " n"], counts: Int[np.ndarray, " k"], total: int, seed: int, *, leave: int = 0
) -> Int[np.ndarray, " b"]:
    """Positions of `total` images, each class in its share, chosen by seed; in order.

    counts: how many images each class has. leave: how many of each class are not taken at least.
    scikit-learn's train_test_split can leave a small class out of one side; this one takes from every class, as long
    as `total` is enough for that.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    place_in_class = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = allotted(counts, total, leave, generator)
    return np.sort(by_class[place_in_class < np.repeat(taken, counts)])


def allotted(
    counts: Int[np.ndarray, " k"], total: int, leave: int, generator: np.random.Generator
) -> Int[np.ndarray, " k"]:
    """How many of `total` images each class gives: its share rounded, but at least one, and `leave` remain."""
    exact = counts * (total / counts.sum())
    most = np.maximum(counts - leave, 0)
    least = np.minimum(most, 1 if total >= np.count_nonzero(most) else 0)
    taken = np.clip(np.floor(exact).astype(np.int64), least, most)
    tie_break = generator.random(len(counts)) * 1e-6
    while (step := int(np.sign(total - taken.sum()))) != 0:
        possible = taken < most if step > 0 else taken > least
        gap = np.where(possible, (exact - taken) * step + tie_break, -np.inf)
        taken[gap.argmax()] += step
    return taken


def check(dataset: Dataset, name: str) -> None:
    """Raise DataError, one line, where a dataset cannot be trained or judged on."""
    where = f"{name}, {dataset.split}"
    if len(dataset) == 0:
        raise DataError(f"{where}: no images")
    check_images(dataset.store, where)
    if len(dataset.labels) != len(dataset):
        raise DataError(f"{where}: {len(dataset)} images but {len(dataset.labels)} labels")
    check_classes(dataset.classes, where)
    check_labels(dataset.labels, len(dataset.classes), where)
    missing = [dataset.classes[i] for i in np.flatnonzero(dataset.class_counts() == 0)]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise DataError(f"{where}: no image of class {', '.join(map(repr, missing[:5]))}{more}")


def check_images(images: np.ndarray, where: str) -> None:
    """Raise DataError where an array is not one of 8-bit RGB images."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or 0 in images.shape[1:]:
        raise DataError(
            f"{where}: images must be uint8 of shape (n, height, width, 3), not {images.dtype} of shape {images.shape}"
            + remedy(images)
        )


def remedy(images: np.ndarray) -> str:
    """What to do about an array that is nearly one of images, where that is plain."""
    if images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 1):
        return "; grey images: repeat them in three channels"
    if images.ndim == 4 and images.shape[3] == 4:
        return "; save images[..., :3] if the fourth channel is alpha"
    if images.ndim == 4 and images.shape[1] == 3:
        return "; move the channels to the end"
    if np.issubdtype(images.dtype, np.floating):
        return "; if they run from 0 to 1, save (images * 255).round().astype('uint8')"
    return ""


def check_classes(classes: tuple[str, ...], where: str) -> None:
    """Raise DataError where class names cannot tell two classes apart."""
    if len(classes) < 2:
        only = f"only one class, {classes[0]!r}" if classes else "no classes"
        raise DataError(f"{where}: {only}: a classifier needs at least two")
    twice = next((name for name, times in Counter(classes).items() if times > 1), None)
    if twice is not None:
        raise DataError(f"{where}: two classes are called {twice!r}")


def check_labels(labels: Int[np.ndarray, " n"], num_classes: int, where: str) -> None:
    """Raise DataError where a label is not the number of a class."""
    if labels.min() < 0 or labels.max() >= num_classes:
        raise DataError(
            f"{where}: labels run from {labels.min()} to {labels.max()}, "
            f"but {num_classes} classes need 0 to {num_classes - 1}"
        )
