"""tinylens sweep as a user types it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.calling import Here, said

COMMAND = [sys.executable, "-m", "tinylens"]
WORDS = ["--data", "digits", "--epochs", "1", "--limit", "60"]


def test_the_command_prints_a_table_and_one_json_document(here: Here, tmp_path: Path) -> None:
    words = "sweep", "four-by-four", *WORDS, "--over", "batch_size=16,32", "--over", "optimizer.lr=0.01,0.001"
    result = here(*words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "4 combinations, 4 runs" in result.stdout
    assert "Seeds were not repeated" in result.stdout
    assert "run 4 of 4: batch_size=32, optimizer.lr=0.001, seed 0" in result.stderr
    (path,) = (tmp_path / "runs").glob("sweep-digits-four-by-four-*")
    told = said(here("resume", str(path), "--json", cwd=tmp_path))
    assert told["runs_done"] == 4
    assert [row["values"].keys() for row in told["rows"]] == [{"batch_size", "optimizer.lr"}] * 4
    assert (tmp_path / told["best"]).is_dir()
    assert [row["test_openings"] for row in said(here("runs", "--json", cwd=tmp_path))] == [0] * 4
    result = here("runs", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("not opened") == 4
    assert f"{path.name}/digits-four-by-four" in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "needs --over FIELD=VALUE,VALUE"),
        (["--over", "batch_size"], "--over takes FIELD=VALUE"),
        (["--over", "batch_size="], "an empty value"),
        (["--over", "batch_size=1", "--over", "batch_size=2"], "is there twice"),
        (["--over", "batch_sise=1,2"], "did you mean batch_size?"),
        (["--over", "batch_size=1,2", "--set", "as_published=true"], "--set select_on=validation"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_line(here: Here, words: list[str], expected: str, tmp_path: Path) -> None:
    result = here("sweep", "four-by-four", *WORDS, *words, cwd=tmp_path)
    assert result.returncode == 2
    assert expected in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_ctrl_c_names_the_sweep_and_resume_finishes_it(tmp_path: Path) -> None:
    words = "sweep four-by-four --data digits --over batch_size=8,16 --epochs 30 --limit 200"
    process = subprocess.Popen([*COMMAND, *words.split()], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("runs/sweep-*/*/checkpoints/last.pt")):
        time.sleep(0.01)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    (path,) = tmp_path.glob("runs/sweep-*")
    assert f"stopped in run 1 of 2; `tinylens resume runs/{path.name}` goes on" in said
    assert json.loads((path / "sweep.json").read_text())["plan"]["over"] == {"batch_size": [8, 16]}
