"""Sizes, formats and modes of pictures, and grey images among coloured ones."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from tinylens.data.checkup.observation import Exhibit, Gallery, Observation, Table, excerpt
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
    said, tables, galleries = [], [], []
    facts: list[tuple[str, object]] = [("grey", len(grey)), ("images", len(survey))]
    if survey.pictures is not None:
        kinds, sizes = kinds_and_sizes(survey)
        said += [f"{len(kinds)} kinds of files"] if len(kinds) > 1 else []
        said += [f"{len(sizes)} sizes, {extent(sizes)}"] if len(sizes) > 1 else []
        changed = brought_to_size(survey)
        said += [words for words, _ in changed]
        galleries += [gallery(survey, words, positions) for words, positions in changed]
        tables += [table(("kind of file", "pictures"), kinds), table(("width × height", "pictures"), sizes)]
        facts += [("kinds", dict(kinds)), ("sizes", dict(sizes))]
    share = len(grey) / len(survey)
    if 0 < share < 1:
        said.append(f"{len(grey):,} of {len(survey):,} images are grey, the others coloured")
        odd = grey if share <= 0.5 else np.setdiff1d(np.arange(len(survey)), grey)
        kind = "grey image" if share <= 0.5 else "coloured image"
        galleries.append(gallery(survey, f"{count(len(odd), kind)}, {percent(len(odd) / len(survey))}", odd))
    return Observation(
        CODE,
        TITLE,
        "note" if said else "fine",
        "; ".join(said) or f"all {len(survey):,} images are of one kind",
        "",
        ("Whether size, kind or colour tell the class is looked at under Shortcuts: only then they spoil figures.",),
        tuple(tables),
        tuple(galleries),
        tuple(facts),
    )


def grey_images(survey: Survey) -> Int[np.ndarray, " g"]:
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


def brought_to_size(survey: Survey) -> list[tuple[str, Int[np.ndarray, " p"]]]:
    """What bringing pictures to one size does to them, in words, and to which."""
    assert survey.pictures is not None
    height, width = next(iter(survey.splits.values())).image_size
    headers = [survey.pictures.headers[row] for row in survey.rows]
    sides = np.array([(h.width, h.height) if h else (width, height) for h in headers], dtype=float)
    scale = (sides / (width, height)).min(axis=1)
    kept = scale**2 * width * height / sides.prod(axis=1)
    small, cut = np.flatnonzero(scale < 1), np.flatnonzero(1 - kept >= CUT)
    said = [
        (f"{count(len(small), 'picture')} smaller than {width}×{height}, and enlarged", small),
        (f"{count(len(cut), 'picture')} cut by a quarter or more to become square (with resize=crop)", cut),
    ]
    return [(words, positions) for words, positions in said if len(positions)]


def gallery(survey: Survey, title: str, positions: Int[np.ndarray, " g"]) -> Gallery:
    """Some of these images, from all over."""
    shown = positions[np.linspace(0, len(positions) - 1, min(SHOWN, len(positions))).astype(int)].tolist()
    return Gallery(title + excerpt(len(shown), len(positions)), tuple(Exhibit((i,), caption(survey, i)) for i in shown))


def caption(survey: Survey, position: int) -> str:
    """An image's class, and its file with the size of that where it has one."""
    header = None if survey.pictures is None else survey.pictures.headers[int(survey.rows[position])]
    size = f", {survey.file(position)}, {header.width}×{header.height}" if header else ""
    return survey.label(position) + size


def table(headings: tuple[str, str], counted: Sequence[tuple[str, int]]) -> Table:
    """How often each occurs, the rarest put together."""
    rows = [(name, f"{number:,}") for name, number in counted[:ROWS]]
    if len(counted) > ROWS:
        rest = sum(number for _, number in counted[ROWS:])
        rows.append((f"{len(counted) - ROWS:,} others", f"{rest:,}"))
    return Table(headings, tuple(rows))
