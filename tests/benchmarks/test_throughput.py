"""The throughput benchmark, without the peer: its page, and our side of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MACHINE = {"machine": "Linux x86_64, a processor", "cores": 2, "memory_bytes": 2**34, "why": "it has bfloat16"}
SYSTEM = {"system": "Linux-6", "python": "3.11.7", "load_average": "0.00, 0.00, 0.00"}


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def measurement(side: str, number: int, **found: Any) -> dict[str, Any]:
    about = {"round": number, "recipe": "mini-vgg", "settings": {"batch_norm": True}, "batch_size": 32, "side": side}
    return {**about, "others": 0.01, **found}


@pytest.fixture
def record() -> dict[str, Any]:
    """A data file: three rounds, in which Keras in bfloat16 failed once and another process disturbed us once."""
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
    about = {
        "when": "2026-01-02T03:04:05+00:00",
        "command": "python benchmarks/throughput.py",
        "seconds": 2,
        "rounds": 3,
    }
    return {**about, "seconds": 2, "rounds": 3, "machine": MACHINE | SYSTEM, "images": ["noise"], "measurements": rows}


def test_the_page_is_written_from_the_data_file(record: dict[str, Any], tmp_path: Path) -> None:
    data = tmp_path / "throughput.json"
    data.write_text(json.dumps(record))
    done = run("throughput.py", "--page-only", "--out", str(data))
    assert done.returncode == 0, done.stderr
    page = data.with_suffix(".md").read_text()
    ours, fp32, bf16 = "2,000 (1,000–3,000)", "1,100 (1,000–1,250)", "450 (99.9–800)"
    assert f"| mini-vgg | batch_norm=true | 1,234 | 32 | {ours} | {fp32} | {bf16} | 1.82 | 4.44 | 2 |\n" in page
    assert "Round 3, mini-vgg (batch_norm=true), Keras mixed_bfloat16: failed: no memory\n" in page
    assert "Round 2, mini-vgg (batch_norm=true), Tinylens: disturbed: other processes took 40.0" in page
    assert "`python benchmarks/throughput.py` on 2026-01-02T03:04:05+00:00" in page
    assert "16 GiB" in page


def test_what_keras_could_not_do_at_all_is_told(record: dict[str, Any], tmp_path: Path) -> None:
    data = tmp_path / "throughput.json"
    record["measurements"] = [measurement("Tinylens", 1, error="a"), measurement("Keras float32", 1, error="b")]
    data.write_text(json.dumps(record))
    assert run("throughput.py", "--page-only", "--out", str(data)).returncode == 0
    row = "| mini-vgg | batch_norm=true | – | 32 | failed | failed | failed | – | – | 0 |"
    assert row in data.with_suffix(".md").read_text()


def test_a_recipe_is_measured_in_training() -> None:
    job = {"recipe": "four-by-four", "settings": {}, "images": "digits", "seconds": 0.2}
    done = run("measure_tinylens.py", json.dumps(job))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["parameters"] == 225_610
    assert found["seconds"] >= 0.2
    assert found["images_per_second"] == pytest.approx(found["images"] / found["seconds"])
    assert 24 * found["steps"] <= found["images"] <= 32 * found["steps"]
