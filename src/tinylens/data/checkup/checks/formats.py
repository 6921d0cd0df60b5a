"""Sizes, formats and modes of pictures, and grey images among coloured ones."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Table
from tinylens.data.checkup.survey import Survey
from tinylens.words import count, percent

CODE = "formats"
TITLE = "Sizes and modes"
ORDER = 30
SHOWN = 24
ROWS = 12  # of a table
GREY = 3  # levels by which the channels of a grey image differ at most: JPEG makes them differ a little
CUT = 1 / 4  # share of a picture that is cut off, from which on it is said
MODES = {
    "RGB": "colour", "L": "grey", "P": "palette", "1": "black and white", "RGBA": "colour, transparency",
    "LA": "grey, transparency", "PA": "palette, transparency", "CMYK": "CMYK", "YCbCr": "YCbCr", "I;16": "16-bit grey",
    "I": "16-bit grey", "F": "float", "LAB": "Lab", "HSV": "HSV",
}  # fmt: skip


def check(survey: Survey) -> Observation:
    """Looks at what the files say, and at the pixels for grey images; all become 8-bit RGB in one way."""
    grey = grey_images(survey)
    said, tables = [], []
    facts: list[tuple[str, object]] = [("grey", len(grey)), ("images", len(survey))]
    if survey.pictures is not None:
        kinds, sizes = kinds_and_sizes(survey)
        said += [f"{len(kinds)} kinds of files"] if len(kinds) > 1 else []
        said += [f"{len(sizes)} sizes, {extent(sizes)}"] if len(sizes) > 1 else []
        said += size_words(survey, sizes)
        tables += [table(("kind of file", "pictures"), kinds), table(("width × height", "pictures"), sizes)]
        facts += [("kinds", dict(kinds)), ("sizes", dict(sizes))]
    galleries: tuple[Gallery, ...] = ()
    share = len(grey) / len(survey)
    if 0 < share < 1:
        said.append(f"{len(grey):,} of {len(survey):,} images are grey, the others coloured")
        odd = grey if share <= 0.5 else np.setdiff1d(np.arange(len(survey)), grey)
        kind = "grey image" if share <= 0.5 else "coloured image"
        rare = f"{count(len(odd), kind)}, {percent(len(odd) / len(survey))}"
        shown = odd[np.linspace(0, len(odd) - 1, min(SHOWN, len(odd))).astype(int)].tolist()
        exhibits = tuple(Exhibit((i,), survey.label(i)) for i in shown)
        galleries = (Gallery(rare, exhibits),)
    return Observation(
        CODE,
        TITLE,
        "note" if said else "fine",
        "; ".join(said) or f"all {len(survey):,} images are of one kind",
        "",
        ("Whether size or kind tell the class is looked at under Shortcuts.",) if survey.pictures else (),
        tuple(tables),
        galleries,
        tuple(facts),
    )


def grey_images(survey: Survey) -> Int[np.ndarray, "g"]:
    """Positions of the images whose channels are nearly equal everywhere."""
    found = []
    for images in survey.batches():
        wide = images.astype(np.int16)
        found.append((np.ptp(wide, axis=3) <= GREY).all(axis=(1, 2)))
    return np.flatnonzero(np.concatenate(found))


def kinds_and_sizes(survey: Survey) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """How often each kind of file and each size occurs in the pictures that can be used, most often first."""
    assert survey.pictures is not None
    headers = [survey.pictures.headers[row] for row in survey.rows]
    kinds = Counter(f"{h.format}, {MODES.get(h.mode, h.mode)}" for h in headers if h)
    sizes = Counter(f"{h.width}×{h.height}" for h in headers if h)
    return kinds.most_common(), sizes.most_common()


def extent(sizes: Sequence[tuple[str, int]]) -> str:
    """From the smallest picture to the largest, by pixels."""
    by_area = sorted((size for size, _ in sizes), key=lambda size: np.prod([int(side) for side in size.split("×")]))
    return f"from {by_area[0]} to {by_area[-1]} pixels"


def size_words(survey: Survey, sizes: Sequence[tuple[str, int]]) -> list[str]:
    """What bringing pictures to one size does to them."""
    height, width = next(iter(survey.splits.values())).image_size
    small = cut = 0
    for size, number in sizes:
        w, h = (int(side) for side in size.split("×"))
        small += number * (min(w / width, h / height) < 1)
        whole = min(w / width, h / height) ** 2 * width * height / (w * h)  # what is kept of a picture by cutting
        cut += number * (1 - whole >= CUT)
    said = [f"{count(small, 'picture')} smaller than {width}×{height}, and enlarged"] if small else []
    return said + ([f"{count(cut, 'picture')} cut by a quarter or more to become square"] if cut else [])


def table(headings: tuple[str, str], counted: Sequence[tuple[str, int]]) -> Table:
    """How often each occurs, the rarest put together."""
    rows = [(name, f"{number:,}") for name, number in counted[:ROWS]]
    if len(counted) > ROWS:
        rest = sum(number for _, number in counted[ROWS:])
        rows.append((f"{len(counted) - ROWS:,} others", f"{rest:,}"))
    return Table(headings, tuple(rows))
