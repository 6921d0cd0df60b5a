"""Metrics against scikit-learn and against formulas written out."""

import json

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from tinylens.conformal import Conformal
from tinylens.evaluation.calibration import calibration_floor, expected_calibration_error
from tinylens.evaluation.judge import calibrated
from tinylens.evaluation.metrics import measure
from tinylens.evaluation.predictions import Predictions

CLASSES = tuple("abcdefghijkl")


def random_predictions(count: int = 500, classes: tuple[str, ...] = CLASSES, **about: object) -> Predictions:
    """Predictions that are right more often than not; the last class is never predicted."""
    random = np.random.default_rng(0)
    labels = random.integers(len(classes), size=count)
    logits = random.normal(size=(count, len(classes))).astype(np.float32)
    logits[np.arange(count), labels] += 2
    logits[:, -1] = -20
    return Predictions(logits, labels, classes, "test", "f" * 64, **about)  # type: ignore[arg-type]


def test_figures_agree_with_scikit_learn() -> None:
    p = random_predictions()
    m = measure(p)
    probabilities = torch.from_numpy(p.logits).double().softmax(dim=1).numpy()
    assert m.accuracy == pytest.approx(sk.accuracy_score(p.labels, p.predicted))
    assert m.loss == pytest.approx(sk.log_loss(p.labels, probabilities, labels=np.arange(12)), rel=1e-5)
    assert m.top5 == pytest.approx(sk.top_k_accuracy_score(p.labels, p.logits, k=5, labels=np.arange(12)))
    assert m.macro_f1 == pytest.approx(sk.f1_score(p.labels, p.predicted, average="macro", zero_division=0))
    assert np.array_equal(m.confusion, sk.confusion_matrix(p.labels, p.predicted, labels=np.arange(12)))
    assert m.images == 500


def test_a_class_that_is_never_predicted_has_precision_and_f1_of_zero() -> None:
    last = measure(random_predictions()).per_class[-1]
    assert (last.name, last.precision, last.recall, last.f1) == ("l", 0, 0, 0)
    assert last.images > 0


def test_averages_are_those_of_scikit_learn_s_classification_report() -> None:
    p = random_predictions()
    m = measure(p)
    expected = sk.classification_report(
        p.labels, p.predicted, labels=np.arange(12), target_names=CLASSES, output_dict=True, zero_division=0
    )
    assert m.accuracy == pytest.approx(expected["accuracy"])
    for figures in (*m.per_class, m.macro_average, m.weighted_average):
        known = expected[figures.name]
        assert (figures.precision, figures.recall, figures.f1, figures.images) == pytest.approx(
            (known["precision"], known["recall"], known["f1-score"], known["support"])
        )
    value = m.to_json()
    assert value["macro_f1"] == value["macro_average"]["f1"] == m.macro_f1


def test_calibration_error_agrees_with_a_slow_loop() -> None:
    p = random_predictions()
    probabilities = torch.from_numpy(p.logits).softmax(dim=1).numpy()
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == p.labels
    expected = 0.0
    for i in range(15):
        inside = (confidence > i / 15) & (confidence <= (i + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert measure(p).calibration_error == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("logit", "wrong", "expected"), [(100.0, False, 0), (100.0, True, 1), (0.0, False, 0.5)])
def test_calibration_error_of_known_cases(logit: float, wrong: bool, expected: float) -> None:
    logits = torch.tensor([[logit, 0.0]]).repeat(8, 1)
    assert expected_calibration_error(logits, torch.full((8,), int(wrong))) == pytest.approx(expected)


def test_calibration_error_refuses_nothing_and_no_bins() -> None:
    with pytest.raises(ValueError, match="at least one"):
        expected_calibration_error(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64))
    with pytest.raises(ValueError, match="at least one"):
        expected_calibration_error(torch.zeros(1, 2), torch.zeros(1, dtype=torch.int64), num_bins=0)


def test_temperature_moves_calibration_and_loss_and_nothing_else() -> None:
    cold, warm = measure(random_predictions()), measure(random_predictions(temperature=3.0))
    assert (cold.accuracy, cold.top5) == (warm.accuracy, warm.top5)
    assert cold.calibration_error != warm.calibration_error
    assert cold.loss != warm.loss


def test_the_calibration_floor_is_what_calibrated_predictions_show() -> None:
    draw = np.random.default_rng(5)
    logits = torch.from_numpy(draw.normal(size=(400, 12)).astype(np.float32) * 2)
    chances = logits.softmax(dim=1)
    errors = [
        expected_calibration_error(
            logits, torch.multinomial(chances, 1, generator=torch.Generator().manual_seed(i))[:, 0]
        )
        for i in range(200)
    ]
    assert calibration_floor(logits) == pytest.approx(np.mean(errors), rel=0.1)
    assert calibration_floor(logits[:40]) > 2 * calibration_floor(logits)


def test_intervals_hold_their_figures_and_sets_are_measured_where_there_are_any() -> None:
    p = random_predictions()
    m = measure(p)
    assert m.macro_f1_interval[0] < m.macro_f1 < m.macro_f1_interval[1]
    assert m.calibration_interval[0] <= m.calibration_error <= m.calibration_interval[1]
    assert m.calibration_before == m.calibration_error
    assert m.sets is None
    conformal = Conformal.fitted(p.probabilities, p.labels)
    sets = measure(random_predictions(conformal=conformal)).sets
    assert sets is not None
    assert [one.asked for one in sets] == [0.8, 0.9, 0.95, 0.99]
    assert all(one.covered == pytest.approx(one.asked, abs=0.01) for one in sets)  # they were fitted on these images
    told = conformal.sets(p.probabilities, 0.9)
    assert sets[1].size == pytest.approx(told.sum(axis=1).mean())
    assert sets[1].single + sets[1].empty == pytest.approx((told.sum(axis=1) < 2).mean())


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("count", [2, 8])
def test_all_right_or_all_wrong_and_one_image_a_class_have_figures(count: int, right: bool) -> None:
    labels = np.arange(count) % 2
    logits = (np.eye(2)[labels if right else 1 - labels] * 5).astype(np.float32)
    p = calibrated(Predictions(logits, labels, ("a", "b"), "test", "f" * 64))
    assert 0.01 < p.temperature < 1 if right else 1 < p.temperature < 100
    m = measure(p)
    assert m.accuracy == m.macro_f1 == 1 - m.risk_area == right
    assert m.calibration_interval[0] - 1e-9 <= m.calibration_error <= m.calibration_interval[1]
    assert m.sets is not None
    assert m.sets[-1].covered == 1
    json.dumps(m.to_json(), allow_nan=False)


def test_with_no_more_than_five_classes_there_is_no_top_5() -> None:
    few = measure(random_predictions(50, ("a", "b")))
    assert few.top5 is few.top5_interval is None


def test_superclasses_are_judged_where_there_are_any() -> None:
    groups = tuple("xxxxyyyyzzzz")
    p = random_predictions(superclasses=groups)
    expected = np.mean([groups[i] == groups[j] for i, j in zip(p.predicted, p.labels, strict=True)])
    m = measure(p)
    assert m.superclass_accuracy == pytest.approx(expected)
    assert m.superclass_interval is not None
    assert m.superclass_interval[0] < expected < m.superclass_interval[1]
    assert measure(random_predictions()).superclass_accuracy is None


def test_labels_of_any_whole_type_are_taken() -> None:
    p = random_predictions()
    small = Predictions(p.logits, p.labels.astype(np.int32), p.classes, p.split, p.fingerprint)
    assert measure(small) == measure(p)


def test_figures_are_plain_values() -> None:
    value = measure(random_predictions(superclasses=tuple("xxxxyyyyzzzz"))).to_json()
    assert json.loads(json.dumps(value, allow_nan=False))["most_confused"][0]["words"]
