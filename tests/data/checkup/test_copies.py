"""Copies are found however they were made, and other pictures are not taken for them."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from tests.data.checkup.samples import SIDE, arrays, pictures

from tinylens.data import Splits
from tinylens.data.checkup import copies as module
from tinylens.data.checkup.copies import Copies, find_copies


def encoded(image: Image.Image, quality: int) -> Image.Image:
    """The image after JPEG."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return Image.open(data)


CHANGES = {
    "re-encoded": lambda image: encoded(image, 60),
    "smaller": lambda image: image.resize((24, 24)),
    "larger": lambda image: image.resize((150, 150)),
    "mirrored": ImageOps.mirror,
    "mirrored and re-encoded": lambda image: encoded(ImageOps.mirror(image), 70),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "of less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.6),
    "grey": lambda image: image.convert("L"),
    "shifted": lambda image: image.crop((4, 4, SIDE, SIDE)).resize((SIDE - 4, SIDE - 4)),
    "cropped": lambda image: image.crop((3, 3, SIDE - 3, SIDE - 3)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found(change: str) -> None:
    chosen = pictures()[:60]
    both = arrays([*chosen, *(CHANGES[change](image) for image in chosen)])
    found = find_copies([both])
    wanted = {(i, i + 60) for i in range(60)}
    got = {(int(a), int(b)) for a, b in found.pairs}
    least = 50 if change == "shifted" else 57  # two pixels are as far as the first step sees
    assert len(wanted & got) >= least, f"{len(wanted & got)} of 60"
    assert len(got - wanted) <= 3, got - wanted
    mirrored = {(int(a), int(b)) for (a, b), turned in zip(found.pairs, found.mirrored, strict=True) if turned}
    assert (len(mirrored & wanted) > 50) == ("mirrored" in change)


@pytest.mark.parametrize(("x", "y"), [(4, 0), (0, 4), (4, 4)])
def test_a_copy_shifted_by_two_pixels_of_32_is_found(x: int, y: int) -> None:
    chosen, side = pictures()[:60], SIDE - 4
    here = [image.crop((0, 0, side, side)) for image in chosen]
    there = [image.crop((x, y, x + side, y + side)) for image in chosen]
    got = {(int(a), int(b)) for a, b in find_copies([arrays([*here, *there])]).pairs}
    wanted = {(i, i + 60) for i in range(60)}
    assert len(wanted & got) >= 50, f"{len(wanted & got)} of 60"
    assert len(got - wanted) <= 3, got - wanted


def test_other_pictures_are_no_copies() -> None:
    found = find_copies([arrays(pictures())])
    assert len(pictures()) > 100
    assert len(found.pairs) <= 2


def test_digits_are_alike_and_no_copies_and_their_copies_are_found(digits: Splits) -> None:
    every = np.concatenate([split.store[split.rows] for split in digits.all().values()])
    assert len(find_copies([every]).pairs) == 0
    larger = [Image.fromarray(image).resize((32, 32)) for image in every]
    some = range(0, len(larger), 45)
    found = find_copies([arrays([*larger, *(encoded(larger[i], 60) for i in some)])])
    wanted = {(i, len(larger) + place) for place, i in enumerate(some)}
    got = {(int(a), int(b)) for a, b in found.pairs}
    assert len(wanted & got) >= 0.85 * len(wanted), f"{len(wanted & got)} of {len(wanted)}"
    assert len(got - wanted) <= 1, got - wanted


def test_equal_pixels_are_told_from_near_ones_and_batches_do_not_matter() -> None:
    images = arrays(pictures()[:20])
    changed = images[3].copy()
    changed[0, 0] ^= 1
    images = np.concatenate([images, images[[3, 3, 7]], changed[None]])
    whole, parts = find_copies([images]), find_copies([images[:5], images[5:21], images[21:]])
    for found in (whole, parts):
        assert found.first.tolist() == [*range(20), 3, 3, 7, 23]
        assert found.pairs.tolist() == [[3, 23]]
        assert found.similarity[0] > 0.99


def test_blank_images_are_compared_pixel_by_pixel_only() -> None:
    blank = np.stack([np.full((32, 32, 3), level, np.uint8) for level in (0, 1, 255, 255)])
    found = find_copies([blank])
    assert found.first.tolist() == [0, 1, 2, 2]
    assert len(found.pairs) == 0


@pytest.mark.parametrize("side", [8, 28, 48])
def test_images_of_any_size_can_be_compared(side: int) -> None:
    images = np.stack([np.asarray(image.resize((side, side))) for image in pictures()[:30]])
    found = find_copies([np.concatenate([images, images[:5, :, ::-1]])])
    assert {(i, i + 30) for i in range(5)} <= {(int(a), int(b)) for a, b in found.pairs}
    assert found.mirrored.any()


def test_the_best_correlation_is_that_of_plain_counting() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.normal(size=(2, 3, 32, 32)).astype(np.float32)
    other[1, 2:, 3:] = one[1, :-2, :-3]
    border, window = (32 - module.WINDOW) // 2, module.WINDOW
    plain = []
    for a, b in zip(one, other, strict=True):
        middle = a[border : border + window, border : border + window].ravel()
        places = [b[y : y + window, x : x + window].ravel() for y in range(7) for x in range(7)]
        plain.append(max(np.corrcoef(middle, place)[0, 1] for place in places))
    np.testing.assert_allclose(module.best_place(module.middle(one), module.surroundings(other)), plain, atol=1e-4)
    assert plain[1] > 0.999


def test_only_the_likest_pairs_are_compared_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    monkeypatch.setattr(module, "BLOCK", 16)
    monkeypatch.setattr(module, "ALIKE", -1.0)
    images = arrays(pictures()[:40])
    found = find_copies([np.concatenate([images, images[:5] ^ 1])])
    assert {(i, i + 40) for i in range(5)} == {(int(a), int(b)) for a, b in found.pairs}


@pytest.fixture
def chain() -> Copies:
    """0 and 1 equal, 0 near 2, 2 near 3, 4 alone, 5 near 3."""
    pairs, similarity = np.array([[0, 2], [2, 3], [3, 5]]), np.array([0.9, 0.95, 0.85], np.float32)
    return Copies(np.array([0, 0, 2, 3, 4, 5]), pairs, similarity, np.array([False, True, False]))


def test_copies_between_two_sets_are_the_likest(chain: Copies) -> None:
    inside = np.array([False, True, False, True, True, False])
    found = chain.between(inside, ~inside)
    assert found.positions.tolist() == [1, 3]
    assert found.partners.tolist() == [0, 2]
    assert found.equal.tolist() == [True, False]
    assert found.mirrored.tolist() == [False, True]
    np.testing.assert_allclose(found.similarity, [1, 0.95], rtol=1e-6)


def test_groups_are_of_one_set(chain: Copies) -> None:
    everything = np.ones(6, bool)
    assert [group.tolist() for group in chain.groups(everything, near=True)] == [[0, 1, 2, 3, 5]]
    assert [group.tolist() for group in chain.groups(everything, near=False)] == [[0, 1]]
    part = np.array([False, True, True, False, True, True])
    assert [group.tolist() for group in chain.groups(part, near=True)] == [[1, 2]]


def test_a_small_thing_on_plain_ground_is_found_again_and_not_taken_for_one_elsewhere() -> None:
    images = np.full((12, 32, 32, 3), 100, np.uint8)
    for i, (y, x) in enumerate((y, x) for y in (6, 14, 22) for x in (6, 14)):
        images[i, y : y + 2, x : x + 2] = 200
        images[i + 6, y : y + 2, x : x + 2] = 160
    assert find_copies([images]).pairs.tolist() == [[i, i + 6] for i in range(6)]


def test_where_a_window_is_empty_nothing_is_alike() -> None:
    around = np.zeros((1, 32, 32), np.float32)
    around[0, 0, 0] = 1e7
    image = np.random.default_rng(0).normal(size=(1, 32, 32)).astype(np.float32)
    assert module.best_place(module.middle(image), module.surroundings(around))[0] < 0.6
