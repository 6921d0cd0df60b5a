"""Corruptions: that each does what its name says, more so with each severity, always alike, at any size."""

import numpy as np
import pytest
from PIL import Image

from tinylens.corruptions import GROUPS, KINDS, SEVERITIES, corrupted
from tinylens.corruptions.sampling import convolved, enlarged, gaussian_kernel, sampled, smeared
from tinylens.errors import UsageError


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Pieces of two colour photographs that come with scikit-learn: uint8 (40, 32, 32, 3)."""
    from sklearn.datasets import load_sample_images

    pieces = [p[i * 64 : i * 64 + 64, j * 64 : j * 64 + 64] for p in load_sample_images().images for i in range(5)
              for j in range(4)]  # fmt: skip
    return np.stack([np.asarray(Image.fromarray(piece).resize((32, 32))) for piece in pieces])


def change(pictures: np.ndarray, kind: str, severity: int) -> float:
    """The mean distance of a value from what it was."""
    changed = corrupted(pictures, kind, severity, np.random.default_rng(severity))
    return float(np.abs(changed.astype(float) - pictures).mean())


def test_there_are_the_15_kinds_of_the_paper_in_four_groups() -> None:
    assert len(KINDS) == 15
    assert {group: len(kinds) for group, kinds in GROUPS.items()} == {"noise": 3, "blur": 4, "weather": 4, "digital": 4}


@pytest.mark.parametrize("kind", KINDS)
def test_a_corruption_changes_images_alike_each_time_and_leaves_the_given_ones(pictures: np.ndarray, kind: str) -> None:
    before = pictures.copy()
    first = corrupted(pictures, kind, 3, np.random.default_rng(0))
    assert (first.dtype, first.shape) == (np.uint8, pictures.shape)
    assert np.array_equal(first, corrupted(pictures, kind, 3, np.random.default_rng(0)))
    assert np.array_equal(pictures, before)
    assert (first != pictures).any(axis=(1, 2, 3)).mean() > 0.9
    assert first.std() > 5  # still pictures


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("elastic", "glass blur")])
def test_the_fifth_severity_changes_most_and_the_first_least(pictures: np.ndarray, kind: str) -> None:
    changes = [change(pictures, kind, severity) for severity in SEVERITIES]
    assert changes[0] == min(changes)
    assert changes[-1] > 1.3 * changes[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), [(16, 16), (64, 64), (8, 8)])
def test_images_of_other_sizes_can_be_corrupted_too(kind: str, height: int, width: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), dtype=np.uint8)
    for severity in (1, 5):
        assert corrupted(images, kind, severity, np.random.default_rng(0)).shape == images.shape


@pytest.mark.parametrize("kind", KINDS)
def test_black_and_white_images_do_not_break_it(kind: str) -> None:
    plain = np.stack([np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)])
    assert np.isfinite(corrupted(plain, kind, 5, np.random.default_rng(0)).astype(float)).all()


@pytest.mark.parametrize(("kind", "severity"), [("sandstorm", 1), ("fog", 0), ("fog", 6)])
def test_what_there_is_not_is_refused(pictures: np.ndarray, kind: str, severity: int) -> None:
    with pytest.raises(UsageError, match="severities are 1 to 5 of gaussian noise"):
        corrupted(pictures, kind, severity, np.random.default_rng(0))


def test_convolution_agrees_with_scipy() -> None:
    from scipy.ndimage import convolve

    images = np.random.default_rng(0).random((2, 9, 9, 3)).astype(np.float32)
    kernel = gaussian_kernel(0.8, 2)
    expected = convolve(images.astype(float), kernel[None, :, :, None], mode="mirror")
    assert convolved(images, kernel) == pytest.approx(expected, abs=1e-5)


def test_pixels_are_sampled_where_they_are_asked_for() -> None:
    images = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)
    rows, columns = np.indices((8, 8), dtype=float)
    still = [np.broadcast_to(at, (2, 8, 8)).copy() for at in (rows, columns)]
    assert sampled(images, *still) == pytest.approx(images, abs=1e-5)
    moved = sampled(images, still[0], np.clip(still[1] + 1, 0, 7))
    assert moved[:, :, :-1] == pytest.approx(images[:, :, 1:], abs=1e-5)
    assert enlarged(images, 1.0) == pytest.approx(images, abs=1e-5)


def test_a_smear_goes_one_way_and_keeps_the_light() -> None:
    point = np.zeros((1, 15, 15, 1), dtype=np.float32)
    point[0, 7, 7] = 1
    level = smeared(point, 5.0, 2.0, np.zeros(1))
    assert level.sum() == pytest.approx(1, abs=1e-3)
    assert level[0, 7, 7, 0] > level[0, 7, 6, 0] > level[0, 7, 5, 0] > 0
    assert level[0, 7, 8:].sum() == 0
    assert level[0, :7].sum() == level[0, 8:].sum() == 0
