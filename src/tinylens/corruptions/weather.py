"""Weather and light: snow, frost, fog, and too bright."""

import numpy as np
from jaxtyping import Float

from tinylens.corruptions.sampling import enlarged, smeared

Images = Float[np.ndarray, "n h w 3"]
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green and blue
ICE = np.array([0.82, 0.92, 1.0], dtype=np.float32)


def plasma(count: int, side: int, decay: float, draw: np.random.Generator) -> Float[np.ndarray, "n side side 1"]:
    """Clouds in 0 .. 1 that go on over their edges, cut to size.

    Points are set at ever smaller distances, each to the mean of four about it and noise, which is weaker by `decay`
    each time that the distance is halved: first the middles of squares, then those of their sides.
    Source: Fournier, Fussell and Carpenter 1982, Computer Rendering of Stochastic Models.
    """
    size = 1 << (side - 1).bit_length()
    found = np.zeros((count, size, size))
    step, strength = size, 1.0
    while step >= 2:
        half, points = step // 2, (count, size // step, size // step)
        corners = found[:, ::step, ::step]
        rows = corners + np.roll(corners, -1, axis=2)
        middles = (rows + np.roll(rows, -1, axis=1)) / 4 + strength * draw.uniform(-1, 1, points)
        level = (rows + middles + np.roll(middles, 1, axis=1)) / 4
        upright = (corners + np.roll(corners, -1, axis=1) + middles + np.roll(middles, 1, axis=2)) / 4
        found[:, half::step, half::step] = middles
        found[:, ::step, half::step] = level + strength * draw.uniform(-1, 1, points)
        found[:, half::step, ::step] = upright + strength * draw.uniform(-1, 1, points)
        step, strength = half, strength / decay
    low, high = (end(found, axis=(1, 2), keepdims=True) for end in (np.min, np.max))
    return ((found - low) / (high - low))[:, :side, :side, None].astype(np.float32)


def snow(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Flakes that fall, twice, over an image that is paler."""
    mean, spread, size, least, reach, sigma, kept = (
        (0.1, 0.2, 1.0, 0.6, 8, 3.0, 0.95),
        (0.1, 0.2, 1.0, 0.5, 10, 4.0, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4.0, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6.0, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12.0, 0.8),
    )[severity - 1]
    scale = images.shape[1] / 32
    flakes = enlarged(draw.normal(mean, spread, (*images.shape[:3], 1)).astype(np.float32), max(1.0, size * scale))
    flakes = np.where(flakes < least, 0, flakes).clip(0, 1).astype(np.float32)
    fallen = smeared(flakes, reach * scale, sigma * scale, np.radians(draw.uniform(-135, -45, len(images))))
    pale = np.maximum(images, (images @ LUMINANCE)[..., None] * np.float32(1.5) + np.float32(0.5))
    return np.float32(kept) * images + np.float32(1 - kept) * pale + fallen + fallen[:, ::-1, ::-1]


def frost(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Ice grown over the image: bright ridges between clouds, drawn, where the source has photographs."""
    kept, ice = ((1.0, 0.2), (1.0, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45))[severity - 1]
    count, side = len(images), max(images.shape[1:3])
    ridges = 1 - np.abs(2 * plasma(count, side, 1.6, draw) - 1)
    cover = (0.35 + 0.9 * plasma(count, side, 2.0, draw)) * ridges**2
    grown = cover[:, : images.shape[1], : images.shape[2]].clip(0, 1) * ICE
    return np.float32(kept) * images + np.float32(ice) * grown.astype(np.float32)


def fog(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Clouds over the image, which is darkened so that its brightest value stays."""
    thick, decay = ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75))[severity - 1]
    # The source's noise decays twice at each step: it is drawn in -s .. s, and then multiplied by s.
    clouds = plasma(len(images), max(images.shape[1:3]), decay**2, draw)[:, : images.shape[1], : images.shape[2]]
    most = images.max(axis=(1, 2, 3), keepdims=True)
    return ((images + np.float32(thick) * clouds) * most / (most + np.float32(thick))).astype(np.float32)


def brightness(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """More light: the value of hue, saturation and value is raised."""
    added = np.float32((0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1])
    value = images.max(axis=3, keepdims=True)
    raised = (value + added).clip(0, 1)
    return np.where(value > 0, images * raised / np.where(value > 0, value, 1), raised).astype(np.float32)
