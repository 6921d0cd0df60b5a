"""Noise: of the amplifier, of few photons, and of broken pixels."""

import numpy as np
from jaxtyping import Float

Images = Float[np.ndarray, "n h w 3"]


def gaussian(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Normal noise on each value."""
    deviation = (0.04, 0.06, 0.08, 0.09, 0.10)[severity - 1]
    return images + np.float32(deviation) * draw.standard_normal(images.shape, dtype=np.float32)


def shot(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """Each value counted by photons, of which white has so many."""
    photons = (500, 250, 100, 75, 50)[severity - 1]
    return (draw.poisson(images * photons) / photons).astype(np.float32)


def impulse(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """A share of the values set to the least or to the most."""
    share = (0.01, 0.02, 0.03, 0.05, 0.07)[severity - 1]
    chance = draw.random(images.shape, dtype=np.float32)
    return np.where(chance < share / 2, 0, np.where(chance < share, 1, images)).astype(np.float32)
