"""The digits on board."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tinylens.data import Splits, load_data


def test_there_are_1297_and_500_and_every_class_is_in_both(digits: Splits) -> None:
    assert (len(digits.train), len(digits.test)) == (1297, 500)
    assert digits.classes == tuple("0123456789")
    assert digits.train.class_counts().min() > 120
    assert digits.test.class_counts().min() > 45


def test_the_split_is_always_the_same_and_loses_nothing(digits: Splits) -> None:
    again = load_data("digits")
    assert {name: s.fingerprint for name, s in again.all().items()} == {
        name: s.fingerprint for name, s in digits.all().items()
    }
    assert sorted([*digits.train.rows, *digits.test.rows]) == list(range(1797))
    assert digits.test.labels.tolist() == load_digits().target[digits.test.rows].tolist()


@pytest.mark.parametrize("side", [4, 8, 17, 64])
def test_other_sizes_have_the_same_split(side: int, digits: Splits) -> None:
    other = load_data("digits", image_size=side)
    assert other.train.images.shape == (1297, side, side, 3)
    np.testing.assert_array_equal(other.test.rows, digits.test.rows)


def test_at_its_own_size_every_level_is_kept() -> None:
    grey = load_digits().images
    np.testing.assert_array_equal(load_data("digits", image_size=8).test.store[..., 2], np.round(grey * 255 / 16))
