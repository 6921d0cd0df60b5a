"""The main job from Python, as in a notebook, and what it leaves in the run."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tinylens
from tinylens.data import Splits
from tinylens.errors import DataError, UsageError
from tinylens.experiment import result
from tinylens.runs import Run


def test_five_lines_in_a_notebook(tmp_path: Path, digits: Splits) -> None:
    data = tinylens.load_data("digits")
    run = tinylens.train("four-by-four", data, epochs=2, out=tmp_path, progress=False)
    metrics = tinylens.evaluate(run, "test", progress=False)
    lens = tinylens.Lens.load(tinylens.Run(run.path).path)
    assert lens.predict(data.test.images[:3])[0].label in data.classes
    assert metrics.accuracy > 0.7


def test_the_corrected_form_selects_on_validation_and_opens_test_once(tmp_path: Path, digits: Splits) -> None:
    run = tinylens.train("four-by-four", digits, epochs=2, limit=200, out=tmp_path, progress=False)
    told = result(run)
    assert told["selected_on"] == "validation"
    assert [opening["by"] for opening in run.openings] == ["the end of training"]
    assert run.findings == []


def test_the_published_form_says_what_is_wrong_with_it(tmp_path: Path, digits: Splits) -> None:
    settings = {"as_published": True}
    run = tinylens.train("four-by-four", digits, epochs=3, limit=400, settings=settings, out=tmp_path, progress=False)
    assert "TL101" in [finding["code"] for finding in run.findings]
    assert result(run)["validation"] == result(run)["test"]
    assert run.openings[0]["by"] == "selection after each epoch"
    assert run.manifest.splits.keys() == {"train", "test"}
    assert "selected on the test set" in run.report.read_text()


def test_validation_of_a_run_that_selected_on_test_is_refused(tmp_path: Path, digits: Splits) -> None:
    settings = {"as_published": True}
    run = tinylens.train("four-by-four", digits, epochs=1, limit=100, settings=settings, out=tmp_path, progress=False)
    with pytest.raises(tinylens.TinylensError, match="no validation split of its own"):
        tinylens.evaluate(run, "validation")
    with pytest.raises(UsageError, match="validation or test"):
        tinylens.evaluate(run, "train")


def test_a_run_refuses_other_data(tmp_path: Path, digits: Splits) -> None:
    run = tinylens.train("four-by-four", digits, epochs=1, limit=100, out=tmp_path, progress=False)
    shifted = replace(digits.test, labels=(digits.test.labels + 1) % 10)
    with pytest.raises(DataError, match="changed since the run was made"):
        tinylens.evaluate(run, "test", data=replace(digits, test=shifted))


def test_a_folder_of_pictures_from_images_to_predictions(tmp_path: Path, digits: Splits) -> None:
    for split in (digits.train, digits.test):
        for index in range(120):
            folder = tmp_path / "pictures" / split.split / split.classes[split.labels[index]]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(split.batch(np.array([index]))[0]).save(folder / f"{index}.png")
    run = tinylens.train("four-by-four", tmp_path / "pictures", epochs=2, out=tmp_path / "runs", progress=False)
    predictions = run.lens.predict(tmp_path / "pictures" / "test")
    right = sum(Path(p.file).parent.name == p.label for p in predictions)
    assert right / len(predictions) == run.metrics("test")["accuracy"]


def test_nothing_is_left_where_training_never_began(tmp_path: Path, digits: Splits) -> None:
    small = {"image_size": 8}
    with pytest.raises(tinylens.TinylensError, match="too small"):
        tinylens.train("four-by-four", digits, settings=small, out=tmp_path, progress=False)
    assert not list(tmp_path.iterdir())


def test_a_stopped_command_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tinylens", "train", "four-by-four", "--data", "digits", "--epochs", "6"]
    whole = subprocess.run([*words, "--out", "whole"], cwd=tmp_path, capture_output=True, check=True)
    assert whole.returncode == 0
    stopped = subprocess.Popen([*words, "--out", "stopped"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while (
        not list(tmp_path.glob("stopped/*/history.jsonl"))
        or not next(tmp_path.glob("stopped/*/history.jsonl")).read_text()
    ):
        time.sleep(0.01)
    stopped.send_signal(signal.SIGINT)
    _, said = stopped.communicate()
    assert stopped.returncode == 130
    run = next((tmp_path / "stopped").iterdir())
    assert f"tinylens resume stopped/{run.name}" in said
    subprocess.run(
        [sys.executable, "-m", "tinylens", "resume", str(run)], cwd=tmp_path, capture_output=True, check=True
    )
    weights = [next((tmp_path / name).glob("*/lens/model.safetensors")).read_bytes() for name in ("whole", "stopped")]
    assert weights[0] == weights[1]
    assert Run(run).metrics("test") == Run(next((tmp_path / "whole").iterdir())).metrics("test")


def test_the_command_in_the_report_makes_the_same_run(tmp_path: Path, digits: Splits) -> None:
    import shlex

    from tinylens.report.panels.recipe import command

    settings = {"optimizer": "sgd", "optimizer.lr": 0.1, "optimizer.momentum": 0.9, "patience": None}
    first = tinylens.train(
        "four-by-four", "digits", epochs=2, seed=4, limit=150, settings=settings, out=tmp_path / "a", progress=False
    )
    words = [*shlex.split(command(first))[1:], "--out", "b"]
    subprocess.run([sys.executable, "-m", "tinylens", *words], cwd=tmp_path, capture_output=True, check=True)
    second = Run(next((tmp_path / "b").iterdir()))
    assert second.recipe == first.recipe
    assert (second.path / "lens/model.safetensors").read_bytes() == (first.path / "lens/model.safetensors").read_bytes()
