"""Data: images, labels and what holds both, by where they come from and what was done to them."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tinylens.lint.source.cells import Place

Split = Literal["train", "validation", "test", "all"]
Kind = Literal["images", "labels", "pairs", "places"]

WORDS: dict[str, Split] = {
    "train": "train", "training": "train", "tr": "train", "trn": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "holdout": "validation",
    "test": "test", "testing": "test", "tst": "test", "te": "test", "va": "validation",
}  # fmt: skip
THINGS = ("x", "y", "images", "image", "imgs", "img", "labels", "label", "data", "ds", "dataset", "set", "loader",
          "dataloader", "generator", "gen", "iterator", "iter", "features", "targets", "target", "flow", "batches",
          "input", "inputs", "dl", "datagen", "it", "tensor")  # fmt: skip
LABEL_WORDS = {"y", "labels", "label", "target", "targets"}

BEHIND, BESIDE = "copies behind", "copies beside"  # all images, or each next to its own
FILES = "files "  # begins the source of pictures that are found by a pattern
PICTURE = "picture"  # begins the source of one picture of a file
TOGETHER = " together"  # ends the source of images of several splits that are cut anew


@dataclass(frozen=True)
class Known:
    """What is known of a data set by its name.

    size: height and width, where all images have one. top: the largest value.
    """

    name: str
    classes: int | None = None
    train: int | None = None
    test: int | None = None
    size: tuple[int, int] | None = None
    channels: int = 3
    top: float = 255.0


SETS = {
    one.name: one
    for one in (
        Known("cifar10", 10, 50_000, 10_000, (32, 32)),
        Known("cifar100", 100, 50_000, 10_000, (32, 32)),
        Known("mnist", 10, 60_000, 10_000, (28, 28), 1),
        Known("fashion_mnist", 10, 60_000, 10_000, (28, 28), 1),
        Known("kmnist", 10, 60_000, 10_000, (28, 28), 1),
        Known("svhn", 10, 73_257, 26_032, (32, 32)),
        Known("stl10", 10, 5_000, 8_000, (96, 96)),
        Known("digits", 10, 1_797, 0, (8, 8), 1, 16.0),
    )
}


@dataclass(frozen=True)
class Part:
    """Images by where they come from.

    source: a data set's name, or the place where one was read. split: as the source has it. cuts: what was cut out of
    it, one cut after the other.
    """

    source: str
    split: Split
    cuts: tuple["Cut", ...] = ()

    @property
    def role(self) -> Split:
        """What it is used as: of a cut, the role that its name gives it, else that of its source."""
        named = [cut.role for cut in self.cuts if cut.role]
        if self.split == "train" and self.cuts:
            return "all" if not named else "train" if named[-1] == "train" else "validation"
        return named[-1] if named else self.split


@dataclass(frozen=True)
class Cut:
    """One side of a cut. knife: which cut. side: which of its sides. start, stop: for a slice.

    role: what the side is called.
    """

    knife: str
    side: Any = None
    start: Any = None
    stop: Any = None
    role: Split | None = None


@dataclass(frozen=True)
class Step:
    """Something that was done to images or labels. place: where. kind says what, numbers how."""

    kind: str
    numbers: Any = None
    place: Place = field(default=Place(0), compare=False)


@dataclass(frozen=True)
class Data:
    """Images, labels, both (as a data set or loader has them), or places in them (as a permutation).

    raw: values are known to begin as 0 .. 255. steps: what was done to images, for sure and always alike. random: the
    augmentation. order: how it was shuffled. sure: whether all that was done is known.
    """

    kind: Kind
    parts: frozenset[Part]
    steps: tuple[Step, ...] = ()
    random: tuple[Step, ...] = ()
    order: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    channels: int | None = None
    count: int | None = None
    classes: int | None = None
    encoding: Literal["sparse", "onehot"] | None = None
    labels: "Data | None" = None
    raw: bool = False
    sure: bool = True
    batch: Any = None
    shuffled: bool | None = None
    source: str = ""
    top: float = 255.0
    named: bool = False  # known by its name alone
    one: bool = False  # a single image
    floats: bool = False  # whether it is known that values are no whole numbers any more, so that ToTensor leaves them
    copies: frozenset[str] = frozenset()  # the occasions on which copies of its images were put in, names as below
    claimed: Split | None = None  # what its name says it is, whatever it is made of
    transform: Any = field(default=None, compare=False)
    holder: str = field(default="", compare=False)  # the object that its parts are views of, and that has the transform

    @property
    def roles(self) -> set[str]:
        """What its images are used as."""
        return {part.role for part in self.parts}

    def only(self, role: str) -> bool:
        """Whether all of it is of one role."""
        return bool(self.parts) and self.roles == {role}

    def done(self, kind: str, numbers: Any, place: Place) -> "Data":
        """The same after one more step; of a loader, its images'."""
        if self.kind == "places":
            return self
        return replace(self, steps=(*self.steps, Step(kind, numbers, place)))

    def augmented(self, kind: str, numbers: Any, place: Place) -> "Data":
        """The same, changed at random."""
        return replace(self, random=(*self.random, Step(kind, numbers, place)))

    def unsure(self) -> "Data":
        """The same after something that is not understood."""
        labels = self.labels.unsure() if self.labels else None
        return replace(self, sure=False, labels=labels)

    def cut(self, cut: Cut, count: int | None = None) -> "Data":
        """A part of it."""
        parts = frozenset(replace(part, cuts=(*part.cuts, cut)) for part in self.parts)
        labels = self.labels.cut(cut, count) if self.labels else None
        return replace(self, parts=parts, count=count, labels=labels)

    def with_copies(self, occasion: str) -> "Data":
        """The same with changed or unchanged copies of its images."""
        labels = self.labels.with_copies(occasion) if self.labels else None
        return replace(self, copies=self.copies | {occasion}, count=None, labels=labels)

    def of_fewer(self) -> "Data":
        """The same, of which perhaps not all classes are left."""
        labels = self.labels.of_fewer() if self.labels else None
        return replace(self, classes=None, labels=labels)

    def as_one(self) -> "Data":
        """The same as one whole, where it is put together from several splits and is to be cut anew."""
        if len(self.parts) < 2:
            return self
        source = " and ".join(sorted({part.source for part in self.parts})) + TOGETHER
        labels = self.labels.as_one() if self.labels else None
        return replace(self, parts=frozenset({Part(source, "all")}), labels=labels)

    def shuffle(self, how: str) -> "Data":
        """The same in another order."""
        labels = self.labels.shuffle(how) if self.labels else None
        return replace(self, order=(*self.order, how), labels=labels)

    def joined(self, other: "Data") -> "Data":
        """What is true of it and of another, after a choice between both."""
        same = {
            name: getattr(self, name)
            for name in ("size", "channels", "count", "classes", "encoding", "batch", "shuffled")
            if getattr(self, name) == getattr(other, name)
        }
        blank: dict[str, Any] = dict.fromkeys(
            ("size", "channels", "count", "classes", "encoding", "batch", "shuffled"), None
        )
        random = self.random if self.random == other.random else ()
        alike = self.steps == other.steps and self.random == other.random and self.order == other.order
        labels = self.labels.joined(other.labels) if self.labels and other.labels else None
        return replace(
            self,
            **(blank | same),
            labels=labels,
            steps=tuple(a for a, b in zip(self.steps, other.steps, strict=False) if a == b),
            random=random,
            floats=self.floats and other.floats,
            copies=self.copies & other.copies,
            parts=self.parts | other.parts,
            sure=self.sure and other.sure and alike,
            raw=self.raw and other.raw,
        )

    def with_role(self, name: str) -> "Data":
        """The same under a name: what that says of a side of a cut that has no role yet."""
        role = role_in(name)
        if role is None:
            return self
        parts = frozenset(given_role(part, role) for part in self.parts)
        labels = self.labels.with_role(name) if self.labels else None
        return replace(self, parts=parts, labels=labels, claimed=role)


def given_role(part: Part, role: Split) -> Part:
    """The part, its last cut called by a role, where it has none; the whole of a source of which no split is known."""
    if not part.cuts and part.split == "all" and part.source != "range" and not part.source.startswith(PICTURE):
        return replace(part, split=role)
    if not part.cuts or part.cuts[-1].role is not None:
        return part
    return replace(part, cuts=(*part.cuts[:-1], replace(part.cuts[-1], role=role)))


def words_in(name: str) -> list[str]:
    """The words of a name: x_train, xTrain and trainloader."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    apart = re.sub(r"(?i)^(train|test|val|valid)(?=loader|set|data|gen|ds|dl|flow|x|y)", r"\1_", apart)
    apart = re.sub(r"(?i)(?<=^[xy])(train|test|val|valid|tr|te|va)$", r"_\1", apart)
    return [word.lower() for word in re.split(r"[^A-Za-z]+", apart) if word]


def role_in(name: str) -> Split | None:
    """The split that a name speaks of, where it speaks of one."""
    found = {WORDS[word] for word in words_in(name) if word in WORDS}
    return found.pop() if len(found) == 1 else None


def kind_in(name: str) -> Kind:
    """Whether a name speaks of labels, else of images."""
    return "labels" if LABEL_WORDS & set(words_in(name)) else "images"


def by_name(name: str) -> "Data | None":
    """Data of unknown origin, where a name says of which split it is, and that it is data: x_test, val_loader."""
    role, words = role_in(name), words_in(name)
    things = [word for word in words if word in THINGS]
    if role is None or not things or any(word not in THINGS and word not in WORDS for word in words):
        return None
    kind = kind_in(name)
    if {"loader", "dataloader", "ds", "dataset", "set", "gen", "generator", "data", "dl", "flow", "iter", "batches",
        "iterator", "it"} & set(things):  # fmt: skip
        kind = "pairs"
    return Data(kind, frozenset({Part("somewhere", role)}), sure=False, named=True)


def overlap(one: Data, other: Data) -> bool | None:
    """Whether images of one are in the other: True or False where that is certain."""
    found = [overlap_of_parts(a, b) for a in one.parts for b in other.parts]
    if any(found):
        return True
    return None if not found or None in found else False


def overlap_of_parts(one: Part, other: Part) -> bool | None:
    """The same of two parts."""
    if one.source == "somewhere" or other.source == "somewhere":
        return None
    if one.source != other.source:
        return None if TOGETHER in one.source + other.source else False
    if one.split != other.split:
        return None if "all" in (one.split, other.split) else False
    for a, b in zip(one.cuts, other.cuts, strict=False):
        if a.knife != b.knife and not (a.knife.startswith("slice") and b.knife.startswith("slice")):
            return None
        between = overlap_of_cuts(a, b)
        if between is not True:
            return between
        if replace(a, role=None) != replace(b, role=None):
            return True if (a, b) == (one.cuts[-1], other.cuts[-1]) else None
    return True


def overlap_of_cuts(one: Cut, other: Cut) -> bool | None:
    """The same of two cuts of one whole."""
    if one.knife.startswith("slice") and other.knife.startswith("slice"):
        return overlap_of_slices(one, other)
    if isinstance(one.side, Data) and isinstance(other.side, Data):
        return overlap(one.side, other.side)
    return one.side == other.side


def overlap_of_slices(one: Cut, other: Cut) -> bool | None:
    """The same of two slices; ends are numbers, or texts that stand for one."""
    if before(one.stop, other.start) or before(other.stop, one.start):
        return False
    if (one.start, one.stop) == (other.start, other.stop):
        return True
    ends = [end for cut in (one, other) for end in (cut.start, cut.stop)]
    if any(isinstance(end, int) and end < 0 for end in ends):
        both_open = one.start in (None, 0) and other.start in (None, 0)
        return True if both_open or (one.stop is None and other.stop is None) else None
    if all(end is None or isinstance(end, int | float) for end in ends):
        return True
    return True if (one.start in (None, 0) and one.stop is None) or (
        other.start in (None, 0) and other.stop is None) else None  # fmt: skip


def before(stop: Any, start: Any) -> bool:
    """Whether one slice ends where, or before, another begins."""
    if stop is None or start is None:
        return False
    if isinstance(stop, int | float) and isinstance(start, int | float):
        return (stop < 0) == (start < 0) and bool(stop <= start)
    return bool(stop == start)
