"""Each kind against what the source of CIFAR-10-C defines at 32x32 pixels, written anew with scipy and Pillow.

Source: D. Hendrycks and T. Dietterich 2019, and their program that made CIFAR-10-C (make_cifar_c.py).
"""

import io

import numpy as np
import pytest
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from PIL import Image
from scipy import ndimage

from tinylens.corruptions import KINDS, SEVERITIES, blur, corrupted
from tinylens.corruptions.sampling import enlarged
from tinylens.corruptions.weather import plasma

ROUNDING = 0.51  # in 255ths: what bytes lose
every_severity = pytest.mark.parametrize("severity", SEVERITIES)


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """Pieces of two colour photographs that come with scikit-learn: uint8 (12, 32, 32, 3)."""
    from sklearn.datasets import load_sample_images

    pieces = [p[i * 96 : i * 96 + 128, 64 * j : 64 * j + 128] for p in load_sample_images().images for i in range(2)
              for j in range(3)]  # fmt: skip
    return np.stack([np.asarray(Image.fromarray(piece).resize((32, 32))) for piece in pieces])


def ours(images: np.ndarray, kind: str, severity: int) -> np.ndarray:
    """Corrupted images in 0 .. 1, as bytes give them."""
    return corrupted(images, kind, severity, np.random.default_rng(7)) / 255


def said(values: np.ndarray) -> np.ndarray:
    """What must be found, as near as bytes can be."""
    return pytest.approx(np.clip(values, 0, 1), abs=ROUNDING / 255)


def zoomed(image: np.ndarray, factor: float) -> np.ndarray:
    """The middle of an image, cut out in whole pixels, enlarged by scipy, and cut to size."""
    side = len(image)
    cut = int(np.ceil(side / factor))
    first = (side - cut) // 2
    large = ndimage.zoom(image[first : first + cut, first : first + cut], (factor, factor, 1), order=1)
    rest = (len(large) - side) // 2
    return large[rest : rest + side, rest : rest + side]


def in_motion(image: np.ndarray, radius: int, sigma: float, degrees: float) -> np.ndarray:
    """ImageMagick's motion blur: each pixel the weighted mean of 2 radius + 1 along a line that starts in it."""
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2 * sigma**2))
    side, found = len(image), np.zeros_like(image, dtype=float)
    for step, weight in enumerate(weights / weights.sum()):
        down = np.ceil(step * np.sin(np.radians(degrees)) - 0.5)
        right = np.ceil(step * np.cos(np.radians(degrees)) - 0.5)
        rows, columns = (np.clip(np.arange(side) + int(by), 0, side - 1) for by in (down, right))
        found += weight * image[np.ix_(rows, columns)]
    return found


@every_severity
def test_noise(severity: int) -> None:
    """Before it is rounded to bytes."""
    grey, draw = np.full((60, 32, 32, 3), 0.5, np.float32), np.random.default_rng(7)
    deviation = (0.04, 0.06, 0.08, 0.09, 0.10)[severity - 1]
    photons = (500, 250, 100, 75, 50)[severity - 1]
    share = (0.01, 0.02, 0.03, 0.05, 0.07)[severity - 1]
    assert KINDS["gaussian noise"](grey, severity, draw).std() == pytest.approx(deviation, rel=0.01)
    shot = KINDS["shot noise"](grey, severity, draw)
    assert shot * photons == pytest.approx(np.rint(shot * photons), abs=1e-3)
    assert (shot.mean(), shot.std()) == pytest.approx((0.5, np.sqrt(0.5 / photons)), rel=0.01)
    impulse = KINDS["impulse noise"](grey, severity, draw)
    error = np.sqrt(share / 2 / impulse.size)
    assert [(impulse == end).mean() for end in (0, 1)] == pytest.approx([share / 2] * 2, abs=4 * error)
    assert np.isin(impulse, [0, 0.5, 1]).all()


@every_severity
def test_defocus_blur(photographs: np.ndarray, severity: int) -> None:
    radius, rim = ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1))[severity - 1]
    rows, columns = np.indices((17, 17)) - 8
    disk = (rows**2 + columns**2 <= radius**2).astype(float)
    soft = np.exp(-(np.array([-1, 0, 1]) ** 2) / (2 * rim**2))
    kernel = ndimage.convolve(disk / disk.sum(), np.outer(soft, soft) / soft.sum() ** 2)
    expected = ndimage.convolve(photographs / 255, kernel[None, :, :, None], mode="mirror")
    assert ours(photographs, "defocus blur", severity) == said(expected)


@every_severity
def test_glass_blur(photographs: np.ndarray, severity: int) -> None:
    """Pixel by pixel from the end on, each a copy of one that is not changed yet."""
    sigma, times = ((0.05, 1), (0.25, 1), (0.4, 1), (0.25, 2), (0.4, 2))[severity - 1]
    images = photographs[:2]
    far, soft = (0, sigma, sigma, 0), {"mode": "mirror", "truncate": 4.0}
    expected, draw = ndimage.gaussian_filter(images / 255, far, **soft), np.random.default_rng(7)
    for _ in range(times):
        down, right = draw.integers(-1, 1, size=(2, 2, 30, 30))
        for image in range(2):
            for row in range(31, 1, -1):
                for column in range(31, 1, -1):
                    by = down[image, row - 2, column - 2], right[image, row - 2, column - 2]
                    expected[image, row, column] = expected[image, row + by[0], column + by[1]]
    assert ours(images, "glass blur", severity) == said(ndimage.gaussian_filter(expected, far, **soft))


@every_severity
def test_motion_blur(photographs: np.ndarray, severity: int) -> None:
    radius, sigma = ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5))[severity - 1]
    angles = np.random.default_rng(7).uniform(-45, 45, len(photographs))
    pairs = zip(photographs / 255, angles, strict=True)
    expected = np.stack([in_motion(image, radius, sigma, angle) for image, angle in pairs])
    assert ours(photographs, "motion blur", severity) == said(expected)


@every_severity
def test_zoom_blur(photographs: np.ndarray, severity: int) -> None:
    factors = np.arange(1, (1.06, 1.11, 1.16, 1.21, 1.26)[severity - 1], 0.01)  # its end is in it, or not, by rounding
    images = photographs / 255
    expected = [image + sum(zoomed(image, factor) for factor in factors) for image in images]
    assert ours(photographs, "zoom blur", severity) == said(np.stack(expected) / (len(factors) + 1))


@pytest.mark.parametrize("factor", [1.0, 1.01, 1.25, 1.75, 2.25])
def test_enlarging(photographs: np.ndarray, factor: float) -> None:
    images = (photographs / 255).astype(np.float32)
    assert enlarged(images, factor) == pytest.approx(np.stack([zoomed(image, factor) for image in images]), abs=1e-4)


@every_severity
def test_snow(photographs: np.ndarray, severity: int) -> None:
    mean, spread, size, least, radius, sigma, kept = (
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    )[severity - 1]
    draw = np.random.default_rng(7)
    flakes = draw.normal(mean, spread, (len(photographs), 32, 32, 1))
    angles = draw.uniform(-135, -45, len(photographs))
    found = ours(photographs, "snow", severity)
    for image, falling, angle, changed in zip(photographs / 255, flakes, angles, found, strict=True):
        large = zoomed(falling, size)
        fallen = in_motion(np.where(large < least, 0, large).clip(0, 1), radius, sigma, angle)
        grey = np.asarray(Image.fromarray((255 * image).round().astype(np.uint8)).convert("L"))[..., None] / 255
        pale = np.maximum(image, 1.5 * grey + 0.5)
        expected = kept * image + (1 - kept) * pale + fallen + np.rot90(fallen, 2)
        assert changed == pytest.approx(expected.clip(0, 1), abs=1.5 / 255)  # Pillow's grey is of bytes


def test_clouds_are_means_of_four_and_noise_that_decays() -> None:
    for decay in (1.75**2, 9.0):
        clouds = plasma(400, 32, decay, np.random.default_rng(0))[..., 0].astype(float)
        assert clouds.min(axis=(1, 2)) == pytest.approx(0)
        assert clouds.max(axis=(1, 2)) == pytest.approx(1)
        off = []
        for step in (8, 4, 2):
            corners = clouds[:, ::step, ::step]
            four = corners + np.roll(corners, -1, 1) + np.roll(corners, -1, 2) + np.roll(corners, (-1, -1), (1, 2))
            off.append((clouds[:, step // 2 :: step, step // 2 :: step] - four / 4).std(axis=(1, 2)))
        for coarse, fine in ((0, 1), (1, 2)):
            assert np.median(off[coarse] / off[fine]) == pytest.approx(decay, rel=0.05)


@every_severity
def test_fog(photographs: np.ndarray, severity: int) -> None:
    thick, decay = ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75))[severity - 1]
    clouds = plasma(len(photographs), 32, decay**2, np.random.default_rng(7))
    images = photographs / 255
    most = images.max(axis=(1, 2, 3), keepdims=True)
    assert ours(photographs, "fog", severity) == said((images + thick * clouds) * most / (most + thick))


@every_severity
def test_frost_lets_as_much_of_the_image_through(photographs: np.ndarray, severity: int) -> None:
    """The ice itself is drawn: the same whatever it lies on."""
    kept = (1, 1, 0.9, 0.85, 0.75)[severity - 1]
    ice = (0.2, 0.3, 0.4, 0.4, 0.45)[severity - 1]
    on_black = ours(np.zeros_like(photographs), "frost", severity)
    assert ours(photographs, "frost", severity) == pytest.approx(
        (kept * photographs / 255 + on_black).clip(0, 1), abs=2 * ROUNDING / 255
    )
    assert 0.3 * ice < on_black[..., 2].mean() < 0.8 * ice
    assert on_black.max() <= ice + ROUNDING / 255


@every_severity
def test_brightness(photographs: np.ndarray, severity: int) -> None:
    colours = rgb_to_hsv(photographs / 255)
    colours[..., 2] = (colours[..., 2] + (0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1]).clip(0, 1)
    assert ours(photographs, "brightness", severity) == said(hsv_to_rgb(colours))


@every_severity
def test_contrast(photographs: np.ndarray, severity: int) -> None:
    kept = (0.75, 0.5, 0.4, 0.3, 0.15)[severity - 1]
    means = (photographs / 255).mean(axis=(1, 2), keepdims=True)
    assert ours(photographs, "contrast", severity) == said(kept * (photographs / 255 - means) + means)


@every_severity
def test_pixelate(photographs: np.ndarray, severity: int) -> None:
    side, box = (30, 28, 27, 24, 20)[severity - 1], Image.Resampling.BOX
    expected = [Image.fromarray(image).resize((side, side), box).resize((32, 32), box) for image in photographs]
    assert np.array_equal(255 * ours(photographs, "pixelate", severity), np.stack(expected))


@every_severity
def test_jpeg(photographs: np.ndarray, severity: int) -> None:
    for image, changed in zip(photographs, ours(photographs, "jpeg", severity), strict=True):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=(80, 65, 58, 50, 40)[severity - 1])
        assert np.array_equal(255 * changed, np.asarray(Image.open(file)))


@every_severity
def test_elastic(photographs: np.ndarray, severity: int) -> None:
    """Three points moved, as scipy's affine transformation does it, and then a smooth field of shifts."""
    strength, sigma, corner = ((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05),
                               (0.1, 0.03, 0.03))[severity - 1]  # fmt: skip
    draw, shape = np.random.default_rng(7), photographs.shape[:3]
    fields = np.zeros((2, *shape))
    for field in fields if strength else ():
        noise = draw.uniform(-1, 1, shape)
        field[:] = [32 * strength * ndimage.gaussian_filter(one, 32 * sigma, truncate=3) for one in noise]
    points = np.array([[26.0, 26], [26, 6], [6, 6]])
    moved = points + draw.uniform(-32 * corner, 32 * corner, (len(photographs), 3, 2))
    found = ours(photographs, "elastic", severity)
    for number, image in enumerate(photographs / 255):
        back = np.linalg.solve(np.c_[moved[number], np.ones(3)], points)
        there = np.indices((32, 32)) + fields[:, number]
        places = np.einsum("ihw,io->ohw", np.stack([*there, np.ones((32, 32))]), back)
        channels = [ndimage.map_coordinates(image[..., c], places, order=1, mode="mirror") for c in range(3)]
        assert found[number] == said(np.stack(channels, axis=-1))


def test_glass_moves_each_pixel_at_most_by_one_a_time() -> None:
    images = np.indices((32, 32)).transpose(1, 2, 0)[None].astype(np.float32) / 32
    images = np.concatenate([images, images[..., :1]], axis=3)
    moved = blur.glass(images, 1, np.random.default_rng(0))  # sigma 0.05: as good as no blur
    steps = np.rint(32 * (moved - images))
    assert np.isin(steps, [-1, 0]).all()
    assert steps[0, 2:, 2:, :2].mean() == pytest.approx(-0.5, abs=0.05)
    assert not steps[0, :2].any()
