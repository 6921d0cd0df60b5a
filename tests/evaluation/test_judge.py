"""Judging a run: what is written, and that every look at the test images is counted."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinylens.data import Splits
from tinylens.errors import TinylensError, UsageError
from tinylens.evaluation.judge import judge, saved_predictions
from tinylens.runs import Run


@pytest.fixture
def judged(trained: tuple[Run, Splits], tmp_path: Path) -> tuple[Run, Splits]:
    run, splits = trained
    copy = Run(shutil.copytree(run.path, tmp_path / "run"))
    judge(copy, "test", splits, by="a test")
    return copy, splits


def test_figures_tables_and_predictions_are_written(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    figures = run.metrics("test")
    assert figures["accuracy"] == saved_predictions(run, "test").correct.mean() > 0.9
    assert 0 <= figures["seconds"] == round(figures["seconds"], 3)
    assert np.array_equal(saved_predictions(str(run.path), "test").labels, splits.test.labels)
    with (run.evaluation("test") / "confusion.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["truth \\ predicted", *splits.classes]
    assert np.array_equal(np.array(rows)[:, 1:].astype(int), figures["confusion"])
    with (run.evaluation("test") / "per_class.csv").open(newline="") as file:
        assert [float(row["f1"]) for row in csv.DictReader(file)] == pytest.approx(
            [c["f1"] for c in figures["per_class"]], abs=1e-6
        )


def test_every_opening_of_the_test_split_is_recorded_and_none_of_validation(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    judge(run, "validation", splits, by="a test")
    judge(run, "test", splits, by="another look")
    assert [opening["by"] for opening in run.openings] == ["a test", "another look"]


def test_judging_validation_calibrates_the_lens_and_what_is_known_of_the_test_images(
    judged: tuple[Run, Splits],
) -> None:
    run, splits = judged
    before, openings = run.metrics("test"), run.openings
    assert (before["temperature"], before["sets"]) == (1, None)
    found = judge(run, "validation", splits, by="a test")
    lens = run.lens
    assert lens.temperature == found.temperature != 1
    assert lens.conformal is not None
    after = run.metrics("test")
    assert after["temperature"] == lens.temperature
    assert after["calibration_before"] == before["calibration_error"]
    assert after["accuracy"] == before["accuracy"]
    assert after["seconds"] == before["seconds"]  # what looking at them took: no image was looked at again
    assert run.metrics("validation")["seconds"] >= 0
    assert [sets["asked"] for sets in after["sets"]] == [0.8, 0.9, 0.95, 0.99]
    assert run.openings == openings
    said = saved_predictions(run, "test")
    assert (said.temperature, said.conformal) == (lens.temperature, lens.conformal)
    assert np.allclose(said.probabilities, lens.probabilities(splits.test.images), atol=1e-5)
    weights = (run.path / "lens" / "model.safetensors").read_bytes()
    assert judge(run, "validation", splits, by="a test") == found  # it is what it was
    assert (run.path / "lens" / "model.safetensors").read_bytes() == weights


def test_a_run_that_noted_no_time_is_calibrated_and_told_of_none(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    file = run.evaluation("test") / "metrics.json"
    file.write_text(json.dumps({key: value for key, value in run.metrics("test").items() if key != "seconds"}))
    judge(run, "validation", splits, by="a test")
    assert run.metrics("test")["temperature"] == run.lens.temperature
    assert "seconds" not in run.metrics("test")


def test_an_opening_says_of_which_lens_it_was(judged: tuple[Run, Splits]) -> None:
    run, _ = judged
    assert run.openings[0]["lens"] == run.lens_fingerprint
    assert run.lens_fingerprint is not None
    assert len(run.lens_fingerprint) == 16


def test_a_run_that_is_not_trained_cannot_be_judged(prepare: Callable[..., tuple[Run, Splits]]) -> None:
    run, splits = prepare()
    with pytest.raises(TinylensError, match="not trained to its end: `tinylens resume"):
        judge(run, "test", splits, by="a test")
    assert run.openings == []
    with pytest.raises(TinylensError, match="was not evaluated on test: `tinylens evaluate"):
        saved_predictions(run, "test")


def test_a_run_that_selected_on_test_has_no_validation_split(prepare: Callable[..., tuple[Run, Splits]]) -> None:
    run, splits = prepare("four-by-four", as_published=True)
    with pytest.raises(TinylensError, match="selected on the test split"):
        judge(run, "validation", splits, by="a test")
    with pytest.raises(TinylensError, match="selected on the test split"):  # no advice to evaluate what is not there
        saved_predictions(run, "validation")


def test_no_run_is_judged_on_its_training_images(judged: tuple[Run, Splits]) -> None:
    run, splits = judged
    with pytest.raises(UsageError, match="on validation or test, not on 'train'"):
        judge(run, "train", splits, by="a test")
    with pytest.raises(UsageError, match="on validation or test, not on 'train'"):
        saved_predictions(run.path, "train")
