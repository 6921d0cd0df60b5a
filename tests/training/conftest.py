"""What tests of training share: a model that stops its own process, and a run that was never stopped."""

from collections.abc import Callable, Iterator

import pytest

from tinylens.data import Splits
from tinylens.runs import Run
from tinylens.training.fit import fit

Prepare = Callable[..., tuple[Run, Splits]]


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets when the noisy recipe's model sends a signal to its own process; nothing means never."""

    def set_to(*moments: str) -> None:
        monkeypatch.setenv("TINYLENS_TEST_TRAP", " ".join(moments))

    yield set_to
    set_to()


@pytest.fixture
def reference(prepare: Prepare) -> Run:
    run, splits = prepare()
    fit(run, splits, progress=False)
    return run
