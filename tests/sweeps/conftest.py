"""What tests of sweeps share: one that is done."""

import pytest
from tests.sweeps.samples import QUICK

import tinylens
from tinylens.data import Splits
from tinylens.sweeps import Sweep


@pytest.fixture(scope="package")
def done(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Sweep:
    """Two batch sizes with two seeds. Do not change it."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.sweep("four-by-four", digits, over={"batch_size": [32, 128]}, seeds=2, out=out, **QUICK)
