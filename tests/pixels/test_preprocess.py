"""Preprocessing: what it does to the numbers, and that it is kept."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tinylens import recipes
from tinylens.data import Dataset, Splits, load_data
from tinylens.errors import TinylensError, TrainingError
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens
from tinylens.pixels.preprocess import (
    BATCH,
    ZCA,
    Affine,
    Centre,
    GlobalContrast,
    Scale,
    Standardise,
    TrainingImages,
    fit_steps,
    unfitted_steps,
)
from tinylens.runs import Run
from tinylens.training.fit import fit, new_session

Prepare = Callable[..., tuple[Run, Splits]]


def floats(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def doubles(images: np.ndarray) -> np.ndarray:
    """Images as numpy sees them for the formulas: float64 (n, 3, h, w)."""
    return images.transpose(0, 3, 1, 2).astype(np.float64)


def of(images: np.ndarray) -> Dataset:
    """A training split of these images alone."""
    return Dataset(images, np.arange(len(images)), np.arange(len(images)) % 2, ("a", "b"), "train")


@pytest.fixture(scope="module")
def small_digits() -> Splits:
    """The digits at 8x8 pixels, as they are: an image is 192 numbers."""
    return load_data("digits", image_size=8)


@pytest.fixture(params=["digits", "photographs", "cifar10"], scope="module")
def real(request: pytest.FixtureRequest) -> tuple[Dataset, np.ndarray]:
    """Training images, more than a batch of them, and other ones: always some, and CIFAR-10 where it is here."""
    if request.param == "digits":
        splits = request.getfixturevalue("small_digits")
        return splits.train, splits.test.images[:200]
    if request.param == "photographs":
        mixed = np.random.default_rng(0).permutation(request.getfixturevalue("patches"))
        return of(mixed[:1600]), mixed[1600:]
    root = request.getfixturevalue("cifar_root")
    whole = load_data("cifar10", data_dir=root)
    middle = np.s_[:, 8:24, 8:24]  # 768 numbers: a matrix that is found in a moment
    train, test = whole.train.sample(1500, 0), whole.test.sample(200, 0)
    return of(np.ascontiguousarray(train.images[middle])), np.ascontiguousarray(test.images[middle])


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


def test_centre_takes_the_training_images_mean_of_each_channel_and_nothing_else(
    real: tuple[Dataset, np.ndarray],
) -> None:
    training, others = real
    mean = doubles(training.images).mean(axis=(0, 2, 3))
    out = fit_steps((Centre(),), training)(floats(others)).numpy()
    np.testing.assert_allclose(out, doubles(others) - mean[:, None, None], atol=1e-4)


@pytest.mark.parametrize(
    ("scale", "bias", "before"),
    [(1.0, 0.003, ()), (55.0, 0.0, ()), (1.0, 0.003, (Scale(),)), (None, 0.003, ()), (2.0, 0.3, ())],
)
def test_global_contrast_is_the_formula(
    real: tuple[Dataset, np.ndarray], scale: float | None, bias: float, before: tuple[Scale, ...]
) -> None:
    training, others = real
    unit = 255 if before else 1
    images = doubles(others) / unit
    spread = np.mean([np.var(image / unit) for image in doubles(training.images)])
    expected = np.empty_like(images)
    for i, image in enumerate(images):
        centred = image - image.mean()
        expected[i] = centred if scale is None else scale * centred / np.sqrt(bias * spread + np.mean(centred**2))
    out = fit_steps((*before, GlobalContrast(scale=scale, bias=bias)), training)(floats(others))
    np.testing.assert_allclose(out.numpy(), expected, atol=2e-6 * np.abs(expected).max() + 1e-7)


def test_global_contrast_s_scale_is_the_deviation_that_images_get_and_its_bias_holds_it_down(
    small_digits: Splits,
) -> None:
    images = floats(small_digits.train.images)
    deviation = images.std(dim=(1, 2, 3), correction=0)

    def after(scale: float | None, bias: float) -> torch.Tensor:
        out = fit_steps((GlobalContrast(scale=scale, bias=bias),), small_digits.train)(images)
        return out.std(dim=(1, 2, 3), correction=0)

    assert torch.allclose(after(3.0, 0.0), torch.tensor(3.0))
    mean = (deviation**2).mean()
    assert torch.allclose(after(1.0, 0.5), deviation / (0.5 * mean + deviation**2).sqrt())
    assert torch.allclose(after(None, 0.5), deviation)
    faint = torch.full((1, 3, 8, 8), 200.0)
    faint[0, 0, 0, 0] = 201
    steps = (fit_steps((GlobalContrast(bias=bias),), small_digits.train) for bias in (0.003, 0.0))
    kept, blown_up = (step(faint).abs().max() for step in steps)
    assert kept < 0.5
    assert blown_up > 10


@pytest.mark.parametrize("bias", [0.0, 0.003])
@pytest.mark.parametrize("before", [(), (Scale(),), (Scale(minimum=-0.5, maximum=0.5),), (Standardise(),)])
def test_an_image_without_contrast_becomes_nothing(small_digits: Splits, before: tuple[Any, ...], bias: float) -> None:
    flat = np.arange(256, dtype=np.uint8)[:, None, None, None].repeat(32, 1).repeat(32, 2).repeat(3, 3)
    images = floats(flat).requires_grad_()
    out = fit_steps((*before, GlobalContrast(bias=bias)), small_digits.train)(images)
    assert out.abs().max() < 1e-5
    out.sum().backward()
    assert torch.isfinite(images.grad).all()


def zca(training: np.ndarray, images: np.ndarray, epsilon: float) -> np.ndarray:
    """ZCA in float64, from the singular values of the training images themselves, whose squares are eigenvalues."""
    rows, mean = training.reshape(len(training), -1), training.reshape(len(training), -1).mean(axis=0)
    _, singular, directions = np.linalg.svd(rows - mean, full_matrices=False)
    variances = singular**2 / len(rows)
    along = (images.reshape(len(images), -1) - mean) @ directions.T
    return (along / np.sqrt(variances + epsilon * variances.mean()) @ directions).reshape(images.shape)


@pytest.mark.parametrize("epsilon", [0.1, 1.6e-5])
def test_zca_is_the_formula(real: tuple[Dataset, np.ndarray], epsilon: float) -> None:
    training, others = real
    out = fit_steps((ZCA(epsilon=epsilon),), training)(floats(others)).numpy()
    expected = zca(doubles(training.images), doubles(others), epsilon)
    assert expected.std() > 0.05
    np.testing.assert_allclose(out, expected, atol=1e-3 * expected.std())


def test_zca_after_scale_and_sample_wise_centring_is_the_formula_on_what_they_make(
    real: tuple[Dataset, np.ndarray],
) -> None:
    training, others = real
    out = fit_steps((Scale(), GlobalContrast(scale=None), ZCA()), training)(floats(others)).numpy()
    before = [doubles(images) / 255 for images in (training.images, others)]
    expected = zca(*(images - images.mean(axis=(1, 2, 3), keepdims=True) for images in before), 0.1)
    np.testing.assert_allclose(out, expected, atol=1e-3 * expected.std())


def test_what_zca_whitened_has_the_covariance_that_epsilon_leaves(real: tuple[Dataset, np.ndarray]) -> None:
    training, _ = real
    whitening = fit_steps((Scale(), ZCA(epsilon=0.1)), training)
    images = training.images
    before = np.cov(doubles(images).reshape(len(images), -1) / 255, rowvar=False, bias=True)
    after = np.cov(whitening(floats(images)).flatten(1).double().numpy(), rowvar=False, bias=True)
    # U diag(l / (l + epsilon · mean l)) U^T, without its eigenvectors
    expected = before @ np.linalg.inv(before + 0.1 * np.trace(before) / len(before) * np.eye(len(before)))
    np.testing.assert_allclose(after, expected, atol=1e-4)
    assert np.linalg.eigvalsh(after).max() == pytest.approx(1, abs=0.05)


def test_zca_stays_near_the_image_and_channels_last(real: tuple[Dataset, np.ndarray]) -> None:
    training, others = real
    out = fit_steps((ZCA(),), training)(floats(others))
    assert out.is_contiguous(memory_format=torch.channels_last)
    centred = floats(others) - floats(training.images).mean(dim=0)
    alike = torch.nn.functional.cosine_similarity(out.flatten(1), centred.flatten(1))
    assert alike.min() > 0  # in the direction of each image: a rotation, as PCA's, would not be
    assert alike.mean() > 0.4


def test_zca_of_images_that_are_all_alike_gives_no_more_than_rounding(small_digits: Splits) -> None:
    alike = of(np.full((6, 4, 4, 3), 90, np.uint8))
    assert not fit_steps((ZCA(),), alike)(floats(alike.images)).any()


@pytest.mark.parametrize("side", [65, 1024])
def test_an_image_too_large_for_zca_is_refused_in_one_line(side: int) -> None:
    images = np.zeros((2, side, side, 3), np.uint8)
    for refused in (lambda: fit_steps((ZCA(),), of(images)), lambda: unfitted_steps((ZCA(),), (side, side))):
        with pytest.raises(TrainingError, match=rf"zca: .* {side}x{side} images .*; at most 64x64 pixels") as failed:
            refused()
        assert "\n" not in str(failed.value)
    assert unfitted_steps((Scale(),), (side, side))[0].scale.numel() == 3


def test_the_size_that_is_refused_is_told_before_training(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", 20, preprocess="zca", image_size=72)
    with pytest.raises(TinylensError, match=r"--set image_size=32") as failed:
        fit(run, splits, progress=False)
    assert "\n" not in str(failed.value)


def test_a_step_is_fitted_to_what_those_before_it_make(small_digits: Splits) -> None:
    images = floats(small_digits.test.images)
    alone = fit_steps((Standardise(),), small_digits.train)(images)
    for before in ((Scale(),), (Scale(minimum=3, maximum=-2),), (Centre(),), (Scale(), Centre()), (Standardise(),)):
        after = fit_steps((*before, Standardise()), small_digits.train)(images)
        turned = -1 if before == (Scale(minimum=3, maximum=-2),) else 1
        assert torch.allclose(after * turned, alone, atol=1e-4)


def test_every_training_image_is_seen_after_the_steps_before_as_often_as_it_is_asked_for(small_digits: Splits) -> None:
    dataset, half = small_digits.train, Affine([0.5] * 3, [1.0, 2.0, 3.0])
    training = TrainingImages(dataset, half)
    expected = half(floats(dataset.images))
    for _ in range(2):
        batches = list(training)
        assert [len(batch) for batch in batches] == [BATCH, len(dataset) - BATCH]
        assert torch.equal(torch.cat(batches), expected)
    assert training.image_size == (8, 8)
    expected_mean = doubles(dataset.images).mean(axis=(0, 2, 3)) / 2 + [1, 2, 3]
    np.testing.assert_allclose(training.channel_mean(), expected_mean, rtol=1e-6)


EVERY = (Scale(), Centre(), Standardise(), GlobalContrast(scale=2.0, bias=0.01), ZCA(epsilon=0.05))


def test_numbers_come_from_the_training_images_only(small_digits: Splits) -> None:
    train, test = small_digits.train, small_digits.test
    others = np.setdiff1d(np.arange(len(train.store)), train.rows)
    assert len(others) == len(test)
    store = train.store.copy()  # which training and test images share
    store[others] = 255 - store[others]
    again = replace(small_digits, train=replace(train, store=store), test=replace(test, store=store))
    first, second = (fit_steps(EVERY, splits.train).state_dict() for splits in (small_digits, again))
    assert len(first) == 9
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not np.array_equal(again.test.images, test.images)
    store[train.rows[0]] = 255 - store[train.rows[0]]
    third = fit_steps(EVERY, again.train).state_dict()
    assert not any(torch.equal(first[name], third[name]) for name in ("1.shift", "2.scale", "4.mean", "4.matrix"))


def test_a_session_fits_to_what_is_left_of_the_training_images(prepare: Prepare) -> None:
    run, splits = prepare(preprocess="centre")
    assert splits.validation is not None
    mean = doubles(splits.train.images).mean(axis=(0, 2, 3))
    session = new_session(run, splits, choose_hardware("float32"))
    np.testing.assert_allclose(session.lens.preprocess[0].shift.flatten(), -mean, rtol=1e-6)


def test_the_numbers_travel_with_the_state(small_digits: Splits) -> None:
    fitted = fit_steps(EVERY, small_digits.train)
    unfitted = unfitted_steps(EVERY, (8, 8))
    images = floats(small_digits.test.images[:9])
    assert not torch.equal(fitted(images), unfitted(images))
    unfitted.load_state_dict(fitted.state_dict())
    assert torch.equal(fitted(images), unfitted(images))
    assert torch.equal(Affine()(images), images)


def test_the_numbers_travel_with_a_lens(prepare: Prepare, tmp_path: Path) -> None:
    run, splits = prepare(preprocess="scale,global-contrast,zca")
    lens = new_session(run, splits, choose_hardware("float32")).lens
    lens.recipe_name = str(Path(run.recipe_name).name)
    lens.save(run.path / "lens")
    again, images = Lens.load(run.path), splits.test.images
    assert again.recipe.preprocess == (Scale(), GlobalContrast(), ZCA())
    assert torch.equal(again.preprocess[2].matrix, lens.preprocess[2].matrix)
    assert torch.equal(again.preprocess(floats(images)), lens.preprocess(floats(images)))
    assert torch.equal(again.logits(images), lens.logits(images))


def test_channels_last_stays_channels_last(small_digits: Splits) -> None:
    for count in range(1, len(EVERY) + 1):
        out = fit_steps(EVERY[:count], small_digits.train)(floats(small_digits.test.images[:9]))
        assert out.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("settings", [{"global-contrast": {"scale": 0}}, {"zca": {"epsilon": 0}}])
def test_numbers_that_would_divide_by_nothing_are_refused(settings: dict[str, dict[str, float]]) -> None:
    ((kind, fields),) = settings.items()
    with pytest.raises(TinylensError, match="greater than 0") as failed:
        recipes.find("four-by-four").resolve({"preprocess": [{"kind": kind, **fields}]})
    assert "\n" not in str(failed.value)


@pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="the most memory that a process held is not told here"
)
@pytest.mark.parametrize("step", ["Standardise", "GlobalContrast"])
def test_fitting_takes_no_more_memory_for_more_images(step: str) -> None:
    """In a process of its own: the most memory that it held is never less than before."""
    source = f"""
import numpy as np
from tinylens.data import Dataset
from tinylens.hardware import keep_freed_memory
from tinylens.pixels.preprocess import {step}, fit_steps

def most():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024

def fit(count):
    store, rows = np.zeros((100, 32, 32, 3), np.uint8), np.arange(count) % 100
    fit_steps([{step}()], Dataset(store, rows, rows % 10, tuple("abcdefghij"), "train"))

keep_freed_memory()
fit(5000)
before = most()
fit(60_000)
print(most() - before)
"""
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 150  # MiB; with a tensor kept of each batch it is 500 and more
