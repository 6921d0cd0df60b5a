"""Images with nothing in them, and images unlike all others."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int, UInt8

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, excerpt
from tinylens.data.checkup.survey import Survey
from tinylens.words import count

CODE = "blank"
TITLE = "Blank and odd images"
ORDER = 70
SHOWN = 24  # of each kind
BLANK = 3.0  # levels of 255: standard deviation over pixels below which no channel shows anything
FAR = 4.0  # times the distance from the median to the tenth part at that end, beyond which an image is odd
ENOUGH = 50  # images, below which nothing can be called unusual


@dataclass(frozen=True)
class Trait:
    """Something by which an image can be odd: what is said of it at its low and at its high end.

    floor: the least distance that counts as a tenth part's, where nearly all images are alike. limit: a value from
    which on any image is odd, whatever the others are.
    """

    low: str
    high: str
    floor: float
    limit: float = np.inf


TRAITS = (
    Trait("dark", "bright", 10.0),
    Trait("without contrast", "of hard contrast", 5.0),
    Trait("pale", "colourful", 10.0),
    Trait("blurred", "rough, as noise is", 0.05, 1.0),  # white noise has 1.13, no image of CIFAR-10 above 0.8
)


def check(survey: Survey) -> Observation:
    """Measures brightness, contrast, colourfulness and roughness of every image."""
    measured = [measure(images) for images in survey.batches()]
    traits, deviation = (np.concatenate(part) for part in zip(*measured, strict=True))
    blank = np.flatnonzero(deviation < BLANK)
    odd = {}
    if len(survey) - len(blank) >= ENOUGH:
        odd = unusual(traits, np.flatnonzero(deviation >= BLANK))
    titled: dict[str, np.ndarray] = {"Blank": blank} if len(blank) else {}
    titled |= {f"Unusually {kind}": positions for kind, positions in odd.items()}
    galleries = [gallery(survey, title, positions) for title, positions in titled.items()]
    several = len(np.unique(np.concatenate(list(odd.values())))) if odd else 0
    told = [f"{count(len(blank), 'image')} with nothing in {'it' if len(blank) == 1 else 'them'}"] if len(blank) else []
    told += [f"{count(several, 'image')} unlike the others ({', '.join(odd)})"] if odd else []
    return Observation(
        CODE,
        TITLE,
        "warning" if len(blank) else "note" if odd else "fine",
        "; ".join(told) or "no image is blank, none far from all others",
        "leave blank images out: they teach a class to be nothing" if len(blank) else "",
        (
            f"Blank: the pixels of no channel deviate by {BLANK:g} levels of 255. Odd: in one trait {FAR:g} times as "
            "far from the median as where the outermost tenth begins, or as rough as noise. An odd image need not be "
            "wrong: look at it.",
        ),
        galleries=tuple(galleries),
        facts=(
            ("blank", [survey.called(i) for i in blank.tolist()]),
            ("odd", {kind: [survey.called(i) for i in positions.tolist()] for kind, positions in odd.items()}),
        ),
    )  # fmt: skip


def gallery(survey: Survey, title: str, positions: Int[np.ndarray, " g"]) -> Gallery:
    """The first of these images."""
    shown = positions[:SHOWN].tolist()
    exhibits = tuple(Exhibit((i,), caption(survey, i)) for i in shown)
    return Gallery(f"{title}: {count(len(positions), 'image')}{excerpt(len(shown), len(positions))}", exhibits)


def caption(survey: Survey, position: int) -> str:
    """An image's class, and its file where it has one."""
    file = survey.file(position)
    return survey.label(position) + (f", {file}" if file else "")


def measure(images: UInt8[np.ndarray, "b h w 3"]) -> tuple[Float32[np.ndarray, "b t"], Float32[np.ndarray, " b"]]:
    """The traits of each image in levels, but roughness as a share, and the deviation of its most varied channel."""
    pixels = images.astype(np.float32)
    grey = pixels.mean(axis=3)
    contrast = grey.std(axis=(1, 2))
    colour = (images.max(axis=3) - images.min(axis=3)).mean(axis=(1, 2), dtype=np.float32)
    steps = [np.abs(np.diff(grey, axis=axis)).mean(axis=(1, 2)) if grey.shape[axis] > 1 else 0 for axis in (1, 2)]
    rough = (steps[0] + steps[1]) / 2 / np.maximum(contrast, 1)
    traits = np.stack([grey.mean(axis=(1, 2)), contrast, colour, rough], axis=1).astype(np.float32)
    return traits, pixels.std(axis=(1, 2)).max(axis=1)


def unusual(traits: Float32[np.ndarray, "n t"], among: Int[np.ndarray, " m"]) -> dict[str, Int[np.ndarray, " o"]]:
    """The positions, of those given, that are far out at either end of a trait, the farthest first."""
    found = {}
    for column, trait in enumerate(TRAITS):
        values = traits[among, column]
        tenth, middle, ninth = np.percentile(values, [10, 50, 90])
        ends = (trait.low, middle - values, middle - tenth), (trait.high, values - middle, ninth - middle)
        for name, distance, unit in ends:
            beyond = (values > trait.limit) & (distance > 0)
            far = np.flatnonzero((distance > FAR * max(unit, trait.floor)) | beyond)
            if len(far):
                found[name] = among[far[np.argsort(-distance[far], kind="stable")]]
    return found
