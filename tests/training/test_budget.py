"""How much training fits a time."""

from collections.abc import Callable

import pytest

import tinylens
from tinylens.data import Splits
from tinylens.data.manifest import Choice
from tinylens.errors import UsageError
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training import budget
from tinylens.training.budget import within

Prepare = Callable[..., tuple[Run, Splits]]
CHOICE = Choice("digits", 32, "crop", None, 0.1, 0, False)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock by which each step, and each look at the validation images, takes a hundredth of a second: its calls."""
    calls: list[int] = []

    def timed(act: Callable[[], object]) -> float:
        act()
        calls.append(1)
        return 0.01

    monkeypatch.setattr(budget, "timed", timed)
    return calls


def resolved(**settings: object) -> Recipe:
    from tinylens import recipes

    return recipes.find("four-by-four").resolve(settings)


def test_steps_and_looks_fill_the_time(steady: list[int]) -> None:
    splits = CHOICE.load()
    steps = -(-len(splits.train) // 32)
    found = within(resolved(), "four-by-four", CHOICE, splits, 100.0)
    look = 0.01 / min(1000, len(splits.train))  # at an image
    judged = 2 * look * (len(splits["validation"]) + len(splits.test))  # in the end
    most = (97 - judged) / (0.01 + look * len(splits["validation"]) / steps)  # three hundredths are kept free
    assert 0.9 * most < found["iterations"] <= most
    assert found["epochs"] == -(-found["iterations"] // steps)
    assert len(steady) == budget.STEPS + 2  # and two looks


def test_every_size_of_growing_images_is_timed(steady: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    step = budget.train_step

    def noting(session: object, indices: object) -> None:
        step(session, indices)
        sizes.append(session.progress.step)

    monkeypatch.setattr(budget, "train_step", noting)
    growth = [{"scale": 0.5}, {"since": 0.5, "scale": 0.75}, {"since": 0.75, "scale": 1}]
    sprint = tinylens.recipes.find("sprint").resolve({"growth": growth, "batch_size": 64})
    within(sprint, "sprint", CHOICE, CHOICE.load(), 1000.0)
    assert len(sizes) == budget.STEPS * 3
    assert len(steady) == len(sizes) + 2


def test_images_keep_the_size_that_they_came_in(tmp_path: object, steady: list[int]) -> None:
    small = tinylens.load_data("digits", image_size=16)
    run = tinylens.train("four-by-four", small, seconds=1.5, limit=100, out=tmp_path, progress=False)
    assert run.recipe.image_size == 16
    assert run.lens.image_size == (16, 16)


def test_a_time_too_short_for_an_epoch_is_refused(steady: list[int]) -> None:
    with pytest.raises(UsageError, match=r"not even one epoch fits, which takes about \d+ s here"):
        within(resolved(), "four-by-four", CHOICE, CHOICE.load(), 0.2)


def test_a_training_takes_a_time_instead_of_epochs(digits: Splits, tmp_path: object, steady: list[int]) -> None:
    run = tinylens.train("four-by-four", digits, seconds=1.5, limit=100, out=tmp_path, progress=False)
    assert run.recipe.iterations is not None
    assert run.training["steps"] <= run.recipe.iterations
    for given in ({"epochs": 3}, {"settings": {"iterations": 3}}):
        with pytest.raises(UsageError, match="each says how long to train"):
            tinylens.train("four-by-four", digits, seconds=1.5, out=tmp_path, progress=False, **given)
    with pytest.raises(UsageError, match="not possible"):
        tinylens.train("four-by-four", digits, seconds=-1.0, out=tmp_path, progress=False)
