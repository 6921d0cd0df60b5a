"""Learning-rate schedules: where they begin, turn and end."""

from itertools import pairwise

import pytest

from tinylens.optim.schedules import Constant, Cosine, Step


def test_constant_stays() -> None:
    assert {Constant().factor(step, 10, 100) for step in range(100)} == {1.0}


def test_step_falls_after_each_period_of_epochs() -> None:
    schedule = Step(epochs=2, gamma=0.1)
    assert [schedule.factor(step, 5, 50) for step in (0, 9, 10, 19, 20)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])


def test_cosine_falls_from_one_to_its_final_value() -> None:
    factors = [Cosine(final=0.1).factor(step, 10, 100) for step in range(101)]
    assert factors[0] == 1
    assert factors[50] == pytest.approx(0.55)
    assert factors[100] == pytest.approx(0.1)
    assert factors == sorted(factors, reverse=True)


def test_warmup_rises_linearly_and_never_starts_at_zero() -> None:
    factors = [Cosine(warmup=0.1).factor(step, 10, 100) for step in range(100)]
    rises = [after - before for before, after in pairwise(factors[:10])]
    assert factors[0] > 0
    assert rises == pytest.approx([rises[0]] * 9)
    assert max(factors) == factors[10] == 1


def test_one_single_step_is_enough_for_any_schedule() -> None:
    assert Cosine(warmup=0.9).factor(0, 1, 1) > 0
    assert Step().factor(0, 1, 1) == Constant().factor(0, 1, 1) == 1
