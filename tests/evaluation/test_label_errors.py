"""Confident learning, by hand and on labels that were made wrong."""

import numpy as np
import pytest

from tinylens.evaluation.label_errors import joint_distribution, label_errors


def test_the_joint_distribution_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    # Thresholds: class 0 (0.9 + 0.7 + 0.2) / 3 = 0.6, class 1 (0.9 + 0.7 + 0.2) / 3 = 0.6.
    # Counted: 0 as 0 twice, 0 as 1 once; 1 as 1 twice, 1 as 0 once.
    np.testing.assert_allclose(joint_distribution(probabilities, labels), np.array([[2, 1], [1, 2]]) / 6)
    found = label_errors(probabilities, labels)
    assert found.positions.tolist() == [2, 5]
    assert found.suggested.tolist() == [1, 0]
    np.testing.assert_allclose(found.margins, [0.6, 0.6])
    assert found.noise == pytest.approx(1 / 3)


def test_an_image_below_every_threshold_is_not_counted_but_its_label_is() -> None:
    probabilities = np.array([[0.95, 0.05], [0.55, 0.45], [0.05, 0.95], [0.05, 0.95]])
    joint = joint_distribution(probabilities, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(joint, [[0.5, 0], [0, 0.5]])


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.2])
def test_labels_made_wrong_are_found_and_their_share_estimated(noise: float) -> None:
    generator = np.random.default_rng(1)
    k, n = 6, 6000
    truth = generator.integers(0, k, n)
    logits = generator.normal(size=(n, k)) + 4 * np.eye(k)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wrong = generator.random(n) < noise
    labels = np.where(wrong, (truth + generator.integers(1, k, n)) % k, truth)
    found = label_errors(probabilities, labels)
    assert abs(found.noise - noise) < 0.02
    if noise:
        hits = wrong[found.positions]
        assert hits.mean() > 0.8
        assert hits.sum() / wrong.sum() > 0.85
        assert hits[: len(hits) // 4].mean() > 0.97
        assert (found.suggested[hits] == truth[found.positions[hits]]).mean() > 0.95
    else:
        assert len(found.positions) < 0.02 * n
    assert (np.diff(found.margins) <= 0).all()


def test_a_class_without_labels_and_no_images() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    joint = joint_distribution(probabilities, np.array([0, 1, 1]))
    assert joint.sum() == pytest.approx(1)
    assert joint[:, 2].sum() == joint[2].sum() == 0
    with pytest.raises(ValueError, match="no images"):
        joint_distribution(np.zeros((0, 2)), np.zeros(0, np.int64))
