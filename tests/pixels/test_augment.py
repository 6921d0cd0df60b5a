"""Augmentation: what each step does to images and labels, that it repeats by seed, and that only training sees it."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from tinylens import recipes
from tinylens.data import Splits
from tinylens.errors import UsageError
from tinylens.hardware import choose_hardware
from tinylens.lens import pixels
from tinylens.pixels.augment import (
    Augment,
    Batch,
    ColourJitter,
    CutMix,
    Cutout,
    Flip,
    Mixup,
    PadAndCrop,
    augmented,
    beta,
    grey,
    interval,
)
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.fit import new_session
from tinylens.training.loop import batches_left, judge, prepared
from tinylens.training.signals import StopRequest

Prepare = Callable[..., tuple[Run, Splits]]
KINDS: list[Any] = list(get_args(get_args(Augment)[0]))
SIDE = 16


def batch(images: Tensor) -> Batch:
    """A batch in which each image's label is its place, so that labels tell where it went."""
    return Batch(images, torch.arange(len(images)), torch.arange(len(images)))


def after(step: Augment, images: Tensor, seed: int = 0) -> Batch:
    torch.manual_seed(seed)
    return step.apply(batch(images))


@pytest.mark.parametrize("kind", KINDS)
def test_shape_type_layout_and_labels_stay_and_the_images_given_are_not_touched(kind: Any, photographs: Tensor) -> None:
    for given in (photographs[:64], photographs[:1], photographs[:64].double(), photographs[:7, :, :12]):
        before = given.clone()
        out = after(kind(), given)
        assert out.images.shape == given.shape
        assert out.images.dtype == given.dtype
        assert out.images.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(out.labels, torch.arange(len(given)))
        assert torch.equal(given, before)
        assert (out.others is None) == (out.share == 1) == (kind not in (Mixup, CutMix))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_images_and_another_one_others(kind: Any, photographs: Tensor) -> None:
    first, second, other = (after(kind(), photographs[:64], seed) for seed in (3, 3, 4))
    assert torch.equal(first.images, second.images)
    assert first.share == second.share
    assert not torch.equal(first.images, other.images)
    assert not torch.equal(first.images, photographs[:64])


def test_half_of_the_images_are_mirrored_and_the_others_are_as_they_were(photographs: Tensor) -> None:
    out = after(Flip(), photographs).images
    mirrored = (out == photographs.flip(3)).flatten(1).all(dim=1)
    kept = (out == photographs).flatten(1).all(dim=1)
    assert (mirrored | kept).all()
    count = len(photographs)
    assert abs(int((mirrored & ~kept).sum()) - count / 2) < 4 * (count / 4) ** 0.5  # four standard deviations


def test_alternating_shows_each_image_both_ways_in_two_epochs(photographs: Tensor) -> None:
    images = photographs[:500]
    places = torch.randperm(len(images))
    epochs = [Flip(alternate=True).apply(replace(batch(images), places=places, epoch=epoch)).images for epoch in (4, 5)]
    mirrored = images.flip(3)
    first, second = ((out == mirrored).flatten(1).all(dim=1) for out in epochs)
    ambiguous = (images == mirrored).flatten(1).all(dim=1)
    assert ((first ^ second) | ambiguous).all()
    assert 200 < int(first.sum()) < 300
    again = Flip(alternate=True).apply(replace(batch(images), places=places, epoch=6)).images
    assert torch.equal(again, epochs[0])


def test_a_smaller_window_is_cut_out_of_the_padded_image_anywhere(photographs: Tensor) -> None:
    out = after(PadAndCrop(pixels=1, window=0.5), photographs).images
    side = SIDE // 2
    assert out.shape[2:] == (side, side)
    assert out.is_contiguous(memory_format=torch.channels_last)
    padded = torch.nn.functional.pad(photographs, [1] * 4, mode="reflect")
    places = [(y, x) for y in range(SIDE + 3 - side) for x in range(SIDE + 3 - side)]
    alike = [(out == padded[:, :, y : y + side, x : x + side]).flatten(1).all(dim=1) for y, x in places]
    assert torch.stack(alike).any(dim=0).all()
    assert sum(bool(one.any()) for one in alike) > len(places) * 0.8


@pytest.mark.parametrize("fill", ["zero", "reflect"])
@pytest.mark.parametrize("reach", [1, 2, 4])
def test_pad_and_crop_gives_windows_of_the_padded_image_and_all_of_them(
    photographs: Tensor, fill: Any, reach: int
) -> None:
    images = photographs[:, :, :14]  # higher than wide, so that no axis can stand for the other
    out = after(PadAndCrop(pixels=reach, fill=fill), images).images.numpy()
    around = ((0, 0), (0, 0), (reach, reach), (reach, reach))
    padded = np.pad(images.numpy(), around, mode="constant" if fill == "zero" else "reflect")
    found = np.zeros(len(images), int)
    for y in range(2 * reach + 1):
        for x in range(2 * reach + 1):
            alike = (out == padded[:, :, y : y + 14, x : x + SIDE]).all(axis=(1, 2, 3))
            found += alike
            expected = len(images) / (2 * reach + 1) ** 2
            assert abs(alike.sum() - expected) < 5 * expected**0.5
    assert found.min() >= 1
    assert (found == 1).mean() > 0.95  # some patches of sky are alike wherever they are cut


def test_zero_is_beside_the_image_of_each_channel_and_reflect_repeats_no_border() -> None:
    images = torch.arange(1.0, 10.0).view(1, 1, 3, 3).expand(60, 3, 3, 3).contiguous(memory_format=torch.channels_last)
    corner = {
        "zero": [[0, 0, 0], [0, 1, 2], [0, 4, 5]],
        "reflect": [[5, 4, 5], [2, 1, 2], [5, 4, 5]],
    }
    for fill, expected in corner.items():
        out = after(PadAndCrop.model_validate({"pixels": 1, "fill": fill}), images).images
        assert (out == torch.tensor(expected)).flatten(1).all(dim=1).any()


@pytest.mark.parametrize("side", [1, 4, 5, 40])
def test_cutout_blanks_one_square_around_any_pixel_and_nothing_else(photographs: Tensor, side: int) -> None:
    images = photographs[:, :, :14] + 1  # so that 0 is only what was blanked
    out = after(Cutout(pixels=side), images).images
    hidden = (out == 0).all(dim=1)
    assert torch.equal(out, images.masked_fill(hidden[:, None], 0))
    corners = set()
    for mask in hidden.numpy():
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert mask.sum() == len(rows) * len(columns)
        corners.add((rows[0], rows[-1] + 1, columns[0], columns[-1] + 1))
    down, right = (
        [(max(middle - side // 2, 0), min(middle - side // 2 + side, length)) for middle in range(length)]
        for length in (14, SIDE)
    )
    possible = {(*rows, *columns) for rows in down for columns in right}
    assert corners <= possible
    assert len(corners) > 0.99 * len(possible)


def test_mixup_is_the_blend_in_the_share_that_it_tells(photographs: Tensor) -> None:
    images = photographs.double()
    for seed in range(5):
        out = after(Mixup(alpha=1.0), images, seed)
        assert out.others is not None
        assert sorted(out.others.tolist()) == list(range(len(images)))
        assert 0 < out.share < 1
        blend = out.share * images + (1 - out.share) * images[out.others]
        torch.testing.assert_close(out.images, blend, rtol=1e-12, atol=1e-9)


def box(out: Batch) -> np.ndarray:
    """Which pixels were pasted, of a batch whose images had the value of their label everywhere."""
    assert out.others is not None
    values = out.images[:, 0]
    other = out.others.view(-1, 1, 1).to(values.dtype)
    moved = out.others != out.labels
    pasted = (values == other)[moved]
    assert (pasted == pasted[0]).all()  # the same box in each image
    own = torch.where(pasted[0], other, out.labels.view(-1, 1, 1).to(values.dtype))
    assert torch.equal(out.images, own[:, None].expand_as(out.images))
    return pasted[0].numpy()


def test_cutmix_pastes_a_box_of_the_other_image_and_its_area_is_what_the_share_leaves() -> None:
    images = torch.arange(8.0).view(8, 1, 1, 1).expand(8, 3, 14, SIDE).contiguous(memory_format=torch.channels_last)
    seen, shares = np.zeros((14, SIDE), int), []
    for seed in range(400):
        out = after(CutMix(), images, seed)
        assert out.others is not None
        mask = box(out)
        assert 1 - out.share == pytest.approx(mask.mean())
        rows, columns = mask.any(axis=1), mask.any(axis=0)
        assert np.array_equal(mask, rows[:, None] & columns[None])
        assert all(np.diff(np.flatnonzero(side)).max(initial=1) == 1 for side in (rows, columns))
        seen += mask
        shares.append(out.share)
    assert seen.min() > 0
    assert min(shares) < 0.15
    assert max(shares) > 0.97
    assert 0.55 < np.mean(shares) < 0.75  # one half, and what boxes lose at the borders


def test_cutmix_takes_pixels_from_where_they_were(photographs: Tensor) -> None:
    out = after(CutMix(), photographs, seed=1)
    assert out.others is not None
    other = (out.images == photographs[out.others]).all(dim=1)
    assert ((out.images == photographs).all(dim=1) | other).all()
    assert 0.05 < out.share < 0.95


def test_a_stretch_is_as_long_as_its_share_unless_an_end_cuts_it_off() -> None:
    for share in (0.0, 0.03, 0.2, 0.25, 0.5, 0.97, 1.0):
        size = round(32 * share)
        stretches = [interval(32, share) for _ in range(300)]
        assert all(0 <= found.start <= found.stop <= 32 for found in stretches)
        inside = [found for found in stretches if found.start > 0 and found.stop < 32]
        assert {found.stop - found.start for found in inside} <= {size}
        assert max(found.stop - found.start for found in stretches) == size


@pytest.mark.parametrize("alpha", [1e-4, 0.2, 1.0, 5.0])
def test_a_share_is_drawn_from_its_distribution(alpha: float) -> None:
    torch.manual_seed(0)
    shares = np.array([beta(alpha) for _ in range(1000)])
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.mean() == pytest.approx(0.5, abs=0.06)
    if alpha > 0.1:
        assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.15)


JITTERS = {
    "brightness": ColourJitter(brightness=1.0, contrast=0.0, saturation=0.0),
    "contrast": ColourJitter(brightness=0.0, contrast=1.0, saturation=0.0),
    "saturation": ColourJitter(brightness=0.0, contrast=0.0, saturation=1.0),
}


def test_colours_stay_in_0_to_255_and_change_image_by_image(photographs: Tensor) -> None:
    for jitter in (*JITTERS.values(), ColourJitter(brightness=1, contrast=1, saturation=1)):
        out = after(jitter, photographs).images
        assert out.min() >= 0
        assert out.max() <= 255
        changed = (out - photographs).flatten(1).abs().amax(dim=1)
        assert (changed > 1).float().mean() > 0.9
        assert changed.std() > 5


def test_brightness_is_a_factor_of_each_image_s_own(photographs: Tensor) -> None:
    dark = photographs / 2  # so that no value is cut off at 255
    out = after(JITTERS["brightness"], dark).images
    factors = out.sum(dim=(1, 2, 3)) / dark.sum(dim=(1, 2, 3))
    torch.testing.assert_close(out, dark * factors.view(-1, 1, 1, 1))
    assert 0 <= factors.min() < 0.02
    assert 1.98 < factors.max() <= 2
    assert factors.mean() == pytest.approx(1, abs=0.05)


def test_contrast_spreads_values_around_the_mean_grey_of_the_image(photographs: Tensor) -> None:
    calm = 100 + photographs / 8
    out = after(JITTERS["contrast"], calm).images
    mean = grey(calm).mean(dim=(1, 2, 3), keepdim=True)
    torch.testing.assert_close(grey(out).mean(dim=(1, 2, 3), keepdim=True), mean)
    factors = (out - mean).abs().sum(dim=(1, 2, 3)) / (calm - mean).abs().sum(dim=(1, 2, 3))
    torch.testing.assert_close(out - mean, (calm - mean) * factors.view(-1, 1, 1, 1), rtol=1e-3, atol=1e-3)


def test_saturation_keeps_the_luma_and_leaves_grey_images_grey(photographs: Tensor) -> None:
    calm = 100 + photographs / 8
    out = after(JITTERS["saturation"], calm).images
    torch.testing.assert_close(grey(out), grey(calm), rtol=1e-4, atol=1e-3)
    assert (out - calm).abs().max() > 2
    colourless = grey(photographs).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(after(JITTERS["saturation"], colourless).images, colourless, rtol=1e-4, atol=1e-3)


def test_each_change_of_colour_begins_where_the_one_before_ended(photographs: Tensor) -> None:
    calm = 60 + photographs / 8
    out = after(ColourJitter(brightness=0.5, contrast=0.0, saturation=1.0), calm).images
    brighter = grey(out) / grey(calm)  # saturation leaves the luma that brightness made
    torch.testing.assert_close(brighter, brighter[:, :, :1, :1].expand_as(brighter), rtol=1e-4, atol=1e-4)
    assert brighter.min() < 0.6
    assert brighter.max() > 1.4


def test_factors_of_zero_change_nothing(photographs: Tensor) -> None:
    still = ColourJitter(brightness=0, contrast=0, saturation=0)
    assert torch.equal(after(still, photographs).images, photographs)


def test_luma_is_pillow_s(photographs: Tensor) -> None:
    from PIL import Image

    picture = photographs[7].permute(1, 2, 0).to(torch.uint8).numpy()
    expected = np.asarray(Image.fromarray(picture).convert("L"), np.float32)
    assert np.abs(grey(photographs[7:8])[0, 0].numpy() - expected).max() <= 1


def test_colours_change_before_an_image_is_prepared_and_all_else_after_it(photographs: Tensor) -> None:
    steps = [Flip(), ColourJitter(), Cutout()]
    for on_pixels, expected in ((True, [ColourJitter()]), (False, [Flip(), Cutout()])):
        torch.manual_seed(5)
        out = augmented(steps, batch(photographs), on_pixels=on_pixels).images
        torch.manual_seed(5)
        one_by_one = batch(photographs)
        for step in expected:
            one_by_one = step.apply(one_by_one)
        assert torch.equal(out, one_by_one.images)
    assert {kind.__name__ for kind in KINDS if kind.on_pixels} == {"ColourJitter"}


def test_a_training_batch_is_changed_on_both_sides_of_its_preparation(prepare: Prepare) -> None:
    run, splits = prepare(augment="cutout,colour-jitter", preprocess="standardise")
    session = new_session(run, splits, choose_hardware("float32"))
    images = pixels(torch.from_numpy(splits.train.batch(np.arange(50))))
    torch.manual_seed(5)
    out = prepared(session, batch(images)).images
    torch.manual_seed(5)
    expected = Cutout().apply(batch(session.lens.preprocess(ColourJitter().apply(batch(images)).images)))
    assert torch.equal(out, expected.images)
    assert (out == 0).any()  # the mean, where the pixels were standardised


def test_images_that_selection_goes_by_are_never_augmented(prepare: Prepare) -> None:
    every = "flip,pad-and-crop,cutout,mixup,colour-jitter"
    figures, sights = [], []
    for augment in ((), every):
        run, splits = prepare(augment=augment)
        torch.manual_seed(0)
        session = new_session(run, splits, choose_hardware("float32"))
        session.lens.network.train()
        indices = next(iter(batches_left(session)))
        sights.append(prepared(session, batch(pixels(torch.from_numpy(splits.train.batch(indices))))).images)
        before = torch.get_rng_state()
        figures.append(judge(session, StopRequest()))
        assert torch.equal(torch.get_rng_state(), before)
    assert figures[0] == figures[1]
    assert not torch.equal(*sights)


def resolved(**settings: Any) -> Recipe:
    return recipes.find("four-by-four").resolve(settings)


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        ("flip,pad-and-crop", (Flip(), PadAndCrop())),
        ("cutmix", (CutMix(),)),
        ("colour-jitter,cutout,mixup", (ColourJitter(), Cutout(), Mixup())),
        ('[{"kind": "pad-and-crop", "pixels": 2, "fill": "zero"}]', (PadAndCrop(pixels=2, fill="zero"),)),
        ("none", ()),
        ("[]", ()),
    ],
)
def test_steps_are_named_at_the_command_line(typed: str, steps: tuple[Augment, ...]) -> None:
    recipe = resolved(augment=typed)
    assert recipe.augment == steps
    assert type(recipe).restored(recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("mixup,cutmix", r"^augment mixes images twice: mixup or cutmix, once$"),
        ("flip,mixup,mixup", r"^augment mixes images twice"),
        ("flop", r"'flop' .*'flip', 'pad-and-crop', 'cutout', 'mixup', 'cutmix', 'colour-jitter'"),
        ('[{"kind": "pad-and-crop", "pixels": 0}]', r"pixels=0: input should be greater than or equal to 1"),
        ('[{"kind": "mixup", "alpha": 0}]', r"alpha=0: input should be greater than 0"),
        ('[{"kind": "colour-jitter", "contrast": 1.5}]', r"contrast=1.5: input should be less than or equal to 1"),
        ('[{"kind": "flip", "share": 0.5}]', r"share"),
    ],
)
def test_what_cannot_be_done_to_images_is_told_in_one_line(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as failed:
        resolved(augment=typed)
    assert re.search(said, str(failed.value))
    assert "\n" not in str(failed.value)
