"""The bootstrap: how far a figure would wander among other images like these, each class as often as it is here."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

DRAWS = 1000
BLOCK = 1 << 21  # weights in memory at a time, 16 MB

# The figure of each of several sets of images, from how often each image is in them.
Statistic = Callable[[Float[np.ndarray, "b n"]], Float[np.ndarray, " b *more"]]


def bootstrap(
    statistic: Statistic, labels: Int[np.ndarray, " n"], *, draws: int = DRAWS, seed: int = 0
) -> Float[np.ndarray, " draws *more"]:
    """A statistic of so many sets of images, drawn with replacement within each class, always the same ones.

    labels: the classes of the images. Drawing within classes keeps their numbers, as a test set that was made with so
    many of each would. An image that is alone in its class would never vary: all such are drawn from together.
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 13.
    """
    generator = np.random.default_rng(seed)
    sizes = np.bincount(labels)
    strata = np.where(sizes > 1, np.arange(len(sizes)), len(sizes))[labels]
    order, sizes = np.argsort(strata, kind="stable"), np.bincount(strata)
    size = np.repeat(sizes, sizes)  # of the class of each image, in that order, and where the class begins
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    step = max(1, BLOCK // len(labels))
    found = []
    for done in range(0, draws, step):
        sets = min(step, draws - done)
        drawn = order[start + (generator.random((sets, len(labels))) * size).astype(np.int64)]
        places = drawn + np.arange(sets)[:, None] * len(labels)
        weights = np.bincount(places.ravel(), minlength=sets * len(labels)).reshape(sets, -1)
        found.append(statistic(weights.astype(float)))
    return np.concatenate(found)


def percentiles(
    values: Float[np.ndarray, " draws *more"], confidence: float = 0.95
) -> tuple[Float[np.ndarray, "*more"], Float[np.ndarray, "*more"]]:
    """The interval that holds the middle share of bootstrapped values: its lower and its upper ends."""
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return np.asarray(low), np.asarray(high)


def mean_of(values: Float[np.ndarray, " n *more"]) -> Statistic:
    """The statistic that is the mean of a value of each image."""
    flat = values.reshape(len(values), -1)

    def means(weights: Float[np.ndarray, "b n"]) -> Float[np.ndarray, " b *more"]:
        return (weights @ flat / len(flat)).reshape(len(weights), *values.shape[1:])

    return means


def macro_f1_of(labels: Int[np.ndarray, " n"], predicted: Int[np.ndarray, " n"], classes: int) -> Statistic:
    """The statistic that is the plain mean of the classes' F1; 0 for a class that is neither there nor predicted."""
    said = np.eye(classes)[predicted]
    true = np.eye(classes)[labels]

    def macro_f1s(weights: Float[np.ndarray, "b n"]) -> Float[np.ndarray, " b"]:
        right = weights @ (said * true)
        return (2 * right / np.maximum(weights @ said + weights @ true, 1)).mean(axis=1)

    return macro_f1s
