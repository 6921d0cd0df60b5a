"""What is said of a comparison, in plain words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.comparison.samples import copied, edited

import tinylens
from tinylens.comparison import Comparison
from tinylens.comparison.verdict import between, p_said, p_words, points, signed
from tinylens.evaluation.judge import saved_predictions
from tinylens.runs import Run


def of(base: Run, folder: Path, *rates: float, seeds: int = 1, spread: float = 0.0) -> Comparison:
    """A comparison of recipes that are right on such shares, with so many seeds each.

    spread: by how much seeds move that, in turn up and down.
    """
    for number, rate in enumerate(rates):
        for seed in range(seeds):
            name, luck = folder / f"{number}-{seed}", 100 * number + seed
            moved = spread * (seed - seeds // 2) * (-1) ** number
            about = {"seed": seed, "luck": luck, "rate": rate + moved}
            copied(base, name, batch_size=16 * (number + 1), **about)
    return tinylens.compare([folder])


def test_a_clear_difference_of_single_runs_speaks_of_lenses_not_of_recipes(base: Run, tmp_path: Path) -> None:
    (said,) = of(base, tmp_path, 0.8, 0.95).verdicts
    assert said.startswith("four-by-four (epochs=2) is better than four-by-four (epochs=2, batch_size=16) by ")
    assert "95 % interval " in said
    assert "exact McNemar p" in said
    assert "On one seed each this says that these two lenses differ, not that the recipes do" in said


def test_what_may_be_luck_is_not_called_better(base: Run, tmp_path: Path) -> None:
    (said,) = of(base, tmp_path, 0.9, 0.901).verdicts
    assert said.startswith("No difference is shown between")
    assert "is better" not in said
    assert "would more often be missed than seen" in said


def test_seeds_of_one_recipe_are_called_luck(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / str(seed), seed=seed, rate=0.8 + 0.1 * seed) for seed in (0, 1)]
    (said,) = tinylens.compare([run.path for run in runs]).verdicts
    assert "are the same recipe, settings and data: there is no difference of recipes to be found" in said
    assert "By the luck of the seed four-by-four (epochs=2), seed 1 is ahead" in said
    assert "is better" not in said
    alike = [copied(base, tmp_path / f"alike{seed}", seed=seed, luck=seed) for seed in (0, 1)]
    (said,) = tinylens.compare([run.path for run in alike]).verdicts
    assert "Nor is one shown between their lenses" in said


def test_several_seeds_say_whether_the_recipes_differ(base: Run, tmp_path: Path) -> None:
    (said,) = of(base, tmp_path / "far", 0.8, 0.95, seeds=3).verdicts
    assert "over 3 seeds each (95 % interval " in said
    assert "t test paired by seed" in said
    assert "the recipes differ" in said
    (said,) = of(base, tmp_path / "near", 0.86, 0.9, seeds=3, spread=0.06).verdicts
    assert "is ahead of" in said
    assert "that the recipes differ is not shown" in said
    assert "These lenses do differ on images like these" in said


def test_recipes_that_are_level_are_not_called_ahead(base: Run, tmp_path: Path) -> None:
    made = of(base, tmp_path, 2.0, 2.0, seeds=3)
    for side, missed in zip(made.sides, ((0, 1, 2), (3, 3, 3)), strict=True):
        for run, image in zip(side.runs, missed, strict=True):  # thirds on one side, whole on the other: as many
            said = saved_predictions(run, "test")
            logits = said.logits.copy()
            logits[image] = np.roll(logits[image], 1)
            replace(said, logits=logits).save(run.evaluation("test") / "predictions.npz")
    again = tinylens.compare([tmp_path])
    assert again.pairs[0].difference == 0
    for (verdict,) in (made.verdicts, again.verdicts):
        assert " are level over 3 seeds each (" in verdict
        assert "that the recipes differ is not shown" in verdict
        assert "is ahead" not in verdict


def test_equal_answers_do_not_say_how_small_a_difference_would_be_seen(base: Run, tmp_path: Path) -> None:
    (said,) = of(base, tmp_path, 2.0, 2.0).verdicts
    assert "they are level (95 % interval 0.0 to 0.0" in said
    assert "than seen" not in said


def test_a_broken_copy_is_not_called_the_luck_of_the_seed(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / name, rate=rate) for name, rate in (("whole", 0.95), ("broken", 0.7))]
    (said,) = tinylens.compare([run.path for run in runs]).verdicts
    assert "Their seed is the same too: by another machine, another version or damage whole is ahead by " in said
    assert "luck of the seed" not in said


def test_many_pairs_are_told_in_short(base: Run, tmp_path: Path) -> None:
    made = of(base, tmp_path, 0.5, 0.6, 0.7, 0.8, 0.9, 0.901)
    assert made.verdicts == ["Of all 15 pairs the lenses of 14 differ on images like these."]
    assert all(len(pair["verdict"]) > 50 for pair in made.to_json()["pairs"])
    seeds = [copied(base, tmp_path / f"seed{seed}" / "run", seed=seed, luck=seed).path for seed in range(6)]
    assert "there is no difference of recipes to be found" in tinylens.compare(seeds).verdicts[-1]


def test_remarks_tell_of_marks_budgets_and_looks(base: Run, tmp_path: Path) -> None:
    one, two = copied(base, tmp_path / "1"), copied(base, tmp_path / "2", select_on="test", as_published=True)
    edited(two.path / "training.json", lambda about: about | {"epochs": 5})
    made = tinylens.compare([one.path, two.path])
    said = " ".join(made.remarks)
    assert "†: selection looked at the test images" in said
    assert made.sides[1].said.endswith("†")
    assert not made.sides[0].said.endswith("†")
    assert "2 – 5 epochs" in said
    assert "looked at" in said
    assert "To choose by this comparison" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [(points(0.012), "1.2 points"), (points(-0.0003), "0.03 points"), (points(0.0), "0.0 points"),
     (signed(-0.004), "−0.4"), (signed(-0.0001), "0.0"), (p_words(0.3123), "0.31"), (p_words(0.00412), "0.0041"),
     (p_words(1e-9), "<\u202f0.0001"), (p_words(0.0499), "0.0499"), (p_words(0.02), "0.02"),
     (p_said(0.5, 0.5, 1), "p\u202f=\u202f0.50"),
     (p_said(1e-9, 0.02, 3), "p\u202f<\u202f0.0001, by Holm for 3 comparisons p\u202f=\u202f0.02")],
)  # fmt: skip
def test_figures_as_people_read_them(text: str, expected: str) -> None:
    assert text == expected


def test_an_interval_is_seen_from_the_better_side(base: Run, tmp_path: Path) -> None:
    (pair,) = of(base, tmp_path, 0.95, 0.8).pairs
    assert pair.better is pair.first
    low, high = between((-0.02, -0.004), pair).split(" to ")
    assert (low, high) == ("0.4", "2.0")
