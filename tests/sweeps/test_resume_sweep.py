"""Going on with a sweep that was stopped, killed, moved or damaged."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.sweeps.samples import QUICK
from tests.training.sameness import weights

import tinylens
from tinylens.data import Splits
from tinylens.errors import DataError, Interrupted, TinylensError, UsageError
from tinylens.runs import Run, all_runs, locked
from tinylens.sweeps import Sweep

COMMAND = [sys.executable, "-m", "tinylens"]


def test_a_stopped_sweep_goes_on_to_the_same_weights(
    tmp_path: Path, noisy: str, digits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"batch_size": [32, 64, 128]}
    whole = tinylens.sweep(noisy, digits, over=over, out=tmp_path / "whole", **QUICK)
    first = Run(whole.path / next(row for row in whole.rows if row.values["batch_size"] == 32).best.run)
    monkeypatch.setenv("TINYLENS_TEST_TRAP", f"train:7:{int(signal.SIGINT)}")  # in the second epoch of the first run
    with pytest.raises(Interrupted, match=r"stopped in run 1 of 3; `tinylens resume .*sweep-digits-noisy_recipe-"):
        tinylens.sweep(noisy, digits, over=over, out=tmp_path / "stopped", **QUICK)
    monkeypatch.delenv("TINYLENS_TEST_TRAP")
    (path,) = (tmp_path / "stopped").iterdir()
    (half,) = all_runs(path)
    assert not half.trained
    assert "3 runs of 3 not done yet" in (path / "sweep.html").read_text()
    before = half.history
    made = tinylens.resume_sweep(path, data=digits, progress=False)
    assert half.trained
    assert half.history[: len(before)] == before
    assert "goes on after step" in (half.path / "log.txt").read_text()
    assert weights(half) == weights(first)
    assert [row.values for row in made.rows] == [row.values for row in whole.rows]
    assert [row.accuracy for row in made.rows] == [row.accuracy for row in whole.rows]
    assert all(run.times_opened == 0 for run in all_runs(path))


def test_a_run_that_was_killed_before_its_first_checkpoint_is_trained_from_fresh_weights(
    tmp_path: Path, noisy: str
) -> None:
    words = ["sweep", noisy, "--over", "batch_size=64,128", "--epochs", "1", "--limit", "200"]
    trap = os.environ | {"TINYLENS_TEST_TRAP": f"look:1:{int(signal.SIGKILL)}"}
    killed = subprocess.run([*COMMAND, *words], cwd=tmp_path, env=trap, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    (path,) = tmp_path.glob("runs/sweep-*")
    (half,) = all_runs(path)
    assert not (half.checkpoints / "last.pt").exists()
    made = tinylens.resume_sweep(path, progress=False)
    assert made.failures == []
    assert len(all_runs(path)) == len(made.outcomes) == 2
    for row in made.rows:
        settings = row.values | {"epochs": 1}
        alone = tinylens.train(noisy, settings=settings, limit=200, out=tmp_path / "alone", progress=False)
        assert weights(Run(path / row.best.run)) == weights(alone)


def test_finished_runs_are_kept(done: Sweep, digits: Splits) -> None:
    before = {run.path: (run.path / "lens" / "lens.json").stat().st_mtime_ns for run in all_runs(done.path)}
    again = tinylens.resume_sweep(done.path, data=digits, progress=False)
    assert again.rows == done.rows
    after = {run.path: (run.path / "lens" / "lens.json").stat().st_mtime_ns for run in all_runs(done.path)}
    assert after == before


def test_a_sweep_goes_on_only_on_the_same_data_and_with_the_same_recipe(
    tmp_path: Path, noisy: str, digits: Splits
) -> None:
    own = tmp_path / "own.py"
    own.write_text(Path(noisy).read_text())
    mine = replace(digits, name="mine", origin="arrays in memory")
    made = tinylens.sweep(str(own), mine, over={"batch_size": [64, 128]}, out=tmp_path / "runs", **QUICK)
    assert made.path.name.startswith("sweep-mine-own-")
    own.write_text("raise SystemExit")
    lost = made.best.path
    for row in made.rows[1:]:
        for one in row.outcomes:
            (made.path / one.run / "report.html").unlink()
    with pytest.raises(DataError, match="arrays in memory"):
        tinylens.resume_sweep(made.path)
    shifted = replace(mine, test=replace(digits.test, labels=(digits.test.labels + 1) % 10))
    with pytest.raises(DataError, match="changed since the run was made"):
        tinylens.resume_sweep(made.path, data=shifted, progress=False)
    again = tinylens.resume_sweep(made.path, data=mine, progress=False)
    assert again.best.path == lost
    assert again.title == "own on mine"
    assert again.plan.command(again.recipe) is None


def test_a_folder_of_pictures_can_be_gone_on_with_from_elsewhere(
    tmp_path: Path, digits: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "some.npz", images=digits.train.images[:300], labels=digits.train.labels[:300])
    monkeypatch.chdir(tmp_path)
    made = tinylens.sweep("four-by-four", "some.npz", over={"batch_size": [32, 64]}, out=tmp_path / "r", **QUICK)
    (made.path / made.rows[1].best.run / "recipe.json").unlink()
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    again = tinylens.resume_sweep(made.path, progress=False)
    assert [row.accuracy for row in again.rows] == [row.accuracy for row in made.rows]
    assert {run.manifest.choice.name for run in all_runs(made.path)} == {"some.npz"}


def test_what_is_no_sweep_or_damaged_is_told_in_one_line(done: Sweep, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a sweep"):
        tinylens.resume_sweep(tmp_path)
    for text in ("{", "[]", "{}", '{"plan": {"recipe": 3}}', '{"plan": []}'):
        (tmp_path / "sweep.json").write_text(text)
        with pytest.raises(TinylensError, match=r"sweep\.json") as failed:
            tinylens.resume_sweep(tmp_path)
        assert "\n" not in str(failed.value)


def test_a_sweep_in_use_is_refused(done: Sweep, digits: Splits) -> None:
    with locked(done.path), pytest.raises(TinylensError, match="in use"):
        tinylens.resume_sweep(done.path, data=digits, progress=False)
