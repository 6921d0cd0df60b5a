"""Things beside the picture that tell the class: the colour of the border, a mark, the size of the file.

A network takes what is easiest. Where all pictures of one class have a frame, a size or a compression of their own, it
learns that, and fails on pictures from elsewhere.
Source: Geirhos et al. 2020, Shortcut Learning in Deep Neural Networks; Lapuschkin et al. 2019, Unmasking Clever Hans
Predictors, where a photographer's mark at the edge told horses.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from tinylens.data.checkup.cues import FOLDS, SAME, Cue, balanced_accuracy, out_of_fold
from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import count, percent, shortened, with_interval

CODE = "shortcuts"
TITLE = "Shortcuts"
ORDER = 80
PICTURED = 2  # classes of each cue that are shown in pictures
SHOWN = 12  # images of a class
MARK = 6  # pixels of about 32x32, that a mark has at least
COMMON, RARE = 0.6, 0.2  # share of the images of its class that a mark is on at least, and of the others at most
OTHERS = 1000  # images of other classes that a mark is looked for on, about
SURE = 0.9  # probability from which on an image is called of a class, were all of one size
RIGHT, OFTEN = 0.92, 0.3  # share of those called so that are, and of the class that is called so, at least
LEVEL = 0.001  # how often chance alone may call anything a shortcut


@dataclass(frozen=True)
class Told:
    """A class that a cue tells. recall: share of its images called so. precision: share of those called so that are,
    were all classes of one size. p_value: how often chance alone would do as well, all trials counted.
    """

    cue: str
    label: int
    recall: float
    precision: float
    p_value: float


def check(survey: Survey) -> Observation | None:
    """Predicts the class from each cue alone, on images that the tree was not grown on; of copies one is used."""
    looked = survey.cues
    chosen, labels = looked.chosen, survey.labels[looked.chosen]
    classes = np.unique(labels)
    if len(classes) < 2:
        return None
    every = (*looked.cues, Cue("mark", marks(looked.pictures, labels, looked.ground)))
    cues = [cue for cue in every if cue.tells]
    rows, told, facts = [], [], []
    for cue in cues:
        probabilities = out_of_fold(cue.values, labels)
        share, reach = balanced_accuracy(classes[probabilities.argmax(axis=1)], labels)
        called = surely(probabilities, classes)
        found = [one for one in classes_told(cue.name, called, labels, len(cues)) if is_shortcut(one)]
        told += found
        names = ", ".join(shortened(survey.classes[one.label]) for one in found) or "–"
        low, high = max(0.0, share - reach), min(1.0, share + reach)
        said = with_interval(share, (low, high))
        rows.append((cue.name, said, percent(1 / len(classes)), names))
        facts.append((cue.name, {"accuracy": round(share, 4), "interval": [round(low, 4), round(high, 4)],
                                 "chance": round(1 / len(classes), 4),
                                 "told": [survey.classes[one.label] for one in found]}))  # fmt: skip
    return Observation(
        CODE,
        TITLE,
        "warning" if told else "fine",
        "; ".join(words(survey, told)) or "nothing beside the picture tells a class",
        "find out why; make the classes alike in it, or cut it away, before believing any figure" if told else "",
        (
            f"A decision tree predicts the class from each alone, in {FOLDS} folds, all classes counted alike; with "
            "its 95 % interval, against chance. In photographs the colour of the border does tell something of what is "
            "shown, as sky does behind aeroplanes. It is called a shortcut where the tree is sure of "
            f"{percent(OFTEN, 0)} of a class or more, {percent(RIGHT, 0)} or more of those called so are, and "
            f"chance would do that in less than {percent(LEVEL)} of such checks. A mark is what {percent(COMMON, 0)} "
            f"of the images of a class, and at most {percent(RARE, 0)} of the others, show at one place away from "
            f"the middle in one colour, within {SAME} levels; it is learned from one half of the images and looked for "
            "on the other. Marks that let the picture through, or move about, are not found.",
        ),
        (Table(("from", "class predicted", "chance", "classes told by it"), tuple(rows)),),
        tuple(gallery(survey, chosen, one) for one in surest(told)),
        tuple(facts),
    )


def marks(
    images: UInt8[np.ndarray, "m h w 3"], labels: Int[np.ndarray, " m"], ground: Int[np.ndarray, "3"] | None
) -> Float[np.ndarray, "m k"]:
    """For each of the classes, what share of its mark is on each image; 0 where a class has none.

    The mark of a class is learned from every other of its images, and looked for on the rest, and the other way round:
    no image speaks for itself.
    """
    classes = np.unique(labels)
    odd = np.zeros(len(labels), bool)
    odd[np.argsort(labels, kind="stable")[1::2]] = True
    found = np.zeros((len(labels), len(classes)))
    for column, label in enumerate(classes.tolist()):
        for learned in (odd, ~odd):
            own, others = np.flatnonzero(learned & (labels == label)), np.flatnonzero(learned & (labels != label))
            colour = np.median(images[own], axis=0).astype(np.int16)
            mark = mark_of(images[own], images[others[:: 1 + len(others) // OTHERS]], colour, ground)
            if mark.sum() >= MARK:
                rest = np.flatnonzero(~learned)
                found[rest, column] = alike(images[:, mark][rest], colour[mark]).mean(axis=1)
    return found


def mark_of(
    own: UInt8[np.ndarray, "a h w 3"],
    others: UInt8[np.ndarray, "b h w 3"],
    colour: Int[np.ndarray, "h w 3"],
    ground: Int[np.ndarray, "3"] | None,
) -> Bool[np.ndarray, "h w"]:
    """The pixels that are of one colour on most images of a class, and on few others.

    Those in the middle are left out: there the images of a class may be alike because they show the same thing. Of
    drawings only the corners are looked at, and no ground in them.
    """
    height, width = colour.shape[:2]
    mark = alike(own, colour).mean(axis=0) >= COMMON
    upright, across = slice(height // 4, height - height // 4), slice(width // 4, width - width // 4)
    if ground is None:
        mark[upright, across] = False
    else:
        mark[upright], mark[:, across] = False, False
        mark &= (np.abs(colour - ground) > SAME).any(axis=-1)
    mark[mark] = alike(others[:, mark], colour[mark]).mean(axis=0) <= RARE
    return mark


def alike(
    pixels: UInt8[np.ndarray, "b *place 3"], colour: Int[np.ndarray, "*place 3"]
) -> Bool[np.ndarray, " b *place"]:
    """Whether pixels are of a colour."""
    return (np.abs(pixels.astype(np.int16) - colour) <= SAME).all(axis=-1)


def surely(probabilities: Float[np.ndarray, "m k"], classes: Int[np.ndarray, " k"]) -> Int[np.ndarray, " m"]:
    """The class that each image surely is of; -1 where that is not told. Half of a class may have a frame."""
    return np.where(probabilities.max(axis=1) >= SURE, classes[probabilities.argmax(axis=1)], -1)


def classes_told(cue: str, called: Int[np.ndarray, " m"], labels: Int[np.ndarray, " m"], cues: int) -> list[Told]:
    """How well a cue tells each class. called: what `surely` gives.

    Luck is that of drawing as many images as are called so: Fisher's exact test, which also sees in few images that
    none is left out. Trials are cues times classes but one, since of two classes each is what the other is not.
    """
    from scipy.stats import hypergeom
    from sklearn.metrics import confusion_matrix

    classes, sizes = np.unique(labels, return_counts=True)
    counts = confusion_matrix(labels, called, labels=classes)
    rates = counts / sizes[:, None]
    trials = cues * (len(classes) - 1)
    found = []
    for row, label in enumerate(classes.tolist()):
        drawn, right = int(counts[:, row].sum()), int(counts[row, row])
        if drawn == 0:
            continue
        by_chance = float(hypergeom.sf(right - 1, len(labels), sizes[row], drawn))
        precision = float(rates[row, row] / rates[:, row].sum())
        found.append(Told(cue, label, float(rates[row, row]), precision, min(1.0, trials * by_chance)))
    return found


def is_shortcut(told: Told) -> bool:
    """Whether a cue tells a class so often, so surely and so little by luck that it is to be looked into."""
    return told.recall >= OFTEN and told.precision >= RIGHT and told.p_value < LEVEL


def surest(told: list[Told]) -> list[Told]:
    """Those that are shown: of each cue the classes that it tells best."""
    ranked = sorted(told, key=lambda one: -one.precision * one.recall)
    cues = dict.fromkeys(one.cue for one in told)
    return [one for cue in cues for one in [other for other in ranked if other.cue == cue][:PICTURED]]


def words(survey: Survey, told: list[Told]) -> list[str]:
    """What is told by what, a cue at a time."""
    said = []
    for cue in dict.fromkeys(one.cue for one in told):
        found = [one for one in told if one.cue == cue]
        names = ", ".join(shortened(survey.classes[one.label]) for one in found[:4])
        more = f" and {len(found) - 4} more" if len(found) > 4 else ""
        said.append(f"{cue} tells {count(len(found), 'class').replace('classs', 'classes')}: {names}{more}")
    return said


def gallery(survey: Survey, chosen: Int[np.ndarray, " m"], told: Told) -> Gallery:
    """Images of a class that a cue tells, beside images of others."""
    own = chosen[survey.labels[chosen] == told.label][:SHOWN].tolist()
    others = chosen[survey.labels[chosen] != told.label]
    others = others[np.linspace(0, len(others) - 1, min(SHOWN, len(others))).astype(int)].tolist()
    name = survey.classes[told.label]
    title = (
        f"{name}, told by its {told.cue}: {percent(told.recall, 0)} of its images recognised, "
        f"{percent(told.precision, 0)} of those called so are"
    )
    return Gallery(title, tuple(Exhibit((i,), caption(survey, i, told.cue)) for i in [*own, *others]))


def caption(survey: Survey, position: int, cue: str) -> str:
    """An image's class, and what its file has of a cue that is not seen in the image."""
    if survey.pictures is None:
        return survey.label(position)
    row = int(survey.rows[position])
    said = {"file size": f", {survey.pictures.sizes[row]:,} bytes"}
    header = survey.pictures.headers[row]
    if header is not None:
        said["width and height"] = f", {header.width}×{header.height}"
        said["kind of file"] = f", {header.format} {header.mode}"
    return survey.label(position) + said.get(cue, "")
