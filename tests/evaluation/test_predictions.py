"""Predictions: every image once and in order, and the same again from disk."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tinylens.data import Splits
from tinylens.errors import TinylensError, UsageError
from tinylens.evaluation.predictions import Predictions, predict
from tinylens.runs import Run


def test_predictions_are_the_lens_s_logits_in_the_order_of_the_split(trained: tuple[Run, Splits]) -> None:
    run, splits = trained
    predictions = predict(run.lens, splits.test)
    assert np.allclose(predictions.logits, run.lens.logits(splits.test.images).numpy(), atol=1e-5)
    assert np.array_equal(predictions.labels, splits.test.labels)
    assert predictions.correct.mean() > 0.9
    assert np.allclose(predictions.probabilities, torch.from_numpy(predictions.logits).softmax(dim=1).numpy())


def test_saving_and_loading_changes_nothing(trained: tuple[Run, Splits], tmp_path: Path) -> None:
    run, splits = trained
    before = predict(run.lens, splits.test)
    before.save(tmp_path / "p.npz")
    after = Predictions.load(tmp_path / "p.npz")
    assert np.array_equal(after.logits, before.logits)
    assert np.array_equal(after.labels, before.labels)
    assert (after.classes, after.split, after.fingerprint) == (before.classes, "test", splits.test.fingerprint)


@pytest.mark.parametrize("damage", ["missing", "empty", "junk", "cut", "flipped", "other"])
def test_damaged_predictions_are_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "p.npz"
    Predictions(np.zeros((9, 2), np.float32), np.zeros(9, np.int64), ("a", "b"), "test", "f").save(path)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        np.savez(path, x=np.zeros(3))
    else:
        middle = len(whole) // 4
        flipped = whole[:middle] + bytes(b ^ 255 for b in whole[middle : middle + 40]) + whole[middle + 40 :]
        path.write_bytes({"empty": b"", "junk": b"junk", "cut": whole[:-30], "flipped": flipped}[damage])
    with pytest.raises(TinylensError) as failed:
        Predictions.load(path)
    told = {"missing": "is missing", "junk": "is damaged: File is not a zip file"}
    assert f"{path} {told.get(damage, 'is damaged: ')}" in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("logits", "labels", "reason"),
    [
        (np.zeros((9, 3), np.float32), np.zeros(9, np.int64), r"scores \(9, 3\)"),
        (np.zeros((8, 2), np.float32), np.zeros(9, np.int64), r"do not fit labels \(9,\)"),
        (np.zeros((9, 2), np.float32), np.full(9, 2), "not those of 2 classes"),
        (np.zeros((0, 2), np.float32), np.zeros(0, np.int64), "not those of 2 classes"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, logits: np.ndarray, labels: np.ndarray, reason: str
) -> None:
    about = {"classes": ["a", "b"], "split": "test", "fingerprint": "f", "temperature": 1, "superclasses": None}
    np.savez(tmp_path / "p.npz", logits=logits, labels=labels, about=np.array(json.dumps(about)))
    with pytest.raises(TinylensError, match=rf"p\.npz is damaged: .*{reason}"):
        Predictions.load(tmp_path / "p.npz")


def test_answers_and_picks_are_of_the_positions_that_they_say() -> None:
    logits = np.log(np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8], [0.9, 0.1]], dtype=np.float32))
    p = Predictions(logits, np.array([0, 0, 1, 1]), ("cat", "dog"), "test", "f")
    answer = p.answer(1)
    assert (answer.index, answer.truth, answer.predicted, answer.right) == (1, "cat", "dog", False)
    assert answer.probability == pytest.approx(0.6)
    assert p.pick(3) == [0, 1, 2]
    assert p.pick(9, wrong=True) == [1, 3]
    assert sorted(p.pick(9, seed=1)) == [0, 1, 2, 3]
    assert p.pick(2, seed=1) == p.pick(4, seed=1)[:2]
    assert {tuple(p.pick(4, seed=seed)) for seed in range(9)} != {(0, 1, 2, 3)}
    with pytest.raises(UsageError, match="count -1: must be at least 1"):
        p.pick(-1)
    with pytest.raises(UsageError, match="seed -1: must be at least 0"):
        p.pick(3, seed=-1)
