"""The commands as a user types them: each in a process of its own, with its exit status, stdout and stderr."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

JUDGED = ("predictions.npz", "metrics.json", "per_class.csv", "confusion.csv")
Result = subprocess.CompletedProcess[str]


def tinylens(*words: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run one command."""
    done = subprocess.run(
        [sys.executable, "-m", "tinylens", *words], cwd=cwd, input=stdin, capture_output=True, check=False
    )
    return Result(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def said(result: Result) -> object:
    """The one JSON document on stdout of a command that went well."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("user")


@pytest.fixture(scope="module")
def trained(place: Path) -> dict[str, object]:
    """What `train --json` said of a run in the user's folder."""
    return said(tinylens("train", "four-by-four", "--data", "digits", "--epochs", "3", "--json", cwd=place))


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, tinylens.cli\n"
        "with contextlib.suppress(SystemExit): tinylens.cli.main(['--help'])\n"
        "heavy = set('torch numpy PIL matplotlib sklearn scipy pydantic tensorboard'.split()) & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_train_gives_the_promised_keys(trained: dict[str, object], place: Path) -> None:
    for key in ("run", "recipe", "data", "seed", "epochs", "seconds", "validation", "test"):
        assert key in trained
    for split in ("validation", "test"):
        figures = trained[split]
        low, high = figures["interval"]
        assert low < figures["accuracy"] < high
        assert figures["loss"] > 0
        assert figures["images"] > 0
    assert trained["test"]["accuracy"] > 0.8
    assert (place / trained["run"] / "report.html").is_file()


def test_train_fills_the_run_directory(trained: dict[str, object], place: Path) -> None:
    run = place / trained["run"]
    for name in (
        "recipe.json",
        "data.json",
        "environment.json",
        "history.jsonl",
        "log.txt",
        "findings.json",
        "checkpoints/last.pt",
        "checkpoints/best.pt",
        "lens/model.safetensors",
        "lens/lens.json",
        *(
            f"evaluation/{s}/{f}"
            for s in ("validation", "test")
            for f in ("predictions.npz", "metrics.json", "confusion.csv")
        ),
        "plots/loss.svg",
        "report.html",
    ):
        assert (run / name).is_file(), name
    assert len((run / "history.jsonl").read_text().splitlines()) == 3
    assert list((run / "tensorboard").glob("events.*"))


def test_one_line_an_epoch_goes_to_stderr(place: Path) -> None:
    result = tinylens("train", "four-by-four", "--data", "digits", "--epochs", "2", "--limit", "100", cwd=place)
    assert result.returncode == 0
    assert sum(line.startswith("epoch ") for line in result.stderr.splitlines()) == 2
    assert "test       accuracy" in result.stdout


def test_evaluate_counts_every_opening(trained: dict[str, object], place: Path) -> None:
    before = said(tinylens("runs", "--json", cwd=place))[0]["test_openings"]
    metrics = said(tinylens("evaluate", str(trained["run"]), "--json", cwd=place))
    assert metrics["accuracy"] == trained["test"]["accuracy"]
    assert said(tinylens("runs", "--json", cwd=place))[0]["test_openings"] == before + 1
    said(tinylens("evaluate", str(trained["run"]), "--split", "validation", "--json", cwd=place))
    assert said(tinylens("runs", "--json", cwd=place))[0]["test_openings"] == before + 1


def test_report_writes_the_page_anew(trained: dict[str, object], place: Path) -> None:
    page = place / str(trained["report"])
    page.unlink()
    assert tinylens("report", str(trained["run"]), cwd=place).stdout.strip() == str(trained["report"])
    assert page.is_file()


@pytest.fixture(scope="module")
def picture(place: Path) -> Path:
    from sklearn.datasets import load_digits

    path = place / "digit.png"
    Image.fromarray((load_digits().images[0] * 15.9).astype(np.uint8)).save(path)
    return path


def test_predict_as_json_table_and_csv(trained: dict[str, object], place: Path, picture: Path) -> None:
    run = str(trained["run"])
    (one,) = said(tinylens("predict", run, "digit.png", "--json", cwd=place))
    assert one["file"] == "digit.png"
    assert one["class"] == one["top"][0]["class"]
    assert one["probability"] == one["top"][0]["probability"]
    assert len(one["top"]) == 5
    assert "digit.png" in tinylens("predict", run, "digit.png", cwd=place).stdout
    (row,) = csv.DictReader(io.StringIO(tinylens("predict", run, "digit.png", "--format", "csv", cwd=place).stdout))
    assert row["class"] == one["class"]


def test_predict_from_stdin_and_folder_agree_with_the_file(
    trained: dict[str, object], place: Path, picture: Path
) -> None:
    run = str(trained["run"])
    (file,) = said(tinylens("predict", run, "digit.png", "--json", cwd=place))
    (piped,) = said(tinylens("predict", run, "-", "--json", cwd=place, stdin=picture.read_bytes()))
    assert piped["top"] == file["top"]
    folder = place / "pictures"
    folder.mkdir()
    (folder / "digit.png").write_bytes(picture.read_bytes())
    (found,) = said(tinylens("predict", run, "pictures", "--json", cwd=place))
    assert found["top"] == file["top"]


def test_predict_draws_a_picture(trained: dict[str, object], place: Path, picture: Path) -> None:
    assert tinylens("predict", str(trained["run"]), "digit.png", "--plot", "out.png", cwd=place).returncode == 0
    with Image.open(place / "out.png") as drawn:
        assert min(drawn.size) > 200


def test_recipes_gives_the_promised_keys(tmp_path: Path) -> None:
    rows = said(tinylens("recipes", "--json", cwd=tmp_path))
    four = next(row for row in rows if row["name"] == "four-by-four")
    assert four["parameters"] == 225_610
    assert four["published"] == 0.6684
    assert {"data", "source"} <= four.keys()
    shown = tinylens("recipes", "show", "four-by-four", cwd=tmp_path).stdout
    assert "32·3·4·4 + 32 = 1,568" in shown


def test_doctor_says_what_it_would_choose_and_why(tmp_path: Path) -> None:
    found = said(tinylens("doctor", "--json", cwd=tmp_path))
    assert found["threads"] >= 1
    assert found["precision"] in ("float32", "bfloat16")
    assert found["why"]
    assert found["data"]["digits"] == "scikit-learn, on board"
    assert found["data"]["cifar10"] == "not here"


def test_data_info_and_show(tmp_path: Path) -> None:
    about = said(tinylens("data", "info", "digits", "--json", cwd=tmp_path))
    assert about["splits"]["train"]["images"] == 1297
    assert len(about["splits"]["train"]["mean"]) == 3
    assert tinylens("data", "show", "digits", cwd=tmp_path).stdout.strip() == "digits-train.png"
    with Image.open(tmp_path / "digits-train.png") as sheet:
        assert sheet.width > 500
    names = [entry["name"] for entry in said(tinylens("data", "list", "--json", cwd=tmp_path))]
    assert names == ["cifar10", "cifar100", "cifar100-coarse", "digits"]


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["train"], 2, "RECIPE"),
        (["train", "four-by-for"], 2, "did you mean four-by-four?"),
        (["train", "four-by-four", "--data", "nowhere"], 2, "no data 'nowhere'"),
        (["train", "four-by-four", "--data", "digits", "--set", "optimiser.lr=1"], 2, "did you mean optimizer?"),
        (["train", "four-by-four", "--data", "digits", "--set", "epochs"], 2, "FIELD=VALUE"),
        (["train", "four-by-four", "--data", "digits", "--limit", "3"], 1, "leaves classes without an image"),
        (["train", "four-by-four", "--data", "digits", "--epochs", "many"], 2, "many"),
        (["train", "four-by-four", "--data", "cifar10"], 1, "tinylens data get cifar10"),
        (["evaluate", "nothing"], 2, "is not a run"),
        (["predict", "nothing", "cat.png"], 1, "lens.json"),
        (["data", "import", "nothing"], 1, "no such file"),
        (["data", "get", "nothing"], 2, "no data set is called"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, words: list[str], status: int, expected: str) -> None:
    result = tinylens(*words, cwd=tmp_path)
    assert result.returncode == status
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    as_json = tinylens(*words, "--json", cwd=tmp_path)
    assert as_json.returncode == status
    assert expected in json.loads(as_json.stdout)["error"]
    assert not list(tmp_path.iterdir())


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = tinylens("evaluate", "nothing", "--debug", cwd=tmp_path)
    assert result.returncode != 0
    assert "Traceback" in result.stderr


@pytest.mark.parametrize("command", ["train", "resume", "evaluate", "report", "predict", "runs", "doctor", "recipes"])
def test_help_has_examples(command: str, tmp_path: Path) -> None:
    result = tinylens(command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    assert f"tinylens {command}" in result.stdout


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tinylens recipes show four-by-four | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, env=os.environ, check=False)
    assert b"Traceback" not in done.stderr
