"""Contact sheets, rows of images of each class, and grids of labelled images: as a picture or on a terminal."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from tinylens.data import Dataset
from tinylens.errors import UsageError, at_least
from tinylens.files import replacing
from tinylens.report.thumbnails import order, shrunk, spread
from tinylens.words import shortened

SIDE, GAP, LETTERS = 64, 6, 15  # pixels: an image, between images, and of the font
LARGE, MOST = 96, 2500  # of a grid: pixels of an image, and images
INK, MUTED, PAPER = "#1d2430", "#66708a", "#ffffff"
COLUMNS = 8  # of the images drawn at random


def contact_sheet(
    dataset: Dataset, path: str | Path, *, per_class: int = 8, random: int = 16, seed: int | None = 0
) -> None:
    """Write a PNG with `per_class` images of each class in rows, and below them `random` ones with their names.

    seed: of the draw; None takes the first images of each class. Raises UsageError for another kind of file and for a
    number that is too small, and TinylensError where it cannot be written.
    """
    path = png(path)
    at_least(1, "per_class", per_class)
    at_least(0, "random", random)
    font = letters()
    rows = spread(dataset, per_class, seed)
    drawn = np.random.default_rng([seed or 0, 1]).permutation(len(dataset))[:random].tolist()
    columns = max(max(len(row) for row in rows), min(COLUMNS, len(drawn)))
    margin = round(max(font.getlength(name) for name in dataset.classes)) + 3 * GAP
    step, line = SIDE + GAP, SIDE + GAP + LETTERS + 8
    top = 2 * GAP + LETTERS
    middle = top + len(rows) * step + 3 * GAP + LETTERS
    height = middle + -(-len(drawn) // COLUMNS) * line + GAP if len(drawn) else top + len(rows) * step + GAP
    sheet = Image.new("RGB", (margin + max(columns * step, COLUMNS * step) + GAP, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((margin, GAP), f"{len(dataset):,} {dataset.split} images, {len(dataset.classes)} classes", MUTED, font)
    for i, (name, row) in enumerate(zip(dataset.classes, rows, strict=True)):
        y = top + i * step
        pen.text((margin - 2 * GAP, y + SIDE / 2), name, INK, font, anchor="rm")
        for j, index in enumerate(row.tolist()):
            sheet.paste(picture(dataset, index), (margin + j * step, y))
    if len(drawn):
        pen.text((margin, middle - LETTERS - GAP), "drawn at random", MUTED, font)
    for i, index in enumerate(drawn):
        x, y = margin + i % COLUMNS * step, middle + i // COLUMNS * line
        sheet.paste(picture(dataset, index), (x, y))
        name = fitting(dataset.classes[dataset.labels[index]], font)
        pen.text((x + SIDE / 2, y + SIDE + 2), name, INK, font, anchor="ma")
    with replacing(path) as file:
        sheet.save(file, "PNG")


def image_grid(
    dataset: Dataset, path: str | Path, *, rows: int = 2, columns: int = 5, seed: int | None = 0
) -> list[int]:
    """Write a PNG with rows x columns images, each with the name of its class; their positions in the split.

    seed: of the draw; None takes the first images. Raises UsageError for another kind of file or more than 2,500
    images, and TinylensError where it cannot be written.
    """
    path = png(path)
    if min(rows, columns) < 1 or rows * columns > MOST:
        raise UsageError(f"a grid holds 1 to {MOST:,} images, not {rows}x{columns}")
    font = letters()
    shown = order(dataset, seed)[: rows * columns].tolist()
    names = [dataset.classes[dataset.labels[index]] for index in shown]
    wide = max(LARGE, *(round(font.getlength(name)) for name in names)) + 2 * GAP
    high = LARGE + LETTERS + 3 * GAP
    sheet = Image.new("RGB", (wide * columns, high * -(-len(shown) // columns)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for i, (index, name) in enumerate(zip(shown, names, strict=True)):
        x, y = i % columns * wide + wide // 2, i // columns * high + GAP
        sheet.paste(picture(dataset, index, LARGE), (x - LARGE // 2, y))
        pen.text((x, y + LARGE + 2), name, INK, font, anchor="ma")
    with replacing(path) as file:
        sheet.save(file, "PNG")
    return shown


def png(path: str | Path) -> Path:
    """The path of a PNG to be written. Raises UsageError where it is none, or in a folder that is not there."""
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: images are written as a .png file")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    return path


def letters() -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib and has more alphabets than Pillow's own font."""
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", LETTERS - 2)


def picture(dataset: Dataset, index: int, side: int = SIDE) -> Image.Image:
    """One image at the size that it is shown at, its pixels as they are where they are larger there."""
    image = Image.fromarray(dataset.batch(np.array([index]))[0])
    method = Image.Resampling.NEAREST if 2 * max(image.size) <= side else Image.Resampling.LANCZOS
    return image.resize((side, side), method)


def fitting(name: str, font: ImageFont.FreeTypeFont) -> str:
    """A name cut so that it stays under its image."""
    if font.getlength(name) <= SIDE + GAP - 2:
        return name
    while name and font.getlength(name + "…") > SIDE + GAP - 2:
        name = name[:-1]
    return name + "…"


def on_terminal(dataset: Dataset, *, seed: int | None = 0, most_classes: int = 20) -> None:
    """Print a row of images of each class in coloured half blocks."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    wide = max(len(name) for name in dataset.classes[:most_classes])
    count = max(1, min(8, (console.width - wide - 2) // 17))
    for name, row in list(zip(dataset.classes, spread(dataset, count, seed), strict=True))[:most_classes]:
        strip = np.concatenate([shrunk(dataset.batch(np.array([i]))[0], 16) for i in row], axis=1)
        for line, text in enumerate(half_blocks(strip)):
            label = name if line == 3 else ""
            console.print(f"{escape(f'{label:>{wide}}')}  {text}")
        console.print()
    if len(dataset.classes) > most_classes:
        console.print(f"and {len(dataset.classes) - most_classes} more classes")


def grid_on_terminal(dataset: Dataset, indices: list[int], columns: int) -> None:
    """Print images in coloured half blocks, each with its name, as many beside each other as there is room for."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    columns = max(1, min(columns, console.width // 17))
    for start in range(0, len(indices), columns):
        line = indices[start : start + columns]
        blocks = [half_blocks(shrunk(image, 16)) for image in dataset.batch(np.array(line))]
        for parts in zip(*blocks, strict=True):
            console.print(" ".join(parts))
        names = [shortened(dataset.classes[dataset.labels[index]], 16) for index in line]
        console.print(escape(" ".join(f"{name:<16}" for name in names)) + "\n")


def half_blocks(image: UInt8[np.ndarray, "h w 3"]) -> list[str]:
    """An image as lines of rich markup: each character shows two pixels, one above the other."""
    lines = []
    for upper, lower in zip(image[::2], image[1::2], strict=True):
        pairs = zip(upper, lower, strict=True)
        lines.append("".join(f"[rgb({a},{b},{c}) on rgb({d},{e},{f})]▀[/]" for (a, b, c), (d, e, f) in pairs))
    return lines
