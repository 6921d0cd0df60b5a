"""Calibration: the temperature against another way to it, and the reliability bins against scikit-learn's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.calibration import calibration_curve
from tests.evaluation.test_metrics import random_predictions

from tinylens.evaluation.calibration import (
    calibration_interval,
    expected_calibration_error,
    fit_temperature,
    reliability,
)


def overconfident(count: int, seed: int = 0, sharpness: float = 2.5) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose probabilities would be right were they divided by `sharpness`, and labels drawn from those."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(size=(count, 5)) * 1.5
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (draw.random(count)[:, None] > chances.cumsum(axis=1)).sum(axis=1).clip(0, 4)
    return (logits * sharpness).astype(np.float32), labels


def by_gradients(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that the paper's authors would find, by LBFGS on the mean loss."""
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    scores, truth = torch.from_numpy(logits).double(), torch.from_numpy(labels)
    optimizer = torch.optim.LBFGS([log_temperature], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(scores / log_temperature.exp(), truth)
        value.backward()
        return value

    optimizer.step(loss)
    return log_temperature.exp().item()


def test_the_temperature_is_found_and_agrees_with_gradients() -> None:
    logits, labels = overconfident(4000)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(2.5, rel=0.05)
    assert found == pytest.approx(by_gradients(logits, labels), rel=1e-3)
    assert fit_temperature(logits / 2.5, labels) == pytest.approx(1, rel=0.05)


def test_the_temperature_makes_other_images_calibrated_too() -> None:
    temperature = fit_temperature(*overconfident(4000))
    logits, labels = (torch.from_numpy(part) for part in overconfident(4000, seed=1))
    assert expected_calibration_error(logits, labels) > 0.2
    assert expected_calibration_error(logits / temperature, labels) < 0.03


def test_few_images_that_are_all_right_do_not_make_a_lens_certain() -> None:
    few = np.eye(5, dtype=np.float32)[np.arange(10) % 5] * 3
    assert 0.3 < fit_temperature(few, np.arange(10) % 5) < 1
    wrong = np.arange(1, 11) % 5
    assert 1 < fit_temperature(few, wrong) < 10


def test_bins_agree_with_scikit_learn() -> None:
    p = random_predictions()
    logits, labels = torch.from_numpy(p.logits), torch.from_numpy(p.labels)
    bins = reliability(logits, labels)
    truth, confidence = calibration_curve(p.correct, p.confidence, n_bins=15)
    assert [bin.accuracy for bin in bins] == pytest.approx(truth)
    assert [bin.confidence for bin in bins] == pytest.approx(confidence)
    assert sum(bin.images for bin in bins) == len(p)
    gap = sum(bin.images * abs(bin.accuracy - bin.confidence) for bin in bins) / len(p)
    assert gap == pytest.approx(expected_calibration_error(logits, labels), abs=1e-6)
    assert all(bin.low <= bin.confidence <= bin.high for bin in bins)
    assert all(bin.interval[0] <= bin.accuracy <= bin.interval[1] for bin in bins)


def test_the_interval_of_the_error_lies_about_it_and_narrows() -> None:
    wide, narrow = ([torch.from_numpy(part) for part in overconfident(count, sharpness=1.5)] for count in (300, 6000))
    for logits, labels in (wide, narrow):
        low, high = calibration_interval(logits, labels)
        assert 0 <= low <= expected_calibration_error(logits, labels) <= high <= 1
    spans = [high - low for low, high in (calibration_interval(*wide), calibration_interval(*narrow))]
    assert spans[1] < spans[0] / 2


@pytest.mark.parametrize(("runs", "off"), [(60, 0.1), pytest.param(2000, 0.01, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("sharpness", "nominal"), [(1.0, 0.975), (1.1, 0.95), (1.5, 0.95), (3.0, 0.95)])
def test_the_interval_of_the_error_holds_the_truth_of_many_runs(
    sharpness: float, nominal: float, runs: int, off: float
) -> None:
    """The truth is the error of so many images that the bias of the binned estimate is gone.

    Where it is 0, no interval can lie below it: only the errors that are too high to be of it miss it, one in 40.
    """
    truth = expected_calibration_error(*(torch.from_numpy(part) for part in overconfident(400_000, 1, sharpness)))
    held = 0
    for run in range(runs):
        logits, labels = (torch.from_numpy(part) for part in overconfident(1000, 10 + run, sharpness))
        low, high = calibration_interval(logits, labels)
        held += low <= truth <= high
    print(f"sharpness {sharpness}: {held / runs:.3f} of the intervals hold the true error")
    assert abs(held / runs - nominal) <= off
