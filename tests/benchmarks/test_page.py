"""The page of all measurements, from data files."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinylens.data import Splits
from tinylens.errors import TinylensError
from tinylens.evaluation.judge import judge
from tinylens.runs import Run
from tinylens.words import duration

Make = Callable[..., dict[str, Any]]
Write = Callable[..., str]


def measurement(side: str, number: int, **found: Any) -> dict[str, Any]:
    about = {"round": number, "recipe": "mini-vgg", "settings": {"batch_norm": True}, "batch_size": 32, "side": side}
    return {**about, "others": 0.01, **found}


@pytest.fixture
def throughput(record: Make) -> dict[str, Any]:
    """Three rounds, in which Keras in bfloat16 failed once and another process disturbed us once."""
    same = {"parameters": 1234, "threads": 2}
    speeds = {
        "Tinylens": [3000.0, 1000.0, 2000.0],
        "Keras float32": [1000.0, 1250.0, 1100.0],
        "Keras mixed_bfloat16": [800, 99.94],
    }
    rows = [
        measurement(side, i, images_per_second=speed, precision="bfloat16", versions={side[:5]: "1.0"}, **same)
        for side, values in speeds.items()
        for i, speed in enumerate(values, 1)
    ]
    rows[1]["others"] = 0.4
    rows.append(measurement("Keras mixed_bfloat16", 3, error="no memory"))
    return record("throughput", rows)


def test_what_is_not_measured_says_how_it_would_be(page: Write) -> None:
    text = page()
    for command in ("recipes RUNS", "budget", "five-minutes", "throughput", "inference", "growth"):
        assert f"Not measured yet: `python benchmarks {command}` does that." in text


def test_speed_of_training(throughput: dict[str, Any], page: Write, tmp_path: Path) -> None:
    text = page(throughput=throughput)
    ours, fp32, bf16 = "2,000 (1,000–3,000)", "1,100 (1,000–1,250)", "450 (99.9–800)"
    assert f"| mini-vgg | batch_norm=true | 1,234 | 32 | {ours} | {fp32} | {bf16} | 1.82 | 4.44 | 2 |\n" in text
    assert "Round 3, mini-vgg (batch_norm=true), Keras mixed_bfloat16: failed: no memory\n" in text
    assert "Round 2, mini-vgg (batch_norm=true), Tinylens: disturbed: other processes took 40.0" in text
    assert "`python benchmarks throughput`, 2026-01-02 03:04 UTC" in text
    assert "16 GiB" in text
    assert "PyTorch:" not in text  # it was not measured
    drawing = (tmp_path / "speed-throughput.svg").read_text()
    assert all(f"<!-- {words} -->" in drawing for words in ("1.82", "4.44", "mini-vgg batch_norm=true"))


def test_what_failed_wholly_is_told_and_not_drawn(record: Make, page: Write, tmp_path: Path) -> None:
    rows = [measurement("Tinylens", 1, error="a"), measurement("Keras float32", 1, error="b")]
    assert "| mini-vgg | batch_norm=true | – | 32 | failed | failed | – | 0 |" in page(throughput=record("", rows))
    assert not list(tmp_path.glob("*.svg"))


def test_accuracy_after_a_time(record: Make, page: Write, tmp_path: Path) -> None:
    same = {"tested": 10_000, "images": 400_000, "seconds": 298.04, "judging_seconds": 3.0, "precision": "float32"}
    rows = [
        {"round": 1, "side": "Keras CNN", "accuracy": 0.7, "others": 0.0, **same},
        {"round": 1, "side": "Tinylens sprint", "accuracy": 0.94, "others": None, **same},
        {"round": 1, "side": "fastai ResNet-18", "error": "fastai.txt cannot be installed here: no", "others": None},
    ]
    text = page(five_minutes=record("five-minutes", rows, seconds=300.0))
    best = "| Tinylens sprint | 94.00\u202f% (93.5\u202f% – 94.4\u202f%) | 1 | 400,000 | 4 min 58 s | 3.0 s | float32 |"
    assert best in text
    assert text.index(best) < text.index("| Keras CNN |") < text.index("| fastai ResNet-18 | failed | 0 |")
    assert "Round 1, fastai ResNet-18: failed: fastai.txt cannot be installed here: no" in text
    assert "Ultralytics" not in text
    again = [{**row, "round": 2, "accuracy": 0.942} for row in rows[1:2]]
    text = page(five_minutes=record("five-minutes", rows + again, seconds=300.0))
    assert "| Tinylens sprint | 94.10\u202f% (94.00–94.20\u202f%) | 2 |" in text
    assert "<!-- 94.1" in (tmp_path / "speed-five-minutes.svg").read_text()


def test_where_the_time_goes(record: Make, page: Write, tmp_path: Path) -> None:
    def layer(name: str, kind: str, forward: float, backward: float, flop: int) -> dict[str, Any]:
        seconds = forward + backward
        times = {"forward": forward, "backward": backward, "seconds": seconds}
        return {"name": name, "kind": kind, **times, "flop": flop, "flop_per_second": flop / seconds if flop else None}

    row = {
        **measurement("Tinylens", 1, recipe="sprint", batch_size=2000, step_seconds=2.0, images_per_second=1000.0),
        "parts": {"preprocessing": 0.2, "forward": 0.6, "backward": 1.0, "update": 0.2},
        "layers": [layer("one", "PooledConv2d", 0.4, 0.8, 600_000_000_000), layer("two", "GELU", 0.2, 0.1, 0)],
        "flop": 600_000_000_000,
        "flop_per_second": 3e11,
        "peak": 6e11,
    }
    slow = row | {"round": 2, "step_seconds": 9.0}
    text = page(budget=record("budget", [slow, row, row | {"step_seconds": 1.9}]))
    assert "| sprint | 2,000 | 2,000 | 1,000 | 600 | 300 | 600 | 50\u202f% | 1,000 |\n" in text
    assert "| convolutions, backward | 800 | 40.0\u202f% |\n| other layers, backward | 200 | 10.0\u202f% |\n" in text
    assert "| sprint | one | 400 | 800 | 60.0\u202f% | 600 | 500 | 83\u202f% |\n" in text
    assert "| two |" not in text
    assert "<!-- convolutions, forward -->" in (tmp_path / "speed-budget.svg").read_text()


def test_speed_of_a_lens(record: Make, page: Write, tmp_path: Path) -> None:
    def row(side: str, single: float, many: float) -> dict[str, Any]:
        found = {
            str(n): {"images_per_second": speed, "call_seconds": n / speed} for n, speed in ((1, single), (32, many))
        }
        return measurement(side, 1, batches=found, precision="float32", parameters=1, threads=2)

    rows = [row("Tinylens", 500, 4000), row("Keras predict float32", 20, 1000), row("Keras model(x) float32", 250, 800)]
    text = page(inference=record("inference", rows, batches=[1, 32]))
    assert "| mini-vgg | 1 | 500 | 20.0 | 250 | 2.00 | 2 ms | 1 |\n" in text
    assert "| mini-vgg | 32 | 4,000 | 1,000 | 800 | 4.00 | 8 ms | 1 |\n" in text
    assert (tmp_path / "speed-inference.svg").is_file()


def test_growth(record: Make, page: Write, tmp_path: Path) -> None:
    def row(images: int, loaded: float) -> dict[str, Any]:
        point = {"round": 1, "grows": "images", "images": images, "image_size": 32, "classes": 10, "side": "Tinylens"}
        times = {
            "loading_seconds": images / 1e5,
            "epoch_seconds": images / 100,
            "images_per_second": 100.0,
            "seconds": 2,
        }
        memory = {"bytes_at_start": 2**28, "bytes_loaded": loaded, "bytes_at_most": loaded + 6144 * images}
        return {**point, **times, **memory, "others": 0.0}

    rows = [row(10_000, 2.0**30), row(1_000_000, 2.0**30)]
    text = page(growth=record("growth", rows, recipe="brisk-vgg"))
    assert "loading takes 100 times as long (power 1.00); an epoch takes 100 times as long (power 1.00)" in text
    assert "memory goes from 1.06 to 6.72 GiB, 6 KiB for each further image" in text
    assert "| images | 10,000 | 0.1 s | 100 | 1 min 40 s | 1.00 GiB | 1.06 GiB | 1 |" in text
    assert (tmp_path / "speed-growth.svg").is_file()


def test_what_recipes_reach(
    trained: tuple[Run, Splits], module: Callable[[str], Any], page: Write, tmp_path: Path
) -> None:
    run, splits = trained
    run = Run(shutil.copytree(run.path, tmp_path / run.path.name))  # others use the run itself, and count its openings
    metrics = judge(run, "test", splits, by="by a test")
    module("reached").recipes(run.path, out=tmp_path / "recipes.json")
    text = page()
    low, high = metrics.interval
    accuracy = f"{100 * metrics.accuracy:.2f}\u202f% ({100 * low:.1f}\u202f% – {100 * high:.1f}\u202f%)"
    assert re.search(rf"\| four-by-four \(epochs=2\) \| digits \| 225,610 \| 1 \| {re.escape(accuracy)} \|", text)
    assert "tinylens train four-by-four --data digits --seed 0" in text
    assert "<!-- four-by-four" in (tmp_path / "speed-recipes.svg").read_text()
    training = run.training["seconds"]
    (looking,) = json.loads((tmp_path / "recipes.json").read_text())["groups"][0]["looking"]
    assert looking > 0
    assert f"| {duration(training)} | {duration(training + looking)} |\n" in text


def test_a_damaged_data_file_is_named(page: Write) -> None:
    with pytest.raises(TinylensError, match=r"^growth\.json is not what `python benchmarks growth` writes: 'measu"):
        page(growth={"when": "now"})
