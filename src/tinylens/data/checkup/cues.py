"""Cues: what stands beside the picture in an image, and whether it tells one kind of images from another."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from PIL import Image

if TYPE_CHECKING:
    from tinylens.data.checkup.survey import Pictures, Survey

MOST = 20_000  # images that are looked at, each class in its share
PER_CLASS = 8  # images that a class needs
FOLDS = 5
EDGE = 1 / 16  # share of the side that is the border
GREY = 3  # levels by which the channels of a grey image differ at most, as in the check of sizes and modes
SAME = 16  # levels in each channel, by which pixels of one colour differ at most
GROUND = 0.2  # share of all pixels that are of one colour, from which on that is what pictures are drawn on


@dataclass(frozen=True)
class Cue:
    """Something that should not tell the class. values: one row an image."""

    name: str
    values: Float[np.ndarray, "n d"]

    @property
    def tells(self) -> bool:
        """Whether it is not the same for all images."""
        return bool((self.values != self.values[0]).any())

    def of(self, some: Bool[np.ndarray, " n"]) -> "Cue":
        """The same of some of the images."""
        return Cue(self.name, self.values[some])


@dataclass(frozen=True, eq=False)
class Cues:
    """All cues of some images. chosen: their positions. pictures: of about 32x32. ground: what they are drawn on."""

    chosen: Int[np.ndarray, " m"]
    pictures: UInt8[np.ndarray, "m h w 3"]
    ground: Int[np.ndarray, "3"] | None
    cues: tuple[Cue, ...]


def cues_of(survey: "Survey") -> Cues:
    """What is beside the picture in one image of each group of copies."""
    chosen = sample(survey)
    if not len(chosen):
        return Cues(chosen, np.empty((0, 1, 1, 3), np.uint8), None, ())
    sides, corners, brightness, grey, small, packed = [], [], [], [], [], []
    step = survey.at_a_time
    for start in range(0, len(chosen), step):
        images = survey.images(chosen[start : start + step])
        small.append(images[:, :: max(1, images.shape[1] // 32), :: max(1, images.shape[2] // 32)].copy())
        pixels = images.astype(np.float32)
        height, width = max(1, round(EDGE * pixels.shape[1])), max(1, round(EDGE * pixels.shape[2]))
        parts = (pixels[:, :height], pixels[:, -height:], pixels[:, :, :width], pixels[:, :, -width:])
        sides.append(np.concatenate([part.mean(axis=(1, 2)) for part in parts], axis=1))
        height, width = max(1, pixels.shape[1] // 8), max(1, pixels.shape[2] // 8)
        ends = [(slice(height), slice(-height, None)), (slice(width), slice(-width, None))]
        corners.append(np.concatenate([pixels[:, y, x].mean(axis=(1, 2)) for y in ends[0] for x in ends[1]], axis=1))
        brightness.append(pixels.mean(axis=(1, 2, 3))[:, None])
        packed += [as_png(image) for image in images if survey.pictures is not None]
        grey.append((np.ptp(pixels, axis=3) <= GREY).all(axis=(1, 2))[:, None].astype(float))
    pictures = np.concatenate(small)
    ground = ground_of(pictures)
    found = [Cue("border colour", np.concatenate(sides if ground is None else corners)),
             Cue("mean brightness", np.concatenate(brightness)),
             Cue("grey or coloured", np.concatenate(grey))]  # fmt: skip
    if survey.pictures is not None:
        found += of_files(survey.pictures, survey.rows[chosen], np.log(packed))
    return Cues(chosen, pictures, ground, tuple(found))


def of_files(files: "Pictures", rows: Int[np.ndarray, " m"], packed: Float[np.ndarray, " m"]) -> list[Cue]:
    """The same of their files. packed: the logarithm of the bytes that each takes as PNG."""
    headers = [files.headers[row] for row in rows]
    size = np.array([(h.width, h.height) if h else (0, 0) for h in headers], dtype=float)
    kinds = sorted({(h.format, h.mode) for h in headers if h})
    kind = np.array([[float(h is not None and (h.format, h.mode) == one) for one in kinds] for h in headers])
    return [
        Cue("file size", beside(np.log(files.sizes[rows]), packed).round(3)[:, None]),  # to a thousandth of it
        Cue("width and height", size),
        Cue("kind of file", kind),
    ]


def sample(survey: "Survey") -> Int[np.ndarray, " m"]:
    """Positions of one image of each group of copies, in classes that have enough, at most MOST, by a fixed seed."""
    spare = np.zeros(len(survey), bool)
    for group in survey.copies.groups(np.ones(len(survey), bool), near=True):
        spare[group[1:]] = True
    kept = np.flatnonzero(~spare)
    kept = np.sort(np.random.default_rng(0).permutation(kept)[:MOST])
    counts = np.bincount(survey.labels[kept], minlength=len(survey.classes))
    return kept[counts[survey.labels[kept]] >= PER_CLASS]


def as_png(image: UInt8[np.ndarray, "h w 3"]) -> int:
    """The bytes that an image takes as PNG, which no choice of quality or compression has a part in."""
    data, grey = BytesIO(), (image == image[:, :, :1]).all()
    Image.fromarray(image[:, :, 0] if grey else image).save(data, "PNG")
    return data.tell()


def beside(values: Float[np.ndarray, " m"], others: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    """What is left of values that others do not explain, by a straight line: a full picture takes more bytes."""
    from scipy.stats import linregress

    line = linregress(others, values) if np.ptp(others) else None
    return values if line is None else values - line.slope * others


def ground_of(images: UInt8[np.ndarray, "m h w 3"]) -> Int[np.ndarray, "3"] | None:
    """The commonest colour, where so much of the pictures has it that they are drawn on it, as digits on black."""
    sixteenths = images.reshape(-1, 3) // SAME
    counts = np.bincount(sixteenths @ np.array([256, 16, 1]), minlength=4096)
    if counts.max() < GROUND * len(sixteenths):
        return None
    commonest = int(counts.argmax())
    return np.array([commonest // 256, commonest // 16 % 16, commonest % 16]) * SAME + SAME // 2


def out_of_fold(
    values: Float[np.ndarray, "m d"], labels: Int[np.ndarray, " m"], *, plain: bool = False
) -> Float[np.ndarray, "m k"]:
    """How probable a tree that was grown on the other folds finds each of the classes, were all of one size.

    By the images in the leaf, one added to those of the class and one to the others: of few images none is sure.
    plain: with a few large leaves, which cannot know a handful of like images again.
    Source: Provost and Domingos 2003, Tree induction for probability-based ranking.
    """
    from sklearn.model_selection import StratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    classes, codes = np.unique(labels, return_inverse=True)
    smallest = len(labels) // 10 if plain else max(2, min(50, len(labels) // 100))
    leaves = 4 if plain else max(16, 4 * len(classes))
    tree = DecisionTreeClassifier(
        min_samples_leaf=smallest, max_leaf_nodes=leaves, class_weight="balanced", random_state=0
    )
    found = np.zeros((len(labels), len(classes)))
    for grown, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(values, codes):
        tree.fit(values[grown], codes[grown])
        counts = np.zeros((tree.tree_.node_count, len(classes)))
        np.add.at(counts, (tree.apply(values[grown]), codes[grown]), 1)
        sizes = np.bincount(codes[grown], minlength=len(classes))
        own = (counts + 1) / (sizes + 2)
        others = (counts.sum(axis=1, keepdims=True) - counts + 1) / (len(grown) - sizes + 2)
        found[held] = (own / (own + (len(classes) - 1) * others))[tree.apply(values[held])]
    return found


def balanced_accuracy(predicted: Int[np.ndarray, " m"], labels: Int[np.ndarray, " m"]) -> tuple[float, float]:
    """The mean of the classes' shares of images that are predicted rightly, and how far its 95 % interval reaches.

    Each share's variance is that of Agresti and Coull 1998, which is not 0 where all are right.
    """
    classes = np.unique(labels)
    totals = np.array([(labels == label).sum() for label in classes])
    right = np.array([((labels == label) & (predicted == label)).sum() for label in classes])
    smoothed = (right + 2) / (totals + 4)
    variance = (smoothed * (1 - smoothed) / (totals + 4)).sum() / len(classes) ** 2
    return float((right / totals).mean()), float(1.96 * np.sqrt(variance))
