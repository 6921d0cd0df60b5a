"""A recipe of one's own: the file to start from is a good one, and the trial tells what is wrong with a bad one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tinylens import Splits, recipes, train
from tinylens.cli import main
from tinylens.errors import UsageError
from tinylens.trial import check, write_template

BROKEN = """
import random
import torch
from torch import nn
from tinylens.optim.optimizers import SGD, Optimizer
from tinylens.recipe import Recipe

class Broken(Recipe):
    "Source: made for the tests."
    data = "digits"
    image_size: int = 8
    optimizer: Optimizer = SGD(lr={rate})

    def build(self, image_size, num_classes):
        {body}
"""
SOFTMAX = "broken.*probabilities, not logits: leave softmax out"
LINEAR = "nn.Sequential(nn.Flatten(), nn.Linear(192, num_classes))"


def broken(folder: Path, body: str, rate: float = 0.1) -> str:
    path = folder / "broken.py"
    path.write_text(BROKEN.format(body=body, rate=rate))
    return str(path)


def test_the_file_to_start_from_passes_trains_and_is_learned_from(tmp_path: Path) -> None:
    path = write_template(tmp_path / "my_net.py")
    assert recipes.find(str(path)).__name__ == "MyNetRecipe"
    assert [(one.name, one.passed) for one in check(str(path))] == [
        (name, True) for name in ("builds", "learns", "repeats", "comes back")
    ]
    run = train(str(path), "digits", epochs=5, out=tmp_path, progress=False)
    assert run.metrics("validation")["accuracy"] > 0.9


def test_a_file_that_is_there_or_cannot_be_a_recipe_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("my work")
    for name, said in (("mine.py", "is there already"), ("mine.txt", "Python file"), ("no/mine.py", "no such folder")):
        with pytest.raises(UsageError, match=said):
            write_template(tmp_path / name)
    assert (tmp_path / "mine.py").read_text() == "my work"


@pytest.mark.parametrize(
    ("body", "rate", "name", "said"),
    [
        (f"return {LINEAR}", 0.1, None, ""),
        ("return nn.Sequential(nn.Flatten(), nn.Linear(192, 7))", 0.1, "builds", r"\(1, 7\) for one image"),
        ("return nn.Linear(5, num_classes)", 0.1, "builds", "fails on the first image"),
        (f"return {LINEAR}.requires_grad_(False)", 0.1, "builds", "no weights to train"),
        (f"return {LINEAR}", 1e4, "learns", "learning rate is too high"),
        (f"m = {LINEAR}; nn.init.constant_(m[1].weight, random.random()); return m", 0.1, "repeats", "same seed"),
        (
            f"m, k = {LINEAR}, torch.rand(1); m.register_forward_hook(lambda *o: o[2] * k); return m",
            0.1,
            "comes back",
            "its logits differ when loaded",
        ),
        ("return nn.Sequential(nn.Flatten(), nn.Linear(192, num_classes), nn.Softmax(1))", 0.1, "builds", SOFTMAX),
        (
            f"m = {LINEAR}; m.register_forward_pre_hook(lambda m, _: 1 / 0 if m.training else None); return m",
            0.1,
            "learns",
            "broken: .*fails at step 1",
        ),
        (
            f"return {LINEAR}\n    def loss(self, logits, labels): return logits",
            0.1,
            "learns",
            "broken: .*fails at step 1",
        ),
    ],
)
def test_each_check_tells_what_it_is_for(tmp_path: Path, body: str, rate: float, name: str | None, said: str) -> None:
    found = check(broken(tmp_path, body, rate))
    failed = [one for one in found if one.passed is False]
    assert [one.name for one in failed] == ([] if name is None else [name])
    assert all(re.search(said, one.words) for one in failed)
    places = [one.name for one in found]
    assert places == ["builds", "learns", "repeats", "comes back"]
    if name is not None:
        assert {one.passed for one in found[places.index(name) + 1 :]} <= {None, True}


@pytest.mark.parametrize("name", ["adam_w", "recipe", "_", "_1", "dropout", "my-net"])
def test_the_class_of_the_file_hides_no_import(tmp_path: Path, name: str) -> None:
    path = write_template(tmp_path / f"{name}.py")
    assert recipes.find(str(path)).__name__.endswith("Recipe")


def test_the_file_to_start_from_names_data_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data 'cifar11'"):
        write_template(tmp_path / "mine.py", data="cifar11")
    folder = tmp_path / 'my "pictures" \\n'
    folder.mkdir()
    assert recipes.find(str(write_template(tmp_path / "mine.py", data=str(folder)))).data == str(folder)


def test_other_data_than_the_recipe_s_own_is_said(tmp_path: Path) -> None:
    mine = Path(broken(tmp_path, f"return {LINEAR}"))
    for data, said in (("'cifar10'", "(cifar10 is not here: tried on digits)"), ("None", "(it names no data")):
        mine.write_text(mine.read_text().replace(' data = "digits"', f" data = {data}").replace("'cifar10'", data))
        assert said in check(str(mine))[0].words
    assert "tried on" not in check(str(mine), "digits")[0].words


def test_it_takes_the_path_that_a_recipe_names(tmp_path: Path, digits: Splits) -> None:
    parts = {
        f"{part}_{kind}": getattr(digits[part], kind) for part in ("train", "test") for kind in ("images", "labels")
    }
    np.savez(tmp_path / "mine.npz", **parts)
    mine = Path(broken(tmp_path, f"return {LINEAR}"))
    mine.write_text(mine.read_text().replace('"digits"', repr(str(tmp_path / "mine.npz"))))
    assert check(str(mine))[0].words.endswith("mine.npz")


def test_errors_name_the_user_s_file_and_not_its_copy(tmp_path: Path) -> None:
    (tmp_path / "width.txt").write_text("192")
    mine = Path(broken(tmp_path, f"return {LINEAR}"))
    mine.write_text(
        mine.read_text() + "\nfrom pathlib import Path\n(Path(__file__).parent / 'width.txt').read_text()\n"
    )
    words = check(str(mine))[0].words
    assert words.startswith("broken.py cannot be loaded")


def test_a_check_that_fails_is_one_json_document(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["recipes", "check", broken(tmp_path, "return nn.Linear(5, num_classes)"), "--json"])
    assert ended.value.code == 1
    assert json.loads(capfd.readouterr().out)["passed"] is False


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check(broken(tmp_path, f"return {LINEAR}"))
    assert [path.name for path in tmp_path.iterdir()] == ["broken.py"]
