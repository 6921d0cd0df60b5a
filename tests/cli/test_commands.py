"""The commands as a user types them, with their exit status, stdout and stderr."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.calling import Here, said, tinylens

from tinylens.cli import app
from tinylens.cli.output import seconds_in
from tinylens.errors import UsageError

OWN_RECIPE = '''
from torch import nn
from tinylens import Recipe

class Mine(Recipe):
    """Mine. Source: me."""

    def build(self, image_size, num_classes):
        print("building")
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * image_size[0] * image_size[1], num_classes))
'''
JUDGED = ("predictions.npz", "metrics.json", "per_class.csv", "confusion.csv")


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


def test_evaluate_counts_every_opening(here: Here, trained: dict[str, object], place: Path) -> None:
    before = said(here("runs", "--json", cwd=place))[0]["test_openings"]
    metrics = said(here("evaluate", str(trained["run"]), "--json", cwd=place))
    assert metrics["accuracy"] == trained["test"]["accuracy"]
    assert said(here("runs", "--json", cwd=place))[0]["test_openings"] == before + 1
    said(here("evaluate", str(trained["run"]), "--split", "validation", "--json", cwd=place))
    assert said(here("runs", "--json", cwd=place))[0]["test_openings"] == before + 1


def test_report_writes_the_page_anew(here: Here, trained: dict[str, object], place: Path) -> None:
    page = place / str(trained["report"])
    page.unlink()
    assert here("report", str(trained["run"]), cwd=place).stdout.strip() == str(trained["report"])
    assert page.is_file()


@pytest.fixture(scope="module")
def picture(place: Path) -> Path:
    from sklearn.datasets import load_digits

    path = place / "digit.png"
    Image.fromarray((load_digits().images[0] * 15.9).astype(np.uint8)).save(path)
    return path


def test_predict_as_json_table_and_csv(here: Here, trained: dict[str, object], place: Path, picture: Path) -> None:
    run = str(trained["run"])
    (one,) = said(here("predict", run, "digit.png", "--json", cwd=place))
    assert one["file"] == "digit.png"
    assert one["class"] == one["top"][0]["class"]
    assert one["probability"] == one["top"][0]["probability"]
    assert len(one["top"]) == 5
    assert "digit.png" in here("predict", run, "digit.png", cwd=place).stdout
    (row,) = csv.DictReader(io.StringIO(here("predict", run, "digit.png", "--format", "csv", cwd=place).stdout))
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


def test_predict_draws_a_picture(here: Here, trained: dict[str, object], place: Path, picture: Path) -> None:
    assert here("predict", str(trained["run"]), "digit.png", "--plot", "out.png", cwd=place).returncode == 0
    with Image.open(place / "out.png") as drawn:
        assert min(drawn.size) > 200


def test_history_as_table_json_csv_and_picture(here: Here, trained: dict[str, object], place: Path) -> None:
    run = str(trained["run"])
    rows = said(here("history", run, "--json", cwd=place))
    assert [(row["epoch"], row["selected_on"]) for row in rows] == [(n, "validation") for n in (1, 2, 3)]
    table = list(csv.DictReader(io.StringIO(here("history", run, "--format", "csv", cwd=place).stdout)))
    assert [float(row["validation_accuracy"]) for row in table] == [row["validation_accuracy"] for row in rows]
    printed = here("history", run, "--plot", "curves.png", cwd=place).stdout
    assert f"{rows[2]['train_loss']:.4f}" in printed
    assert (place / "curves.png").stat().st_size > 5000


def test_confusion_and_predictions_open_nothing(here: Here, trained: dict[str, object], place: Path) -> None:
    run = str(trained["run"])
    before = (place / run / "evaluation" / "openings.json").read_bytes()
    kept = json.loads((place / run / "evaluation" / "test" / "metrics.json").read_text())
    told = said(here("confusion", run, "--json", "--plot", "confusion.svg", cwd=place))
    assert told["matrix"] == kept["confusion"]
    assert told["most_confused"] == kept["most_confused"]
    assert told["near_misses"] is None
    shares = said(here("confusion", run, "--json", "--normalise", cwd=place))["matrix"]
    assert np.allclose(np.sum(shares, axis=1), 1)
    _, *rows = csv.reader(io.StringIO(here("confusion", run, "--format", "csv", cwd=place).stdout))
    assert [[int(value) for value in row[1:]] for row in rows] == kept["confusion"]
    assert kept["most_confused"][0]["words"] in here("confusion", run, cwd=place).stdout
    assert "no superclasses" in here("confusion", run, "--superclasses", cwd=place).stderr
    answers = said(here("predictions", run, "--random", "16", "--seed", "3", "--plot", "grid.png", "--json", cwd=place))
    assert len(answers) == 16
    assert all((answer["truth"] == answer["predicted"]) == answer["right"] for answer in answers)
    wrong = csv.DictReader(io.StringIO(here("predictions", run, "--wrong", "--format", "csv", cwd=place).stdout))
    assert {row["right"] for row in wrong} == {"False"}
    assert list(answers[0]) == wrong.fieldnames == ["index", "truth", "predicted", "probability", "right"]
    assert here("predictions", run, cwd=place).stdout.split()[:5] == wrong.fieldnames
    assert len(here("predictions", run, cwd=place).stdout.strip().splitlines()) == 10 + 2
    assert (place / "grid.png").stat().st_size > 5000
    assert (place / run / "evaluation" / "openings.json").read_bytes() == before


def test_no_mistakes_are_one_sentence(here: Here, trained: dict[str, object], place: Path) -> None:
    from tinylens.evaluation.judge import saved_predictions

    shutil.copytree(place / str(trained["run"]), place / "faultless")
    judged = saved_predictions(place / "faultless", "test")
    right = replace(judged, logits=np.eye(10, dtype=np.float32)[judged.labels])
    right.save(place / "faultless" / "evaluation" / "test" / "predictions.npz")
    words, sentence = (
        ("predictions", "faultless", "--wrong", "--plot", "none.png"),
        "there are no mistakes among the 500",
    )
    assert here(*words, cwd=place).stdout.startswith(sentence)
    assert said(here(*words, "--json", cwd=place)) == []
    listed = here(*words, "--format", "csv", cwd=place)
    assert listed.stdout == "index,truth,predicted,probability,right\n"
    assert listed.stderr.startswith(sentence)
    assert not (place / "none.png").exists()
    shutil.rmtree(place / "faultless")


def test_what_was_not_judged_says_what_to_do(here: Here, trained: dict[str, object], place: Path) -> None:
    shutil.copytree(place / str(trained["run"]), place / "unjudged")
    shutil.rmtree(place / "unjudged" / "evaluation" / "test")
    for command in ("confusion", "predictions"):
        result = here(command, "unjudged", cwd=place)
        assert (result.returncode, "`tinylens evaluate unjudged --split test`" in result.stderr) == (1, True)
    shutil.rmtree(place / "unjudged")


def test_evaluate_prints_the_averages(here: Here, trained: dict[str, object], place: Path) -> None:
    run = str(trained["run"])
    metrics = said(here("evaluate", run, "--split", "validation", "--json", cwd=place))
    printed = here("evaluate", run, "--split", "validation", cwd=place).stdout.splitlines()
    (line,) = [line.split() for line in printed if line.startswith(" macro avg")]
    assert line[2:5] == [f"{metrics['macro_average'][key]:.3f}" for key in ("precision", "recall", "f1")]
    assert any(line.startswith(" weighted avg") for line in printed)


def test_recipes_gives_the_promised_keys(here: Here, tmp_path: Path) -> None:
    rows = said(here("recipes", "--json", cwd=tmp_path))
    four = next(row for row in rows if row["name"] == "four-by-four")
    assert four["parameters"] == 225_610
    assert four["published"] == 0.6684
    assert {"data", "source"} <= four.keys()
    shown = here("recipes", "show", "four-by-four", cwd=tmp_path).stdout
    assert "32·3·4·4 + 32 = 1,568" in shown


def test_doctor_says_what_it_would_choose_and_why(here: Here, tmp_path: Path) -> None:
    found = said(here("doctor", "--json", cwd=tmp_path))
    assert found["threads"] >= 1
    assert found["precision"] in ("float32", "bfloat16")
    assert found["why"]
    assert found["data"]["digits"] == "scikit-learn, on board"
    assert found["data"]["cifar10"] is None


def test_data_info_and_show(here: Here, tmp_path: Path) -> None:
    about = said(here("data", "info", "digits", "--json", cwd=tmp_path))
    assert about["splits"]["train"]["images"] == 1297
    assert len(about["splits"]["train"]["mean"]) == 3
    assert here("data", "show", "digits", cwd=tmp_path).stdout.strip() == "digits-train.png"
    with Image.open(tmp_path / "digits-train.png") as sheet:
        assert sheet.width > 500
    grid = said(here("data", "show", "digits", "--grid", "2x5", "--first", "--out", "grid.png", "--json", cwd=tmp_path))
    assert [image["index"] for image in grid["images"]] == list(range(10))
    assert all(image["class"] == str(image["label"]) for image in grid["images"])
    names = [entry["name"] for entry in said(here("data", "list", "--json", cwd=tmp_path))]
    assert names == ["cifar10", "cifar100", "cifar100-coarse", "digits"]


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["resume"], 2, "--run requires an argument"),
        (["train", "four-by-for"], 2, "did you mean four-by-four?"),
        (["train", "four-by-four", "--data", "nowhere"], 2, "no data 'nowhere'"),
        (["train", "four-by-four", "--data", "digits", "--set", "optimiser.lr=1"], 2, "did you mean optimizer?"),
        (["train", "four-by-four", "--data", "digits", "--set", "epochs"], 2, "FIELD=VALUE"),
        (["train", "four-by-four", "--data", "digits", "--limit", "0"], 2, "at least 1"),
        (["data", "show", "digits", "--per-class", "-1"], 2, "--per-class -1: must be at least 1"),
        (["data", "show", "digits", "--seed", "-1"], 2, "--seed -1: must be at least 0"),
        (["data", "show", "digits", "--split", "tst"], 2, 'Choose from: "train", "validation", "test"'),
        (["data", "show", "digits", "--out", "sheet.jpg"], 2, "sheet.jpg: images are written as a .png file"),
        (["data", "show", "digits", "--out", "nowhere/sheet.png"], 2, "there is no folder nowhere"),
        (["data", "show", "digits", "--grid", "2by5"], 2, "--grid 2x5"),
        (["data", "show", "digits", "--grid", "0x5"], 2, "a grid holds 1 to 2,500 images, not 0x5"),
        (["history", "nothing"], 2, "is not a run"),
        (["predictions", "nothing", "--first", "0"], 2, "must be at least 1"),
        (["predictions", "nothing", "--seed", "-1"], 2, "--seed -1: must be at least 0"),
        (["confusion", "one", "two"], 2, "confusion takes one run: two is one too many"),
        (["train", "one", "two", "three"], 2, "train takes one recipe: two, three are too many"),
        (["data", "list", "two"], 2, "data list takes nothing: two is one too many"),
        (["data", "shwo"], 2, 'Did you mean "show"?'),
        (["recipes", "shwo", "four-by-four"], 2, 'Did you mean "show"?'),
        (["train", "four-by-four", "--data", "digits", "--limit", "3"], 1, "leaves classes without an image"),
        (["train", "four-by-four", "--data", "digits", "--epochs", "many"], 2, "many"),
        (["train", "four-by-four", "--data", "cifar10"], 1, "tinylens data get cifar10"),
        (["evaluate", "nothing"], 2, "is not a run"),
        (["predict", "nothing", "cat.png"], 2, "holds no lens"),
        (["data", "import", "nothing"], 1, "no such file"),
        (["data", "get", "nothing"], 2, "no data set is called"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_is_wrong_is_one_line(here: Here, tmp_path: Path, words: list[str], status: int, expected: str) -> None:
    result = here(*words, cwd=tmp_path)
    assert result.returncode == status
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    debugged = here(*words, "--debug", "--json", cwd=tmp_path)
    assert debugged.returncode == status
    assert expected in json.loads(debugged.stdout)["error"]
    assert "Traceback" in debugged.stderr
    as_json = here(*words, "--json", cwd=tmp_path)
    assert as_json.returncode == status
    assert expected in json.loads(as_json.stdout)["error"]
    assert not list(tmp_path.iterdir())


def commands() -> list[list[str]]:
    outer = [name for name in app if not name.startswith("-")]
    inner = {name: [sub for sub in app[name] if not sub.startswith("-")] for name in outer}
    return [[name] for name in outer if not inner[name]] + [[name, sub] for name in outer for sub in inner[name]]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_has_examples_and_says_what_each_parameter_is(here: Here, command: list[str], tmp_path: Path) -> None:
    result = here(*command, "--help", cwd=tmp_path)
    assert result.returncode == 0
    words = " ".join(result.stdout.split())
    assert "For example:" in words
    assert f"tinylens {' '.join(command)}" in words.split("For example:")[1]
    if "--data-dir" in words:
        assert "Where to look first for downloaded data." in words or "Where to put it." in words


def test_options_may_stand_before_the_command(here: Here, tmp_path: Path) -> None:
    assert said(here("--json", "recipes", cwd=tmp_path))


def test_what_a_user_s_recipe_prints_does_not_spoil_the_json(here: Here, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN_RECIPE)
    result = here("train", "mine.py", "--data", "digits", "--epochs", "1", "--limit", "60", "--json", cwd=tmp_path)
    assert said(result)["recipe"] == "mine"
    assert "building" in result.stderr
    assert "name some with --data" in here("train", "mine.py", cwd=tmp_path).stderr
    assert said(here("recipes", "show", "mine.py", "--json", cwd=tmp_path))["classes"] == 10


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_judging_is_told_in_json(
    trained: dict[str, object], place: Path, number: int, status: int
) -> None:
    words = [sys.executable, "-m", "tinylens", "evaluate", str(trained["run"]), "--json"]
    process = subprocess.Popen(words, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    openings = place / str(trained["run"]) / "evaluation" / "openings.json"
    before = openings.read_text()
    while openings.read_text() == before and process.poll() is None:  # it is written when judging begins
        time.sleep(0.002)
    process.send_signal(number)
    out, _ = process.communicate()
    assert process.returncode == status
    assert json.loads(out) == {"error": "interrupted", "status": status}


def test_runs_lists_the_readable_ones_beside_a_damaged_one(here: Here, place: Path, trained: dict[str, object]) -> None:
    broken = place / "some" / "broken"
    broken.mkdir(parents=True)
    (broken / "recipe.json").write_text("{}")
    shutil.copytree(place / str(trained["run"]), place / "some" / "whole")
    rows = said(here("runs", "some", "--json", cwd=place))
    assert [("error" in row) for row in sorted(rows, key=lambda row: row["run"])] == [True, False]


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tinylens recipes show four-by-four | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, env=os.environ, check=False)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("2m30s", 150)]
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "10 minutes", "30s1h", "-5s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="as 1h30m, 10m or 90s"):
        seconds_in(text)
