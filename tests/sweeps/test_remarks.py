"""What a sweep says of itself."""

from tests.sweeps.samples import outcome, sketch

from tinylens.evaluation.statistics import wilson_interval
from tinylens.sweeps import Row
from tinylens.sweeps.remarks import budgets, level, spread, unfinished


def test_a_single_seed_is_told_with_the_interval_of_its_images_and_the_doubt() -> None:
    best, near, far = (Row({"batch_size": size}, (outcome(a),)) for size, a in ((1, 0.9), (2, 0.88), (3, 0.2)))
    made = sketch([best, near, far])
    assert best.deviation is None
    assert best.interval == wilson_interval(90, 100)
    assert made.level == [near]
    assert "differences smaller than them are luck" in spread(made)
    assert level(made) == [
        "The interval of 1 of the other 2 combinations overlaps that of the best: this sweep does not tell them apart. "
        "Overlap is a rough guide, not a test."
    ]


def test_unequal_budgets_and_what_is_not_done_are_told() -> None:
    rows = [Row({"batch_size": 1}, (outcome(0.9, epochs=3),)), Row({"batch_size": 2}, (outcome(0.8, epochs=8),))]
    assert budgets(sketch(rows))[0].startswith("Budgets differ: 3 – 8 epochs a run")
    assert budgets(sketch(rows[:1])) == []
    assert unfinished(sketch(rows)) == []
    left = sketch([*rows, Row({"batch_size": 3}, ())])
    assert unfinished(left) == ["1 run of 3 not done yet: `tinylens resume runs/sweep-x` goes on."]
