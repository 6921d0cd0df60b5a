"""What happens to pictures in machines: less contrast, warping, few pixels, and compression."""

import io
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from tinylens.corruptions.sampling import places, sampled

Images = Float[np.ndarray, "n h w 3"]


def contrast(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Each channel drawn towards its mean."""
    kept = np.float32((0.75, 0.5, 0.4, 0.3, 0.15)[severity - 1])
    means = images.mean(axis=(1, 2), keepdims=True)
    return (images - means) * kept + means


def elastic(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Warped as a whole, by moving three points of it, and here and there, by a smooth field."""
    strength, sigma, corner = (
        (0.0, 0.0, 0.08),
        (0.05, 0.2, 0.07),
        (0.08, 0.06, 0.06),
        (0.1, 0.04, 0.05),
        (0.1, 0.03, 0.03),
    )[severity - 1]
    side = min(images.shape[1:3])
    rows, columns = (
        at + strength * side * field(images, sigma * side, draw) if strength else np.repeat(at, len(images), axis=0)
        for at in places(images)
    )
    back = unwarped(images, corner * side, draw)
    whole = np.stack([rows, columns, np.ones_like(rows)], axis=-1)
    moved = np.einsum("nhwi,nio->nhwo", whole, back)
    return sampled(images, moved[..., 0], moved[..., 1])


def field(images: Images, sigma: float, draw: np.random.Generator) -> Float[np.ndarray, "n h w"]:
    """A shift of each pixel: noise in -1 .. 1, smoothed."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(draw.uniform(-1, 1, images.shape[:3]), (0, sigma, sigma), truncate=3)


def unwarped(images: Images, reach: float, draw: np.random.Generator) -> Float[np.ndarray, "n 3 2"]:
    """For each image what leads from a place, as (row, column, 1), to that which was moved there.

    Three points about the middle, a third of the side away, are moved by up to `reach` pixels each way.
    """
    middle, away = np.array(images.shape[1:3]) // 2, min(images.shape[1:3]) // 3
    corners = middle + away * np.array([[1, 1], [1, -1], [-1, -1]])
    moved = corners + draw.uniform(-reach, reach, (len(images), 3, 2))
    ones = np.ones((len(images), 3, 1))
    return np.linalg.solve(np.concatenate([moved, ones], axis=2), np.broadcast_to(corners, moved.shape).astype(float))


def pixelate(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Fewer pixels, brought back to as many."""
    share = (0.95, 0.9, 0.85, 0.75, 0.65)[severity - 1]
    height, width = images.shape[1:3]
    small = max(1, int(width * share)), max(1, int(height * share))
    box = Image.Resampling.BOX
    return one_by_one(images, lambda picture: picture.resize(small, box).resize((width, height), box))


def jpeg(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Compressed with losses."""
    quality = (80, 65, 58, 50, 40)[severity - 1]

    def again(picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return one_by_one(images, again)


def one_by_one(images: Images, change: Callable[[Image.Image], Image.Image]) -> Images:
    """Each image changed as a picture of 8 bits."""
    bytes_: UInt8[np.ndarray, "n h w 3"] = (images * 255).round().astype(np.uint8)
    changed = np.stack([np.asarray(change(Image.fromarray(one))) for one in bytes_])
    return changed.astype(np.float32) / np.float32(255)
