"""Dataset and Splits: content, cuts and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from tinylens.data import Dataset, Splits
from tinylens.data.dataset import check, cut_off
from tinylens.errors import DataError


def dataset(labels: list[int], classes: tuple[str, ...] = ("a", "b", "c"), split: str = "train") -> Dataset:
    """Random 6x5 images with these labels."""
    store = np.random.default_rng(len(labels)).integers(0, 256, (len(labels), 6, 5, 3), dtype=np.uint8)
    return Dataset(store, np.arange(len(labels)), np.array(labels, dtype=np.int64), classes, split)


@pytest.fixture
def skewed() -> Dataset:
    """1,000 images of which one class has only two."""
    return dataset([0] * 900 + [1] * 98 + [2] * 2)


def test_fingerprint_does_not_depend_on_the_order(skewed: Dataset) -> None:
    shuffled = skewed.select(np.random.default_rng(1).permutation(len(skewed)))
    assert shuffled.fingerprint == skewed.fingerprint


def test_fingerprint_sees_one_pixel_one_label_and_the_shape() -> None:
    original = dataset([0, 1, 2, 2])
    pixels = original.store.copy()
    pixels[3, 0, 0, 0] ^= 1
    turned = original.store.reshape(4, 5, 6, 3)
    others = [
        replace(original, store=pixels),
        replace(original, labels=np.array([0, 1, 2, 1])),
        replace(original, store=turned),
        original.select(np.array([0, 1, 2])),
    ]
    assert len({original.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_fingerprint_sees_labels_that_change_places() -> None:
    original = dataset([0, 1, 2, 2])
    assert replace(original, labels=np.array([1, 0, 2, 2])).fingerprint != original.fingerprint


def test_sample_takes_each_class_in_its_share_and_none_is_lost(skewed: Dataset) -> None:
    assert skewed.sample(100, seed=0).class_counts().tolist() == [90, 9, 1]
    assert skewed.sample(3, seed=0).class_counts().tolist() == [1, 1, 1]
    assert len(skewed.sample(2, seed=0)) == 2
    assert skewed.sample(5000, seed=0) is skewed


def test_sample_below_the_number_of_classes_is_not_always_of_the_first_ones() -> None:
    many = dataset(list(range(50)) * 4, tuple(map(str, range(50))))
    assert len({int(many.sample(1, seed=seed).labels[0]) for seed in range(30)}) > 10


def test_sample_of_data_without_one_class() -> None:
    assert dataset([0, 0, 2, 2, 2, 2]).sample(3, seed=0).class_counts().tolist() == [1, 0, 2]


def test_sample_is_of_the_seed_and_keeps_the_order(skewed: Dataset) -> None:
    one = skewed.sample(50, seed=3)
    assert one.rows.tolist() == skewed.sample(50, seed=3).rows.tolist() == sorted(one.rows)
    assert one.rows.tolist() != skewed.sample(50, seed=4).rows.tolist()


def test_cut_off_parts_without_loss_and_keeps_every_class_on_both_sides(skewed: Dataset) -> None:
    for seed in range(20):
        rest, part = cut_off(skewed, 0.1, seed, "validation", "mine")
        assert part.split == "validation"
        assert part.class_counts().tolist() == [90, 9, 1]
        assert rest.class_counts().tolist() == [810, 89, 1]
        assert sorted([*rest.rows, *part.rows]) == list(range(1000))


def test_cut_off_refuses_a_class_with_one_image() -> None:
    with pytest.raises(DataError, match=r"mine: class 'c' has too few train images \(1\) to cut a validation split"):
        cut_off(dataset([0, 0, 1, 1, 2]), 0.2, 0, "validation", "mine")


def test_cut_off_refuses_a_share_that_leaves_nothing(skewed: Dataset) -> None:
    with pytest.raises(DataError, match="too few to cut"):
        cut_off(skewed, 1.0, 0, "validation", "mine")


def test_limit_keeps_every_class_and_refuses_fewer_images_than_classes(skewed: Dataset) -> None:
    splits = Splits("mine", skewed, skewed.select(np.arange(len(skewed)), "test"))
    assert [len(split) for split in splits.limited(3).all().values()] == [3, 3]
    assert splits.limited(None) is splits
    with pytest.raises(DataError, match="a limit of 2 leaves classes without an image: mine has 3 classes"):
        splits.limited(2)


def test_own_validation_images_are_kept(skewed: Dataset) -> None:
    splits = Splits("mine", skewed, skewed, validation=skewed.sample(9, 0))
    assert splits.with_validation(0.5, 0) is splits
    assert len(Splits("mine", skewed, skewed).with_validation(0.5, 0)["validation"]) == 500


def test_unknown_split_is_named(skewed: Dataset) -> None:
    with pytest.raises(DataError, match="mine has no split 'validation': it has train, test"):
        Splits("mine", skewed, skewed)["validation"]


def test_channel_statistics_are_numpys(skewed: Dataset) -> None:
    mean, deviation = skewed.channel_statistics()
    np.testing.assert_allclose(mean, skewed.images.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(deviation, skewed.images.std(axis=(0, 1, 2)))


@pytest.mark.parametrize("level", [0, 7, 77, 255])
def test_channel_statistics_of_one_colour(level: int) -> None:
    plain = dataset([0, 1, 2])
    mean, deviation = replace(plain, store=np.full_like(plain.store, level)).channel_statistics()
    np.testing.assert_allclose(mean, level)
    np.testing.assert_allclose(deviation, 0, atol=1e-9)


def test_batches_are_the_images_in_order(skewed: Dataset) -> None:
    some = skewed.select(np.array([5, 3, 900, 7]))
    assert [len(batch) for batch in some.batches(3)] == [3, 1]
    np.testing.assert_array_equal(np.concatenate(list(some.batches(3))), some.images)
    np.testing.assert_array_equal(some.batch(np.array([2])), skewed.store[[900]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dataset([]), "mine, train: no images"),
        (dataset([0, 0], ("a",)), "mine, train: only one class, 'a': a classifier needs at least two"),
        (dataset([0, 0], ()), "mine, train: no classes: a classifier needs at least two"),
        (dataset([0, 1], ("a", "a")), "mine, train: two classes are called 'a'"),
        (dataset([0, 1, 3]), "mine, train: labels run from 0 to 3, but 3 classes need 0 to 2"),
        (dataset([0, 1, -1]), "mine, train: labels run from -1 to 1, but 3 classes need 0 to 2"),
        (dataset([0, 2]), "mine, train: no image of class 'b'"),
        (dataset([0], tuple("abcdefgh")), "no image of class 'b', 'c', 'd', 'e', 'f' and 2 more"),
    ],
)
def test_check_says_what_is_wrong_in_one_line(wrong: Dataset, message: str) -> None:
    with pytest.raises(DataError) as caught:
        check(wrong, "mine")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
