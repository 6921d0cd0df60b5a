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
    """Blurred, then each pixel changes places with one near it, so often, then blurred again."""
    sigma, times = ((0.05, 1), (0.25, 1), (0.4, 1), (0.25, 2), (0.4, 2))[severity - 1]
    far = max(1, round(images.shape[1] / 32))
    kernel = gaussian_kernel(sigma * far, max(1, round(4 * sigma * far)))
    blurred, (n, h, w) = convolved(images, kernel).copy(), images.shape[:3]
    every = np.arange(n)
    for _ in range(times):
        for row in range(h - 1, far - 1, -1):
            for column in range(w - 1, far - 1, -1):
                up, left = draw.integers(0, far + 1, size=(2, n))
                there = every, row - up, column - left
                blurred[:, row, column], blurred[there] = blurred[there], blurred[:, row, column].copy()
    return convolved(blurred, kernel)


def motion(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """The camera moves, in a direction within 45 degrees of level."""
    reach, sigma = ((6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5))[severity - 1]
    scale = images.shape[1] / 32
    angles = np.radians(draw.uniform(-45, 45, len(images)))
    return smeared(images, reach * scale, sigma * scale, angles)


def zoom(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """The mean of the image and of itself enlarged by steps of one in a hundred, up to 5 .. 25 of them."""
    factors = [1 + step / 100 for step in range(5 * severity + 1)]
    return (images + sum(enlarged(images, factor) for factor in factors)) / (len(factors) + 1)
