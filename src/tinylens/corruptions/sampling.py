"""Pixels taken from elsewhere in the image: convolution, and a look between pixels."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

Images = Float[np.ndarray, "n h w c"]


def convolved(images: Images, kernel: Float[np.ndarray, "a a"]) -> Images:
    """Each channel convolved with a kernel of odd size, the image mirrored at its borders."""
    n, h, w, c = images.shape
    reach = kernel.shape[0] // 2
    planes = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float().reshape(n * c, 1, h, w)
    padded = F.pad(planes, [reach] * 4, mode="reflect")
    found = F.conv2d(padded, torch.from_numpy(kernel).float()[None, None])
    return found.reshape(n, c, h, w).permute(0, 2, 3, 1).numpy()


def sampled(images: Images, rows: Float[np.ndarray, "n h w"], columns: Float[np.ndarray, "n h w"]) -> Images:
    """The pixels at these places, between pixels by bilinear interpolation, the image mirrored at its borders."""
    h, w = images.shape[1:3]
    places = np.stack([2 * columns / (w - 1) - 1, 2 * rows / (h - 1) - 1], axis=-1)
    planes = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float()
    grid = torch.from_numpy(places).float()
    found = F.grid_sample(planes, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    return found.permute(0, 2, 3, 1).numpy()


def places(images: Images) -> tuple[Float[np.ndarray, "1 h w"], Float[np.ndarray, "1 h w"]]:
    """The row and the column of each pixel."""
    rows, columns = np.indices(images.shape[1:3], dtype=float)
    return rows[None], columns[None]


def enlarged(images: Images, factor: float) -> Images:
    """The middle of each image, enlarged to its size. factor: 1 or more.

    As in the source whole pixels are cut out, enlarged corner to corner, and cut to size: a factor of 1.03 is the first
    above 1 that shows at 32 pixels.
    """
    rows, columns = (whole_steps(side, factor) for side in images.shape[1:3])
    return sampled(images, *(np.broadcast_to(at, images.shape[:3]) for at in (rows[:, None], columns)))


def whole_steps(side: int, factor: float) -> Float[np.ndarray, " side"]:
    """Where the pixels of an enlarged side were."""
    cut = int(np.ceil(side / factor))
    large = round(cut * factor)
    step = (cut - 1) / max(1, large - 1)
    return (side - cut) // 2 + ((large - side) // 2 + np.arange(side)) * step


def gaussian_kernel(sigma: float, reach: int) -> Float[np.ndarray, "a a"]:
    """A round Gaussian on a square of 2 reach + 1 pixels; a single pixel where sigma is 0."""
    steps = np.arange(-reach, reach + 1)
    line = np.exp(-(steps**2) / (2 * sigma**2)) if sigma else (steps == 0).astype(float)
    return np.outer(line, line) / line.sum() ** 2


def smeared(images: Images, reach: float, sigma: float, angles: Float[np.ndarray, " n"]) -> Images:
    """Each image moved in a direction of its own while it is taken: a Gaussian tail on one side.

    reach: the tail ends after 2 reach + 1 pixels. angles: in radians. Outside the image are the pixels of its border.
    """
    n, h, w = images.shape[:3]
    steps = np.arange(int(2 * reach) + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    found = np.zeros_like(images)
    for step, weight in zip(steps.tolist(), (weights / weights.sum()).tolist(), strict=True):
        if weight < 1e-5:
            break
        down, right = (np.rint(step * way(angles)).astype(np.int64) for way in (np.sin, np.cos))
        rows = (np.arange(h) + down[:, None]).clip(0, h - 1)
        columns = (np.arange(w) + right[:, None]).clip(0, w - 1)
        found += np.float32(weight) * images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return found
