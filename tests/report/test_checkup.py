"""The page of a data check as a reader sees it."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.data.checkup.samples import fill

from tinylens.data import Dataset, Splits
from tinylens.data.checkup import check_modules, examine
from tinylens.data.checkup.survey import Survey, of_splits, survey
from tinylens.report.checkup import write_checkup


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Survey, Path]:
    """A folder with several faults, and the page about it."""
    root = fill(
        tmp_path_factory.mktemp("faulty") / "<b>pictures", {"train/cat": 30, "train/<i>dog": 12, "test/cat": 30}
    )
    shutil.copy(root / "train/cat/1.png", root / "test/cat/1b.png")
    shutil.copy(root / "train/cat/2.png", root / "train/<i>dog/2b.png")
    Image.new("RGB", (64, 64)).save(root / "train/cat/blank.png")
    (root / "train/cat/bad.png").write_bytes(b"<script>")
    found = survey(root)
    page = root.parent / "check.html"
    write_checkup(found, examine(found), page)
    return found, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_has_no_error(faulty: tuple[Survey, Path], browser: Any, width: int, scheme: str) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else problems.append(one.url))
    shown.goto(faulty[1].resolve().as_uri())
    assert not problems
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("section").count() == len(check_modules()) + 1
    assert shown.locator(".checks tr").count() == len(check_modules())
    assert shown.locator("#leaks .exhibits figure").count() == 1
    assert shown.locator("#leaks .exhibits .thumb").count() == 2
    shown.close()


def test_names_cannot_break_the_page(faulty: tuple[Survey, Path]) -> None:
    page = faulty[1].read_text()
    assert "<i>dog" not in page
    assert "<b>pictures" not in page
    assert "&lt;i&gt;dog" in page


def test_a_page_with_nothing_found_shows_no_picture(tmp_path: Path) -> None:
    found = survey(fill(tmp_path / "sound", {f"{split}/{name}": 20 for split in ("train", "test") for name in "ab"}))
    nothing = [one for one in examine(found) if one.severity == "fine"]
    write_checkup(found, nothing, tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text()
    assert "no image of one split is in another" in page
    assert "<figure>" not in page


def test_a_page_with_thousands_of_findings_stays_small(tmp_path: Path) -> None:
    store = np.random.default_rng(0).integers(0, 256, (1000, 32, 32, 3), dtype=np.uint8)
    rows, labels = np.arange(1000), np.arange(1000) % 2
    train, test = (Dataset(store, rows, labels ^ turn, ("a", "b"), name) for name, turn in (("train", 0), ("test", 1)))
    found = of_splits(Splits("twice", train, test))
    write_checkup(found, examine(found), tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text()
    assert "1,000 pictures equal pixel by pixel in two classes or more" in page
    assert "1,000, 36 of them shown" in page
    assert 80 <= page.count("<figure>") < 500
    assert len(page) < 2_000_000


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    root = fill(tmp_path / "two\nlines \udcff & <i>", {"cat": 12, "dog": 12})
    found = survey(root)
    write_checkup(found, examine(found), tmp_path / "check.html")
    assert "two\\nlines \\udcff &amp; &lt;i&gt;" in (tmp_path / "check.html").read_text()
