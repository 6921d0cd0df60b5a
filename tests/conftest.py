"""What tests share: shapes checked at run time, a cache of their own, small real data, and CIFAR where it is."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from jaxtyping import install_import_hook
from tests.calling import Here, Result

# Workers of pytest-xdist have a core each, and so do the processes that they start: threads would wait for each other.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})

# Every annotation of the package is checked at each call, shapes included. Before anything of it is imported.
os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is first imported, in the tests of ports
hook = install_import_hook("tinylens", "beartype.beartype")

from tinylens.cli import main  # noqa: E402
from tinylens.data import Splits, load_data  # noqa: E402

if TYPE_CHECKING:
    from tinylens.runs import Run


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
def patches() -> np.ndarray:
    """Pieces of two colour photographs that come with scikit-learn: uint8 (1870, 16, 16, 3), no two alike."""
    from sklearn.datasets import load_sample_images

    pieces = []
    for picture in load_sample_images().images:
        rows, columns = picture.shape[0] // 16, picture.shape[1] // 16
        cut = picture[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16, 3)
        pieces.append(cut.transpose(0, 2, 1, 3, 4).reshape(-1, 16, 16, 3))
    return np.unique(np.concatenate(pieces), axis=0)


@pytest.fixture(scope="session")
def cifar_root() -> Path:
    """The folder with the real CIFAR-10 and CIFAR-100, named by TINYLENS_TEST_DATA."""
    root = os.environ.get("TINYLENS_TEST_DATA")
    if not root:
        pytest.skip("the real CIFAR is not here: TINYLENS_TEST_DATA does not name its folder")
    return Path(root)


@pytest.fixture(scope="session")
def cifar_archives(cifar_root: Path) -> Path:
    """The same folder, where the archives lie in it and not only what they unpack to."""
    from tinylens.data.sources.cifar import ARCHIVES

    missing = [python.file for python, _ in ARCHIVES.values() if not (cifar_root / python.file).is_file()]
    if missing:
        pytest.skip(f"the real archives are not here: TINYLENS_TEST_DATA holds no {' and no '.join(missing)}")
    return cifar_root


def prepared(root: Path, recipe: str, limit: int | None = 300, **settings: object) -> tuple["Run", Splits]:
    """A run on the digits, ready to be trained. Settings reach inside with two underscores: optimizer__lr."""
    from tinylens import recipes
    from tinylens.data.manifest import Choice, Manifest
    from tinylens.runs import Run

    resolved = recipes.find(recipe).resolve({name.replace("__", "."): value for name, value in settings.items()})
    share = resolved.validation_share if resolved.select_on == "validation" else None
    choice = Choice("digits", resolved.image_size, resolved.resize, limit, share, resolved.seed, False)
    splits = choice.load()
    return Run.create(root, resolved, recipe, Manifest.of(choice, splits)), splits


@pytest.fixture
def noisy() -> str:
    """The path of a user's own recipe, small and quick, with dropout and batch norm."""
    return str(Path(__file__).parent / "noisy_recipe.py")


@pytest.fixture
def prepare(tmp_path: Path, noisy: str) -> Callable[..., tuple["Run", Splits]]:
    """Makes runs on the digits that are ready to be trained: prepare(recipe, limit, field=value, ...)."""

    def make(recipe: str = noisy, limit: int | None = 300, **settings: object) -> tuple["Run", Splits]:
        return prepared(tmp_path / "runs", recipe, limit, **settings)

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A headless Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here to look at pages with")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple["Run", Splits]:
    """A run of four-by-four, trained for two epochs on the digits. Do not change it."""
    from tinylens.training.fit import fit

    run, splits = prepared(tmp_path_factory.mktemp("trained"), "four-by-four", None, epochs=2)
    fit(run, splits, progress=False)
    return run, splits


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """Run one command in this process, in the folder `cwd`."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: str, cwd: Path) -> Result:
        monkeypatch.chdir(cwd)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Result(words, ended.value.code, *capfd.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)
