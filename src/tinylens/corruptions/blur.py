"""Blur: out of focus, through frosted glass, by motion, and by zooming while the shutter is open."""

import numpy as np
from jaxtyping import Float

from tinylens.corruptions.sampling import convolved, enlarged, gaussian_kernel, smeared

Images = Float[np.ndarray, "n h w 3"]


def defocus(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Each point a disk with a soft rim."""
    radius, rim = ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1))[severity - 1]
    radius *= images.shape[1] / 32
    reach = int(np.ceil(radius)) + 1
    rows, columns = np.indices((2 * reach + 1,) * 2) - reach
    disk = (rows**2 + columns**2 <= radius**2).astype(np.float32)[None, :, :, None]
    kernel = convolved(np.pad(disk, ((0, 0), (1, 1), (1, 1), (0, 0))), gaussian_kernel(rim, 1))[0, 1:-1, 1:-1, 0]
    return convolved(images, kernel / kernel.sum())


def glass(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Blurred, then each pixel but those at the rim takes the colour of one near it, so often, then blurred again.

    The source means two pixels to change places, but its code copies one over the other: so CIFAR-10-C was made.
    """
    sigma, times = ((0.05, 1), (0.25, 1), (0.4, 1), (0.25, 2), (0.4, 2))[severity - 1]
    far = max(1, round(images.shape[1] / 32))
    kernel = gaussian_kernel(sigma * far, max(1, round(4 * sigma * far)))
    moved, (n, h, w) = convolved(images, kernel).copy(), images.shape[:3]
    rows, columns = np.arange(far + 1, h - far + 1), np.arange(far + 1, w - far + 1)
    inside = np.arange(n)[:, None, None], rows[:, None], columns
    for _ in range(times):
        down, right = draw.integers(-far, far, size=(2, n, len(rows), len(columns)))
        moved[inside] = moved[inside[0], inside[1] + down, inside[2] + right]
    return convolved(moved, kernel)


def motion(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """The camera moves, in a direction within 45 degrees of level."""
    reach, sigma = ((6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5))[severity - 1]
    scale = images.shape[1] / 32
    angles = np.radians(draw.uniform(-45, 45, len(images)))
    return smeared(images, reach * scale, sigma * scale, angles)


def zoom(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """The mean of the image and of itself enlarged by 0, 1, 2 .. percent."""
    # With the source's rounding, which puts the end into the first two, and makes 1.25 large enough for a pixel more.
    factors = np.arange(1, (1.06, 1.11, 1.16, 1.21, 1.26)[severity - 1], 0.01).tolist()
    return (images + sum(enlarged(images, factor) for factor in factors)) / (len(factors) + 1)
