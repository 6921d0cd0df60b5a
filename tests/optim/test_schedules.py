"""Schedules of the learning rate, which are those of Keras and torch, and of dropout."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from pydantic import ValidationError

from tinylens.optim.schedules import (
    Constant,
    Cosine,
    DropoutChange,
    Exponential,
    InverseTime,
    Milestones,
    OneCycle,
    Schedule,
    Step,
    count,
)

RATE, PER_EPOCH, TOTAL = 0.05, 7, 70


def test_constant_stays() -> None:
    assert {Constant().factor(step, 10, 100) for step in range(100)} == {1.0}


def test_step_falls_after_each_period_of_epochs() -> None:
    schedule = Step(every=2, gamma=0.1)
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


@pytest.mark.parametrize(
    ("schedule", "keras_schedule"),
    [
        (InverseTime(decay=1e-2), lambda keras: keras.InverseTimeDecay(RATE, 1, 1e-2)),
        (
            InverseTime(decay=0.5, unit="epoch"),
            lambda keras: keras.InverseTimeDecay(RATE, PER_EPOCH, 0.5, staircase=True),
        ),
        (Exponential(gamma=0.9), lambda keras: keras.ExponentialDecay(RATE, PER_EPOCH, 0.9, staircase=True)),
        (Exponential(gamma=0.99, unit="iteration"), lambda keras: keras.ExponentialDecay(RATE, 1, 0.99)),
        (
            Milestones(at=(10, 30), unit="iteration"),
            lambda keras: keras.PiecewiseConstantDecay([9, 29], [RATE, RATE * 0.1, RATE * 0.01]),
        ),
        (Cosine(final=0.1), lambda keras: keras.CosineDecay(RATE, TOTAL, alpha=0.1)),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_a_schedule_is_keras_own(schedule: Schedule, keras_schedule: Callable) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not here to compare with")
    theirs = keras_schedule(keras.optimizers.schedules)
    for step in range(TOTAL):
        assert RATE * schedule.factor(step, PER_EPOCH, TOTAL) == pytest.approx(float(theirs(step)), abs=1e-7)


def test_sgd_decay_divides_the_rate_every_step() -> None:
    factors = [InverseTime(decay=1e-4).factor(step, 1563, 31260) for step in (0, 1563, 31259)]
    assert factors == pytest.approx([1, 1 / 1.1563, 1 / 4.1259])


def test_one_cycle_is_torch_s() -> None:
    schedule = OneCycle(peak=0.3, start=0.04, final=4e-6)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], RATE)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, TOTAL, pct_start=0.3, div_factor=25, final_div_factor=1e4
    )
    for step in range(TOTAL):
        assert RATE * schedule.factor(step, PER_EPOCH, TOTAL) == pytest.approx(theirs.get_last_lr()[0], rel=1e-6)
        optimizer.step()
        theirs.step()


def test_milestones_count_epochs_or_iterations() -> None:
    assert [Milestones(at=(2,)).factor(step, 5, 50) for step in (9, 10)] == pytest.approx([1, 0.1])
    assert [Milestones(at=(2,), unit="iteration").factor(step, 5, 50) for step in (1, 2)] == pytest.approx([1, 0.1])


def test_units_that_are_over_are_whole_epochs_or_steps() -> None:
    assert [count("epoch", step, 5) for step in (0, 4, 5, 14, 15)] == [0, 0, 1, 2, 3]
    assert [count("iteration", step, 5) for step in (0, 4, 5)] == [0, 4, 5]


def test_a_change_of_dropout_gives_each_stage_its_rate_or_all_one() -> None:
    by_stage = DropoutChange(at=3, rates=(0.0, 0.1, 0.5))
    assert [by_stage.changed(0.9, stage) for stage in range(3)] == [0.0, 0.1, 0.5]
    one = DropoutChange(at=3, rates=(0.2,))
    assert [one.changed(0.9, stage) for stage in (0, 1, 17)] == [0.2, 0.2, 0.2]


def test_a_change_of_dropout_multiplies_the_rate_before_or_the_one_it_gives_up_to_99_in_100() -> None:
    assert DropoutChange(at=0, factor=1.5).changed(0.4, 2) == pytest.approx(0.6)
    assert DropoutChange(at=0, factor=1.5, rates=(0.1, 0.2)).changed(0.9, 1) == pytest.approx(0.3)
    assert DropoutChange(at=0, factor=0.0).changed(0.4, 0) == 0
    assert DropoutChange(at=0, factor=3.0).changed(0.5, 0) == 0.99
    assert DropoutChange(at=0).changed(0.3, 5) == 0.3


def test_a_stage_without_a_rate_is_named() -> None:
    with pytest.raises(ValueError, match=r"^dropout_schedule has 2 rates, but the model has a stage 3$"):
        DropoutChange(at=0, rates=(0.1, 0.2)).changed(0.5, 2)


@pytest.mark.parametrize(
    "fields", [{"at": -1}, {"at": 0, "rates": (1.0,)}, {"at": 0, "rates": ()}, {"at": 0, "factor": -0.5}, {}]
)
def test_a_change_of_dropout_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DropoutChange.model_validate(fields)


@pytest.mark.parametrize(("peak", "steps"), [(0.25, 4), (0.5, 2), (0.1, 10)])
def test_one_cycle_can_have_its_peak_at_the_very_first_step(peak: float, steps: int) -> None:
    schedule = OneCycle(peak=peak)
    factors = [schedule.factor(step, steps, steps) for step in range(steps)]
    assert max(factors) == pytest.approx(1)
    assert all(0 < factor <= 1 for factor in factors)
