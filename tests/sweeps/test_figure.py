"""The sweep's figure."""

import csv
import json

import pytest
from tests.sweeps.samples import outcome, sketch

from tinylens.sweeps import Row, Sweep
from tinylens.sweeps.figure import draw, mark, scale


def test_the_files_and_the_figure_say_what_the_interval_is(done: Sweep) -> None:
    told = json.loads(done.file("json").read_text())["rows"][0]
    assert (told["interval_of"], told["interval"]) == ("seeds", list(done.rows[0].interval))
    assert told["deviation"] == done.rows[0].deviation
    text = done.file("html").read_text()
    assert "<dt>95 % interval of the mean over seeds (t)</dt>" in text
    assert "<dt>Standard deviation</dt>" in text
    single = sketch([Row({"batch_size": size}, (outcome(0.9),)) for size in (1, 2)])
    assert mark(single)["label"] == "95 % interval of the images (Wilson)"
    assert single.rows[0].to_json()["interval_of"] == "images"
    assert mark(done)["label"] == "95 % interval of the mean over seeds (t)"
    line = next(csv.DictReader(done.file("csv").read_text().splitlines()))
    assert float(line["low"]) == pytest.approx(done.rows[0].interval[0], abs=1e-6)
    assert line["interval_of"] == "seeds"


def test_the_figure_is_along_an_axis_for_numbers_and_by_line_for_all_else(done: Sweep) -> None:
    assert draw(done) == done.file("svg").read_text()
    words = [Row({"optimizer": kind}, (outcome(0.9),)) for kind in ("sgd", "$adam")]
    assert draw(sketch(words, over={"optimizer": ["sgd", "$adam"]})).startswith("<?xml")
    many = [Row({"a": i, "b": 1}, (outcome(1.0), outcome(0.9, seed=1))) for i in range(60)]
    tall = sketch(many, over={"a": list(range(60)), "b": [1]}, seeds=2)
    assert draw(tall).startswith("<?xml")
    assert scale([16.0, 32.0, 64.0, 128.0]) == "log"
    assert scale([5.0, 10.0, 15.0]) == "linear"
    assert scale([0.0, 0.1, 0.2]) == "linear"
