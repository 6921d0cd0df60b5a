"""What tests share: shapes checked at run time, a cache of their own, small real data, and CIFAR where it is."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Every annotation of the package is checked at each call, shapes included. Before anything of it is imported.
hook = install_import_hook("tinylens", "beartype.beartype")

from tinylens.data import Splits, load_data  # noqa: E402


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's is read or written: the cache and the data folder are temporary ones."""
    monkeypatch.setenv("TINYLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("TINYLENS_DATA", raising=False)


@pytest.fixture(scope="session")
def digits() -> Splits:
    """The built-in digits, whole."""
    return load_data("digits")


@pytest.fixture(scope="session")
def cifar_root() -> Path:
    """The folder with the real CIFAR-10 and CIFAR-100, named by TINYLENS_TEST_DATA."""
    root = os.environ.get("TINYLENS_TEST_DATA")
    if not root:
        pytest.skip("the real CIFAR is not here: TINYLENS_TEST_DATA does not name its folder")
    return Path(root)
