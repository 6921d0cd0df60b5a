"""The result in words: what it says against chance, against the published figure, and of what must be known."""

from types import SimpleNamespace

import numpy as np
import pytest

from tinylens.evaluation.metrics import measure
from tinylens.evaluation.predictions import Predictions
from tinylens.recipe import Published
from tinylens.report.panels.headline import caveats, majority, published_words, result_words
from tinylens.report.story import Story


def story(right: int, images: int, *, published: Published | None = None, **run: object) -> Story:
    """What the words are made of: `right` of `images` predictions right, in two classes of one size."""
    labels = np.arange(images) % 2
    predicted = np.where(np.arange(images) < right, labels, 1 - labels)
    logits = np.eye(2, dtype=np.float32)[predicted]
    predictions = Predictions(logits, labels, ("a", "b"), "test", "f" * 64)
    about = {"select_on": "validation", "limit": None, "times_opened": 1, "openings": [{"by": "at the end"}]} | run
    told = SimpleNamespace(
        recipe=SimpleNamespace(select_on=about["select_on"]),
        manifest=SimpleNamespace(choice=SimpleNamespace(limit=about["limit"])),
        times_opened=about["times_opened"],
        openings=about["openings"],
        published=published,
    )
    words = object.__new__(Story)  # only its run is a stand-in
    words.predictions, words.metrics, words.run = predictions, measure(predictions), told
    return words


def test_what_is_clearly_better_than_the_largest_class_is_called_so() -> None:
    (said,) = result_words(story(900, 1000))
    assert "900 of 1,000 test images are classified correctly: 1.8 times the share" in said


def test_what_may_be_luck_is_not_called_better() -> None:
    (said,) = result_words(story(52, 100))
    assert "not shown to be better than always predicting the largest class" in said
    assert majority(story(52, 100)) == 0.5


@pytest.mark.parametrize(("right", "words"), [(680, "1.2 points above"), (650, "1.8 points below")])
def test_the_published_figure_stands_beside_with_the_difference_and_its_doubt(right: int, words: str) -> None:
    (said,) = published_words(story(right, 1000, published=Published(0.6684, "cifar10", "after 9 epochs")))
    assert "published 66.84" in said
    assert words in said
    assert "single runs" in said


def test_without_a_comparable_figure_nothing_is_compared() -> None:
    assert published_words(story(680, 1000)) == []


def test_selection_on_test_limits_and_looks_are_told() -> None:
    said = " ".join(caveats(story(680, 1000, select_on="test", limit=500, times_opened=4)))
    assert "too good by an unknown amount" in said
    assert "--limit 500" in said
    assert "looked at 4 times: at the end" in said
    assert caveats(story(680, 1000, times_opened=0, openings=[])) == ["The test images are unseen."]
