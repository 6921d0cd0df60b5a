"""What tests of the data check share: real pictures, small ones, cut from photographs, and folders of them."""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 64


@cache
def pictures() -> list[Image.Image]:
    """Pieces of two photographs that come with scikit-learn, 64x64, those of the most contrast first."""
    from sklearn.datasets import load_sample_images

    found = []
    for photograph in load_sample_images().images:
        rows, columns = photograph.shape[0] // SIDE, photograph.shape[1] // SIDE
        cut = photograph[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE, 3)
        found += list(cut.transpose(0, 2, 1, 3, 4).reshape(-1, SIDE, SIDE, 3))
    found.sort(key=lambda piece: -piece.mean(axis=2).std())
    return [Image.fromarray(np.ascontiguousarray(piece)) for piece in found]


def fill(root: Path, folders: dict[str, int], start: int = 0) -> Path:
    """So many pictures, each another one, in each of these folders."""
    places = [root / folder / f"{i}.png" for folder, count in folders.items() for i in range(count)]
    np.random.default_rng(0).shuffle(places)  # no class has the plain ones
    for number, place in enumerate(places, start):
        place.parent.mkdir(parents=True, exist_ok=True)
        pictures()[number].save(place)
    return root


def arrays(images: list[Image.Image]) -> np.ndarray:
    """Pictures as uint8 (n, 32, 32, 3)."""
    return np.stack([np.asarray(image.convert("RGB").resize((32, 32), Image.Resampling.LANCZOS)) for image in images])
