"""Weather and light: snow, frost, fog, and too bright."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

from tinylens.corruptions.sampling import enlarged, smeared

Images = Float[np.ndarray, "n h w 3"]
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green and blue
ICE = np.array([0.82, 0.92, 1.0], dtype=np.float32)


def plasma(count: int, side: int, decay: float, draw: np.random.Generator) -> Float[np.ndarray, "n side side 1"]:
    """Clouds in 0 .. 1: noise on grids of 2, 4, 8 .. pixels, each finer one weaker by `decay`, from dark to bright."""
    found = torch.zeros(count, 1, side, side)
    size, strength = 2, 1.0
    while size <= 2 * side:
        grid = torch.from_numpy(draw.uniform(-1, 1, (count, 1, size, size))).float()
        found += strength * F.interpolate(grid, size=(side, side), mode="bilinear", align_corners=True)
        size, strength = 2 * size, strength / decay
    low, high = (end(found.flatten(1), dim=1)[:, None, None, None] for end in (torch.amin, torch.amax))
    return ((found - low) / (high - low)).permute(0, 2, 3, 1).numpy()


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
    flakes = enlarged(draw.normal(mean, spread, (*images.shape[:3], 1)).astype(np.float32), size * scale)
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
    clouds = plasma(len(images), max(images.shape[1:3]), decay, draw)[:, : images.shape[1], : images.shape[2]]
    most = images.max(axis=(1, 2, 3), keepdims=True)
    return ((images + np.float32(thick) * clouds) * most / (most + np.float32(thick))).astype(np.float32)


def brightness(images: Images, severity: int, draw: np.random.Generator) -> Images:
    """More light: the value of hue, saturation and value is raised."""
    added = np.float32((0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1])
    value = images.max(axis=3, keepdims=True)
    raised = (value + added).clip(0, 1)
    return np.where(value > 0, images * raised / np.where(value > 0, value, 1), raised).astype(np.float32)
