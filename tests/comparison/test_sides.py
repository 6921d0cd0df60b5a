"""Which runs make a side, and what cannot be compared, with the reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.comparison.samples import copied, edited

import tinylens
from tinylens.comparison.sides import sides_of
from tinylens.errors import DataError, TinylensError, UsageError
from tinylens.evaluation.judge import judge, saved_predictions
from tinylens.experiment import results
from tinylens.runs import Run


def test_runs_that_differ_by_their_seed_are_one_side(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / f"a{seed}", seed=seed, luck=seed) for seed in (0, 1, 2)]
    runs += [copied(base, tmp_path / f"b{seed}", seed=seed, luck=seed, batch_size=64) for seed in (0, 1)]
    first, second = sides_of(runs, "test")
    assert (first.name, first.seeds) == ("four-by-four (epochs=2)", [0, 1, 2])
    assert (second.name, second.seeds) == ("four-by-four (epochs=2, batch_size=64)", [0, 1])
    assert first.accuracy == pytest.approx(np.mean([saved_predictions(r, "test").correct.mean() for r in runs[:3]]))
    assert first.deviation == pytest.approx(np.std(first.accuracies, ddof=1))
    assert "(n = 3)" in first.said
    assert np.isin(first.right * 3, [0, 1, 2, 3]).all()
    assert (first.mostly_right == (first.right > 0.5)).all()


def test_seeds_that_are_all_there_is_are_sides_of_their_own(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / f"run{seed}", seed=seed) for seed in (3, 4)]
    assert [side.name for side in sides_of(runs, "test")] == [f"four-by-four (epochs=2), seed {n}" for n in (3, 4)]
    copies = [copied(base, tmp_path / name) for name in ("one", "two")]
    assert [side.name for side in sides_of(copies, "test")] == ["one", "two"]


def test_groups_of_the_same_name_are_told_apart_by_all_their_seeds(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / str(seed), seed=seed, luck=seed) for seed in range(4)]
    for run in runs[2:]:
        edited(run.path / "training.json", lambda about: about | {"hardware": about["hardware"] | {"device": "xpu"}})
    names = [side.name for side in sides_of(runs, "test")]
    assert names == ["four-by-four (epochs=2), seed 0, 1", "four-by-four (epochs=2), seed 2, 3"]
    said = " ".join(tinylens.compare([run.path for run in runs]).remarks)
    assert "Arithmetic or device differ: " in said
    assert " on xpu; that may be why" in said


def test_the_same_seed_twice_in_a_group_is_refused(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / name) for name in ("one", "two")]
    runs.append(copied(base, tmp_path / "other", batch_size=64))
    with pytest.raises(UsageError, match=r"one and .*two are the same recipe with the same settings and seed"):
        sides_of(runs, "test")


def test_less_than_two_runs_are_nothing_to_compare(base: Run, tmp_path: Path) -> None:
    for runs in ([], [base.path], [base.path, base.path]):
        with pytest.raises(UsageError, match="takes two runs or more"):
            tinylens.compare(runs)
    with pytest.raises(UsageError, match="no such folder"):
        tinylens.compare([base.path, tmp_path / "nothing"])


def test_a_run_that_was_not_judged_says_what_to_do(base: Run, tmp_path: Path) -> None:
    other = copied(base, tmp_path / "other", batch_size=64)
    (other.evaluation("test") / "metrics.json").unlink()
    with pytest.raises(TinylensError, match="was not evaluated on test: `tinylens evaluate"):
        tinylens.compare([base.path, other.path])


NEW_FIGURES = {"calibration_interval", "calibration_before", "temperature", "risk_area", "sets", "macro_f1_interval"}


def aged(run: Run) -> Run:
    """The run as versions wrote it that knew no calibration."""
    edited(run.path / "lens" / "lens.json", lambda about: without(about, {"conformal"}) | {"temperature": 1.0})
    edited(run.path / "evaluation" / "openings.json", lambda openings: [without(one, {"lens"}) for one in openings])
    for split in ("validation", "test"):
        edited(run.evaluation(split) / "metrics.json", lambda told: without(told, NEW_FIGURES | {"selected_on"}))
        said = saved_predictions(run, split)
        about = {"classes": said.classes, "split": split, "fingerprint": said.fingerprint, "temperature": 1.0}
        file = run.evaluation(split) / "predictions.npz"
        told = np.array(json.dumps(about | {"superclasses": None}))
        np.savez_compressed(file, logits=said.logits, labels=said.labels, about=told)
    return run


def without(about: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """What is left of a JSON object."""
    return {key: value for key, value in about.items() if key not in keys}


def test_runs_of_earlier_versions_are_compared_listed_reported_and_calibrated(base: Run, tmp_path: Path) -> None:
    old, new = aged(copied(base, tmp_path / "old", luck=1)), copied(base, tmp_path / "new", luck=2, batch_size=64)
    made = tinylens.compare([old.path, new.path])
    assert len(made.pairs) == 1
    assert any("No temperature was fitted to four-by-four (epochs=2)" in said for said in made.remarks)
    assert not any("No temperature" in said for said in tinylens.compare([base.path, new.path]).remarks)
    assert all("error" not in told for told in results(tmp_path))
    assert tinylens.write_report(old).is_file()
    judge(old, "validation", old.manifest.reload(), by="a test")
    assert old.metrics("test")["temperature"] == old.lens.temperature != 1


def of_data(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Run], None]:
    """Breaks a run's manifest, and nothing else."""
    return lambda run: edited(run.path / "data.json", change)


def of_predictions(**values: Any) -> Callable[[Run], None]:
    """Breaks what a run's lens said."""

    def spoil(run: Run) -> None:
        said = saved_predictions(run, "test")
        new = {name: value(said) if callable(value) else value for name, value in values.items()}
        replace(said, **new).save(run.evaluation("test") / "predictions.npz")

    return spoil


def both(*changes: Callable[[Run], None]) -> Callable[[Run], None]:
    """Several of them."""
    return lambda run: [change(run) for change in changes] and None


def with_test(about: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A manifest whose test split has other values."""
    splits = about["splits"]
    return about | {"splits": splits | {"test": splits["test"] | values}}


def swapped(labels: np.ndarray) -> np.ndarray:
    """Labels of which two have changed places: the counts stay."""
    again = labels.copy()
    one, two = 0, int(np.flatnonzero(labels != labels[0])[0])
    again[[one, two]] = again[[two, one]]
    return again


OTHER = "e" * 64
CLASSES = tuple("abcdefghij")
BROKEN = {
    "other classes": (
        both(of_predictions(classes=CLASSES), of_data(lambda about: about | {"classes": CLASSES})),
        "their classes differ: number 0 is '0' of one and 'a' of the other",
    ),
    "classes in another order": (
        both(
            of_predictions(classes=lambda said: said.classes[::-1]),
            of_data(lambda about: about | {"classes": about["classes"][::-1]}),
        ),
        "their classes are in another order",
    ),
    "other images": (
        both(
            of_predictions(fingerprint=OTHER),
            of_data(lambda about: with_test(about, fingerprint=OTHER, ordered_fingerprint=OTHER)),
        ),
        "their test images differ",
    ),
    "images in another order": (
        of_data(lambda about: with_test(about, ordered_fingerprint=OTHER)),
        "their test images are in another order",
    ),
    "labels that changed places": (of_predictions(labels=lambda said: swapped(said.labels)), "2 labels of their test"),
    "other labels": (of_predictions(labels=lambda said: np.zeros_like(said.labels)), "have other labels than its data"),
    "predictions of another split": (of_predictions(split="validation"), "of validation images, not of test images"),
    "predictions of other images": (of_predictions(fingerprint=OTHER), "are of other test images than its data"),
    "predictions of other classes": (of_predictions(classes=CLASSES), "have other classes than its data"),
    "scores that are no numbers": (of_predictions(logits=lambda said: said.logits * np.nan), "not finite"),
    "few predictions": (
        of_predictions(logits=lambda said: said.logits[:9], labels=lambda said: said.labels[:9]),
        "are 9 x 10, not 500 x 10",
    ),
    "predictions that are gone": (
        lambda run: (run.evaluation("test") / "predictions.npz").unlink(),
        r"predictions\.npz is missing; `tinylens evaluate .*run2 --split test` makes it anew$",
    ),
    "predictions that are cut off": (
        lambda run: (run.evaluation("test") / "predictions.npz").write_bytes(b"PK"),
        r"predictions\.npz is damaged: .*; `tinylens evaluate .*run2 --split test` makes it anew$",
    ),
    "no history": (
        lambda run: (run.path / "history.jsonl").write_text("{}\n"),
        r"run2/history\.jsonl is damaged: 0\.epoch is missing$",
    ),
    "no epochs": (
        lambda run: edited(run.path / "training.json", lambda about: about | {"epochs": None}),
        r"run2/training\.json is damaged: epochs: input should be a valid integer$",
    ),
    "no openings": (
        lambda run: (run.path / "evaluation" / "openings.json").write_text("[{}]"),
        r"run2/evaluation/openings\.json is damaged: 0\.when is missing$",
    ),
    "no count of images": (
        of_data(lambda about: with_test(about, images=None)),
        r"run2/data\.json is not a manifest of data: splits\.test\.images: input should be a valid integer$",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_copy_is_refused_with_the_reason(base: Run, tmp_path: Path, name: str) -> None:
    spoil, reason = BROKEN[name]
    first, second = (copied(base, tmp_path / f"run{i}", luck=i, batch_size=32 * i) for i in (1, 2))
    tinylens.compare([first.path, second.path])
    spoil(second)
    with pytest.raises(TinylensError, match=reason) as error:
        _ = tinylens.compare([first.path, second.path]).remarks
    assert "Errno" not in str(error.value)
    assert "\n" not in str(error.value)
    assert "run2" in str(error.value)


def test_validation_images_that_other_seeds_cut_off_are_refused(digits: Any, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"epochs": 1, "limit": 100, "progress": False, "out": tmp_path}
    runs = [tinylens.train("four-by-four", digits, seed=seed, **settings) for seed in (0, 1)]
    with pytest.raises(DataError, match=r"validation images differ \(cut from the training images by another seed\)"):
        tinylens.compare([run.path for run in runs], split="validation")
    assert len(tinylens.compare([tmp_path]).pairs) == 1
