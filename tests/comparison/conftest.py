"""What tests of comparisons share: a run that was judged."""

import shutil

import pytest

from tinylens.data import Splits
from tinylens.evaluation.judge import judge
from tinylens.runs import Run


@pytest.fixture(scope="package")
def base(trained: tuple[Run, Splits], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on the digits, judged on both splits. Do not change it."""
    run, splits = trained
    copy = Run(shutil.copytree(run.path, tmp_path_factory.mktemp("base") / "run"))
    for split in ("validation", "test"):
        judge(copy, split, splits, by="a test")
    return copy
