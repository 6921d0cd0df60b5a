"""Figures for people."""

import pytest

from tinylens.words import duration, percent, times, with_deviation, with_interval


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.97, "1 min 0 s"),
        (119.7, "2 min 0 s"),
        (3599.8, "1 h 0 min"),
        (7512.0, "2 h 5 min"),
        (313_000.0, "3.6 days"),
    ],
)
def test_durations_carry_over(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_percent_and_times() -> None:
    assert percent(0.6684) == "66.8\u202f%"
    assert percent(0.66841, 2) == "66.84\u202f%"
    assert [times(n) for n in (1, 2, 3)] == ["once", "twice", "3 times"]


def test_figures_stand_with_how_sure_they_are() -> None:
    assert with_interval(0.6684, [0.659, 0.677]) == "66.8\u202f% (65.9\u202f% – 67.7\u202f%)"
    assert with_deviation(0.6684, 0.0042) == "66.8 ± 0.4\u202f%"
