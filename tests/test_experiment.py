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
    run = tinylens.train("four-by-four", digits, epochs=12, limit=600, out=tmp_path, progress=False)
    told = result(run)
    assert told["selected_on"] == "validation"
    assert [opening["by"] for opening in run.openings] == ["at the end of training"]
    assert run.findings == []


def test_the_published_form_says_what_is_wrong_with_it(tmp_path: Path, digits: Splits) -> None:
    settings = {"as_published": True}
    run = tinylens.train("four-by-four", digits, epochs=3, limit=400, settings=settings, out=tmp_path, progress=False)
    assert "TL101" in [finding["code"] for finding in run.findings]
    assert result(run)["validation"] == result(run)["test"]
    assert run.openings[0]["by"] == "for selection after each epoch"
    assert run.manifest.splits.keys() == {"train", "test"}
    assert "selected on the test set" in run.report.read_text()


def test_selection_on_the_training_images_works_to_the_end_and_is_found(tmp_path: Path, digits: Splits) -> None:
    settings = {"select_on": "train", "patience": 1}
    run = tinylens.train("four-by-four", digits, epochs=2, limit=300, settings=settings, out=tmp_path, progress=False)
    assert run.manifest.splits.keys() == {"train", "test"}
    assert [finding["code"] for finding in run.findings] == ["TL103"]
    assert [opening["by"] for opening in run.openings] == ["at the end of training"]
    told, train = result(run), digits.limited(300).train
    assert (told["selected_on"], told["validation"]) == ("train", None)
    right = (run.lens.logits(train.images).argmax(dim=1).numpy() == train.labels).mean()
    assert run.history[told["best_epoch"] - 1]["validation_accuracy"] == pytest.approx(right)
    assert "selected on the training images" in run.report.read_text()
    with pytest.raises(tinylens.TinylensError, match="no validation split of its own: it selected on the train split"):
        tinylens.evaluate(run, "validation")


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
        tinylens.train("four-by-four", "digits", settings=small, out=tmp_path, progress=False)
    assert not list(tmp_path.iterdir())


def test_a_stopped_command_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tinylens", "train", "four-by-four", "--data", "digits", "--epochs", "6"]
    whole = tinylens.train("four-by-four", "digits", epochs=6, out=tmp_path / "whole", progress=False)
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
    weights = [(path / "lens" / "model.safetensors").read_bytes() for path in (whole.path, run)]
    assert weights[0] == weights[1]
    found, expected = Run(run).metrics("test"), whole.metrics("test")
    assert found | {"seconds": 0.0} == expected | {"seconds": 0.0}  # the time that judging took is its own


def test_the_command_in_the_report_makes_the_same_run(tmp_path: Path, digits: Splits) -> None:
    import shlex

    settings = {"optimizer": "sgd", "optimizer.lr": 0.1, "optimizer.momentum": 0.9, "patience": None}
    first = tinylens.train(
        "four-by-four", "digits", epochs=2, seed=4, limit=150, settings=settings, out=tmp_path / "a", progress=False
    )
    assert first.command is not None
    words = [*shlex.split(first.command)[1:], "--out", "b"]
    subprocess.run([sys.executable, "-m", "tinylens", *words], cwd=tmp_path, capture_output=True, check=True)
    second = Run(next((tmp_path / "b").iterdir()))
    assert second.recipe == first.recipe
    assert (second.path / "lens/model.safetensors").read_bytes() == (first.path / "lens/model.safetensors").read_bytes()


def test_data_in_another_order_is_refused(tmp_path: Path, digits: Splits) -> None:
    run = tinylens.train("four-by-four", digits, epochs=1, out=tmp_path, progress=False)
    backwards = replace(digits, test=digits.test.select(np.arange(len(digits.test))[::-1]))
    with pytest.raises(DataError, match="another order"):
        tinylens.write_report(run, data=backwards)


def test_a_lens_prepares_images_as_the_data_was_prepared(tmp_path: Path) -> None:
    padded = tinylens.load_data("digits", resize="pad", image_size=24)
    run = tinylens.train("four-by-four", padded, epochs=1, limit=60, out=tmp_path, progress=False)
    assert (run.recipe.resize, run.recipe.image_size) == ("pad", 24)
    with pytest.raises(DataError, match="load it in that way"):
        tinylens.train("four-by-four", padded, settings={"resize": "crop"}, out=tmp_path, progress=False)


def test_digits_are_prepared_in_use_as_in_training(digits: Splits) -> None:
    from sklearn.datasets import load_digits

    from tinylens.data.pictures import resized

    small = (load_digits().images[5] * (255 / 16)).round().astype(np.uint8)
    row = int(np.flatnonzero(digits.train.rows == 5)[0]) if 5 in digits.train.rows else None
    split = digits.train if row is not None else digits.test
    position = int(np.flatnonzero(split.rows == 5)[0])
    prepared = resized(Image.fromarray(small).convert("RGB"), (32, 32), "crop")
    assert np.array_equal(split.batch(np.array([position]))[0], prepared)


def test_each_look_at_the_test_images_is_counted(tmp_path: Path, digits: Splits) -> None:
    settings = {"as_published": True, "patience": None}
    run = tinylens.train("four-by-four", digits, epochs=3, limit=60, settings=settings, out=tmp_path, progress=False)
    assert run.times_opened == 3 + 1
    tinylens.evaluate(run, "test", data=digits, progress=False)
    assert run.times_opened == 3 + 2


def test_in_memory_and_vanished_data_are_named(tmp_path: Path, digits: Splits) -> None:
    from tinylens.data.dataset import IN_MEMORY

    own = replace(digits, name="mine", origin=IN_MEMORY)
    run = tinylens.train("four-by-four", own, epochs=1, limit=60, out=tmp_path, progress=False)
    with pytest.raises(DataError, match="arrays in memory"):
        tinylens.evaluate(run)
    assert tinylens.evaluate(run, data=own, progress=False).images == 60
    assert "It was made from arrays in memory" in run.report.read_text()


def test_public_names_are_what_they_say_after_use() -> None:
    code = (
        "import tinylens, types\n"
        "tinylens.train\n"
        "import tinylens.report.contact_sheet\n"
        "wrong = [n for n in tinylens.__all__ if isinstance(getattr(tinylens, n), types.ModuleType)]\n"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_lens_outside_the_tests_refuses_arrays_of_another_type(tmp_path: Path, digits: Splits) -> None:
    run = tinylens.train("four-by-four", digits, epochs=1, limit=60, out=tmp_path, progress=False)
    code = (
        "import sys, numpy, tinylens\n"
        "lens = tinylens.Lens.load(sys.argv[1])\n"
        "try: lens.probabilities(numpy.zeros((2, 32, 32, 3)))\n"
        "except tinylens.TinylensError as error: assert 'uint8' in str(error)\n"
        "else: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(run.path)], check=True, capture_output=True)
