"""What is swept over: how values are read, and what is refused before the first run."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinylens
from tinylens.data import Splits
from tinylens.errors import TinylensError
from tinylens.runs import Run
from tinylens.sweeps.plan import listed, read_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("32,64", [32, 64]),
        ("sgd, adam", ["sgd", "adam"]),
        ("none,5", [None, 5]),
        ('[{"kind":"flip"}],[]', [[{"kind": "flip"}], []]),
        ("true,false", [True, False]),
        ("1e-3,0.1", [0.001, 0.1]),
    ],
)
def test_values_are_read_as_set_reads_them_and_written_so_that_they_are_read_again(
    text: str, values: list[Any]
) -> None:
    assert read_values("field", text) == values
    assert read_values("field", listed(values)) == values


def test_values_may_be_choices_and_lists_of_steps(digits: Splits, tmp_path: Path) -> None:
    over = {"augment": '[{"kind":"flip"}],[]', "optimizer": ["sgd", "adam"]}
    made = tinylens.sweep("four-by-four", digits, over=over, epochs=1, limit=60, out=tmp_path, progress=False)
    recipes_made = [Run(made.path / outcome.run).recipe for outcome in made.outcomes]
    assert {(len(r.augment), r.optimizer.kind) for r in recipes_made} == {
        (n, k) for n in (0, 1) for k in ("sgd", "adam")
    }
    assert made.plan.command(made.recipe).startswith("tinylens sweep four-by-four --data digits --over 'augment=[{")


@pytest.mark.parametrize(
    ("over", "options", "expected"),
    [
        ({"batch_sise": [1, 2]}, {}, "did you mean batch_size?"),
        ({"optimizer.lt": [1, 2]}, {}, "no field 'lt'; there are kind, lr"),
        ({"batch_size": []}, {}, "an empty value"),
        ({"batch_size": "32,,64"}, {}, "an empty value"),
        ({}, {}, "needs --over FIELD=VALUE,VALUE"),
        ({"batch_size": 32}, {}, "values are a list, or text with commas, not one int"),
        ({"batch_size": [32, 32]}, {}, "batch_size=32 and batch_size=32 are the same training"),
        ({"optimizer": ["sgd", {"kind": "sgd"}]}, {}, "are the same training"),
        ({"batch_size": [1], "batch-size": [2]}, {}, "is there twice"),
        ({"batch_size": ["many"]}, {}, "batch_size=many"),
        ({"batch_size": [32, 0]}, {}, "batch_size=0"),
        ({"batch_size": [32, np.array([3])]}, {}, "no plain value"),
        ({"seed": [1, 2]}, {}, "--seeds N"),
        ({"epochs": [1, 2]}, {"epochs": 3}, "is set to 3 and swept over as well"),
        ({"batch_size": [1, 2]}, {"epochs": 3, "settings": {"epochs": 2}}, "given as --epochs as well"),
        ({"batch_size": [1, 2]}, {"seeds": 0}, "at least 1"),
        ({"batch_size": list(range(1, 503))}, {"seeds": 2}, "1,004 runs"),
        ({"batch_size": [1, 2]}, {"settings": {"as_published": True}}, "leave as_published out"),
        ({"as_published": [False, True]}, {}, "--set select_on=validation"),
        ({"batch_size": [1, 2]}, {"limit": 0}, "at least 1"),
        ({"batch_size": [1, 2]}, {"limit": 5}, "leaves classes without an image"),
        ({"validation_share": [0.2, 0.99]}, {"limit": 20}, "too few to cut"),
        ({"batch_size": [1, 2]}, {"data": "nowhere"}, "no data 'nowhere'"),
        ({"image_size": [32, 24]}, {"data": "splits"}, "load it in that way"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_run(
    over: dict[str, Any], options: dict[str, Any], expected: str, tmp_path: Path, digits: Splits
) -> None:
    given = {"data": "digits", "progress": False, "out": tmp_path / "runs"} | options
    data = digits if given["data"] == "splits" else given["data"]
    with pytest.raises(TinylensError, match=re.escape(expected)) as refused:
        tinylens.sweep("four-by-four", over=over, **given | {"data": data})
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "runs").exists()
