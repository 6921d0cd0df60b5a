"""Corruptions: 15 ways in which pictures come out badly, at 5 severities each.

Kinds and severities are those of CIFAR-10-C: D. Hendrycks and T. Dietterich 2019, Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations. The code is our own; `tests/corruptions/test_published.py` holds it
to what the program that made CIFAR-10-C defines. It draws other random numbers, so accuracies are near those on
CIFAR-10-C but not equal to them. One kind is of another make: frost is drawn, where the source lays photographs of it
over the images. Lengths are the source's at 32x32 pixels, and grow with the image.

The package `imagecorruptions` was considered: its release uses names that numpy 2 and scikit-image have dropped, its
fork takes OpenCV, scikit-image and numba, and the severities of both are those for photographs of 224x224 pixels.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, UInt8

from tinylens.corruptions import blur, digital, noise, weather
from tinylens.errors import UsageError

# Images in 0 .. 1, a severity of 1 .. 5, and what draws random numbers; what it gives may lie outside 0 .. 1.
Corruption = Callable[[Float[np.ndarray, "n h w 3"], int, np.random.Generator], Float[np.ndarray, "n h w 3"]]

SEVERITIES = range(1, 6)
GROUPS: dict[str, dict[str, Corruption]] = {
    "noise": {"gaussian noise": noise.gaussian, "shot noise": noise.shot, "impulse noise": noise.impulse},
    "blur": {
        "defocus blur": blur.defocus,
        "glass blur": blur.glass,
        "motion blur": blur.motion,
        "zoom blur": blur.zoom,
    },
    "weather": {
        "snow": weather.snow,
        "frost": weather.frost,
        "fog": weather.fog,
        "brightness": weather.brightness,
    },
    "digital": {
        "contrast": digital.contrast,
        "elastic": digital.elastic,
        "pixelate": digital.pixelate,
        "jpeg": digital.jpeg,
    },
}
KINDS = {name: one for group in GROUPS.values() for name, one in group.items()}


def corrupted(
    images: UInt8[np.ndarray, "n h w 3"], kind: str, severity: int, draw: np.random.Generator
) -> UInt8[np.ndarray, "n h w 3"]:
    """The images, each corrupted by itself. Raises UsageError for a kind or a severity that there is not."""
    if kind not in KINDS or severity not in SEVERITIES:
        raise UsageError(f"no corruption {kind!r} of severity {severity}: severities are 1 to 5 of {', '.join(KINDS)}")
    changed = KINDS[kind](images.astype(np.float32) / np.float32(255), severity, draw)
    return (changed.clip(0, 1) * 255).round().astype(np.uint8)
