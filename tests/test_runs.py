"""The run directory."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tinylens.data import Splits
from tinylens.errors import TinylensError, UsageError
from tinylens.runs import Run, all_runs, new_folder
from tinylens.training.fit import fit

Prepare = Callable[..., tuple[Run, Splits]]


def test_a_run_tells_what_it_was_made_from(prepare: Prepare) -> None:
    run, splits = prepare("four-by-four", epochs=3, seed=5)
    again = Run(run.path)
    assert (again.title, again.recipe_name) == ("four-by-four", "four-by-four")
    assert (again.recipe.epochs, again.recipe.seed) == (3, 5)
    assert again.manifest.reload()["test"].fingerprint == splits.test.fingerprint
    assert set(again.environment) >= {"when", "command", "python", "versions"}
    assert not again.trained


def test_a_user_s_own_recipe_is_kept_in_the_run(prepare: Prepare, noisy: str, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(Path(noisy).read_text())
    run, _ = prepare(str(own), epochs=3)
    own.unlink()
    assert (run.title, run.recipe.epochs) == ("own", 3)
    assert not list(run.path.rglob("__pycache__"))


def test_runs_made_in_the_same_second_have_folders_of_their_own(tmp_path: Path) -> None:
    assert [new_folder(tmp_path, "run").name for _ in range(3)] == ["run", "run-2", "run-3"]


def test_runs_are_listed_oldest_first_without_those_that_were_never_finished_making(prepare: Prepare) -> None:
    made = [prepare()[0] for _ in range(3)]
    for age, run in enumerate(made):
        os.utime(run.path / "recipe.json", (1e9 - age, 1e9 - age))
    root = made[0].path.parent
    (root / "digits-killed-while-made").mkdir()
    (root / "digits-killed-while-made" / "data.json").write_text("{}")
    assert [run.path for run in all_runs(root)] == [run.path for run in reversed(made)]
    with pytest.raises(UsageError, match="is not a run"):
        Run(root / "digits-killed-while-made")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TinylensError, match=r"cannot make a run in .*file"):
        new_folder(tmp_path / "file", "run")
    with pytest.raises(TinylensError, match=r"cannot make a run in .*: File name too long"):
        new_folder(tmp_path, "x" * 5000)


def test_another_process_and_another_lock_are_refused(prepare: Prepare) -> None:
    run, _ = prepare()
    held = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from tinylens.runs import Run\n"
            "with Run(sys.argv[1]).locked(): print('held', flush=True); sys.stdin.read()",
            run.path,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert held.stdout is not None
    assert held.stdout.readline() == b"held\n"
    with pytest.raises(TinylensError, match="in use by another process"), run.locked():
        pass
    held.kill()
    held.communicate()
    with run.locked(), pytest.raises(TinylensError, match="in use"), Run(run.path).locked():
        pass


def test_a_lock_sweeps_what_a_killed_process_left(prepare: Prepare) -> None:
    run, _ = prepare()
    run.checkpoints.mkdir()
    (run.checkpoints / ".last.pt.0123abcd.tmp").write_text("half")
    with run.locked():
        assert not list(run.checkpoints.iterdir())


@pytest.mark.parametrize("file", ["recipe.json", "data.json", "history.jsonl", "training.json", "environment.json"])
@pytest.mark.parametrize("damage", ["{", "\x00", '{"a": 1', "3", "[[]]", '{"fields": 3}'])
def test_damaged_files_are_told_in_one_line(prepare: Prepare, file: str, damage: str) -> None:
    run, _ = prepare()
    (run.path / file).write_text(damage)
    parts = {"recipe.json": "recipe", "data.json": "manifest", "history.jsonl": "history"}
    with pytest.raises(TinylensError, match=file) as failed:
        getattr(run, parts.get(file, file.split(".")[0]))
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    "text", ["[]", "{}", "3", '{"name": "four-by-four", "fields": {"epochs": 0}}', '{"name": "../x.py"}']
)
def test_a_recipe_that_is_json_but_no_recipe_is_told_in_one_line(prepare: Prepare, text: str) -> None:
    run, _ = prepare()
    (run.path / "recipe.json").write_text(text)
    with pytest.raises(TinylensError) as failed:
        _ = run.recipe
    assert str(run.path) in str(failed.value)
    assert "\n" not in str(failed.value)


def test_the_log_grows_by_lines(prepare: Prepare) -> None:
    run, _ = prepare()
    for line in ("one", "two"):
        run.log(line)
    assert [line.split("  ")[1] for line in (run.path / "log.txt").read_text().splitlines()] == ["one", "two"]


def test_the_lens_after_an_epoch_has_the_weights_of_that_epoch(prepare: Prepare) -> None:
    run, splits = prepare(epochs=2, keep="last", keep_every=1)
    fit(run, splits, progress=False)
    images = splits.test.images[:20]
    first, second = (run.lens_after(epoch).logits(images) for epoch in (1, 2))
    assert torch.equal(second, run.lens.logits(images))
    assert not torch.equal(first, second)
    with pytest.raises(TinylensError, match=r"epoch-003\.pt is missing: --set keep_every=1 keeps"):
        run.lens_after(3)
    run.epoch_checkpoint(1).write_bytes(b"half a fi")
    with pytest.raises(TinylensError, match=r"epoch-001\.pt is damaged"):
        run.lens_after(1)
