"""Preprocessing: what it does to the numbers, and that it is kept."""

import numpy as np
import pytest
import torch

from tinylens.data import Dataset, Splits
from tinylens.pixels.preprocess import (
    Affine,
    Scale,
    Standardise,
    fit_steps,
    unfitted_steps,
)


def floats(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def test_scale_brings_0_and_255_to_the_ends() -> None:
    values = np.array([0, 51, 255], np.uint8).reshape(1, 1, 3, 1).repeat(3, axis=3)
    dataset = Dataset(values, np.arange(1), np.zeros(1, np.int64), ("a", "b"), "train")
    for low, high in ((0, 1), (-0.5, 0.5), (1, -1)):
        out = fit_steps((Scale(minimum=low, maximum=high),), dataset)(floats(values))
        assert out[0, 0, 0].tolist() == pytest.approx([low, low + 0.2 * (high - low), high])


def test_standardise_gives_mean_zero_and_deviation_one_on_the_training_images(digits: Splits) -> None:
    out = fit_steps((Standardise(),), digits.train)(floats(digits.train.images))
    assert out.mean(dim=(0, 2, 3)).abs().max() < 1e-3
    assert out.std(dim=(0, 2, 3)).tolist() == pytest.approx([1, 1, 1], abs=1e-3)


def test_a_channel_without_variation_is_only_centred() -> None:
    images = np.full((4, 5, 5, 3), 77, np.uint8)
    images[0, 0, 0, 0] = 0
    dataset = Dataset(images, np.arange(4), np.arange(4) % 2, ("a", "b"), "train")
    out = fit_steps((Standardise(),), dataset)(floats(images))
    assert torch.isfinite(out).all()
    assert not out[:, 1:].any()


def test_the_numbers_travel_with_the_state(digits: Splits) -> None:
    fitted = fit_steps((Standardise(),), digits.train)
    unfitted = unfitted_steps((Standardise(),), (32, 32))
    unfitted.load_state_dict(fitted.state_dict())
    images = floats(digits.test.images[:9])
    assert torch.equal(fitted(images), unfitted(images))
    assert torch.equal(Affine()(images), images)


def test_channels_last_stays_channels_last(digits: Splits) -> None:
    out = fit_steps((Standardise(),), digits.train)(floats(digits.test.images[:9]))
    assert out.is_contiguous(memory_format=torch.channels_last)
