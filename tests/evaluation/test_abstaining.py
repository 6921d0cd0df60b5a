"""The risk-coverage curve against a slow loop."""

import numpy as np
import pytest

from tinylens.evaluation.abstaining import risk_coverage


def test_the_curve_agrees_with_a_slow_loop() -> None:
    draw = np.random.default_rng(0)
    confidence = draw.random(200)
    correct = draw.random(200) < confidence
    curve = risk_coverage(confidence, correct)
    surest = np.argsort(-confidence)
    for answered in (1, 7, 100, 200):
        assert curve.coverage[answered - 1] == answered / 200
        assert curve.risk[answered - 1] == pytest.approx(np.mean(~correct[surest[:answered]]))
    assert curve.area == pytest.approx(curve.risk.mean())
    assert curve.risk_at(0.5) == curve.risk[99]
    assert curve.risk_at(1.0) == pytest.approx(np.mean(~correct))


def test_images_of_the_same_confidence_come_in_no_order() -> None:
    confidence = np.array([0.5, 0.5, 0.9, 0.5])
    correct = np.array([True, False, True, True])
    curve = risk_coverage(confidence, correct)
    assert curve.risk == pytest.approx([0, 1 / 6, 2 / 9, 1 / 4])
    again = risk_coverage(confidence[::-1].copy(), correct[::-1].copy())
    assert curve.risk == pytest.approx(again.risk)


def test_how_many_images_can_be_answered_within_a_risk() -> None:
    curve = risk_coverage(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]))
    assert curve.coverage_at(0.0) == 0.5
    assert curve.coverage_at(0.25) == 1.0
    assert risk_coverage(np.array([0.9]), np.array([False])).coverage_at(0.1) == 0
