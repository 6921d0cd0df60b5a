"""Small images for a page: every one that it shows, once, in one picture that the page cuts them out of."""

import base64
import io
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int, UInt8
from markupsafe import Markup
from PIL import Image

from tinylens.data import Dataset
from tinylens.errors import at_least

COLUMNS = 64
LARGEST = 64  # pixels a side; larger images are made smaller
QUALITY = 80


@dataclass(eq=False)
class Thumbnails:
    """The images that a page shows. Each gets a number by being asked for."""

    images: list[UInt8[np.ndarray, "h w 3"]] = field(default_factory=list)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def number(self, dataset: Dataset, index: int) -> int:
        """The number of one image of a split; the same image gets the same one again."""
        key = dataset.split, int(dataset.rows[index])
        if key not in self.numbers:
            self.numbers[key] = len(self.images)
            self.images.append(dataset.batch(np.array([index]))[0])
        return self.numbers[key]

    def html(self, dataset: Dataset, index: int, description: str) -> Markup:
        """The image as an element of the page."""
        y, x = divmod(self.number(dataset, index), COLUMNS)
        tag = Markup('<i class="thumb" style="--x:{};--y:{}" role="img" aria-label="{}"></i>')
        return tag.format(x, y, description)

    @property
    def side(self) -> int:
        """Pixels a side of each image in the picture."""
        return min(LARGEST, max(self.images[0].shape[:2], default=1)) if self.images else 1

    def sprite(self) -> dict[str, object]:
        """The picture as a data URL, with the numbers that a page needs to cut it: columns, rows, side."""
        rows = -(-len(self.images) // COLUMNS)
        sheet = np.zeros((max(rows, 1) * self.side, COLUMNS * self.side, 3), dtype=np.uint8)
        for number, image in enumerate(self.images):
            y, x = (self.side * place for place in divmod(number, COLUMNS))
            sheet[y : y + self.side, x : x + self.side] = shrunk(image, self.side)
        data = io.BytesIO()
        Image.fromarray(sheet).save(data, "WEBP", quality=QUALITY, method=4)
        url = "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()
        return {"url": Markup(url), "columns": COLUMNS, "rows": max(rows, 1)}


def shrunk(image: UInt8[np.ndarray, "h w 3"], side: int) -> UInt8[np.ndarray, "side side 3"]:
    """An image at the size of a thumbnail."""
    if image.shape[:2] == (side, side):
        return image
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))


def order(dataset: Dataset, seed: int | None) -> Int[np.ndarray, " n"]:
    """The positions of all images: shuffled by seed, or as they stand where there is none.

    Raises UsageError for a seed below 0.
    """
    at_least(0, "seed", seed or 0)
    return np.arange(len(dataset)) if seed is None else np.random.default_rng(seed).permutation(len(dataset))


def spread(dataset: Dataset, per_class: int, seed: int | None) -> list[Int[np.ndarray, " n"]]:
    """For each class the positions of at most `per_class` of its images, chosen by seed, or its first ones."""
    positions = order(dataset, seed)
    labels = dataset.labels[positions]
    return [positions[labels == label][:per_class] for label in range(len(dataset.classes))]
