"""Confident learning: which labels are probably wrong, from predictions of images that were not trained on.

Source: Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR 70,
section 3; pruning by class, ranked by margin. By pairs of classes, numbers below a half would be rounded away.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Images whose label is probably wrong, those first of which that is surest.

    positions: among the predictions. suggested: the class that each seems to be. margins: the probability of that class
    less that of the label. joint: estimated share of all images by given label (row) and true class (column).
    """

    positions: Int[np.ndarray, " e"]
    suggested: Int[np.ndarray, " e"]
    margins: Float[np.ndarray, " e"]
    joint: Float[np.ndarray, "k k"]

    @property
    def noise(self) -> float:
        """The estimated share of wrong labels."""
        return float(1 - np.trace(self.joint))


def label_errors(probabilities: Float[np.ndarray, "n k"], labels: Int[np.ndarray, " n"]) -> LabelErrors:
    """Estimate how often each class is labelled as each other, and name as many images as that makes.

    probabilities: of images that the lens was not trained on; trained on, it has learned the wrong labels too.
    Raises ValueError where there are no images.
    """
    joint = joint_distribution(probabilities, labels)
    wanted = np.round((joint.sum(axis=1) - joint.diagonal()) * len(labels)).astype(np.int64)
    rows, predicted = np.arange(len(labels)), probabilities.argmax(axis=1)
    margins = probabilities[rows, predicted] - probabilities[rows, labels]
    chosen = []
    for given, number in enumerate(wanted.tolist()):
        doubtful = np.flatnonzero((labels == given) & (margins > 0))
        chosen.append(doubtful[np.argsort(-margins[doubtful], kind="stable")[:number]])
    positions = np.sort(np.concatenate(chosen))
    order = positions[np.argsort(-margins[positions], kind="stable")]
    return LabelErrors(order, predicted[order], margins[order], joint)


def joint_distribution(
    probabilities: Float[np.ndarray, "n k"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "k k"]:
    """The estimated share of images with each given label (row) and each true class (column); sums to 1.

    An image counts as of a class where that is at least as probable as it is on average in the images labelled so;
    of several such classes, as of the most probable. The rows are then scaled to the number of labels that there are.
    """
    if len(labels) == 0:
        raise ValueError("no images to estimate from")
    k = probabilities.shape[1]
    counts = np.bincount(labels, minlength=k)
    own = np.bincount(labels, weights=probabilities[np.arange(len(labels)), labels], minlength=k)
    thresholds = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    true = confident.argmax(axis=1)
    sure = confident.max(axis=1) >= 0
    joint = np.zeros((k, k))
    np.add.at(joint, (labels[sure], true[sure]), 1)
    unknown = joint.sum(axis=1) == 0
    joint[unknown, unknown] = 1  # nothing is known against these labels
    scaled = joint / joint.sum(axis=1, keepdims=True) * counts[:, None]
    return scaled / scaled.sum()
