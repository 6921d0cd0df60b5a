"""The page of a data check as a reader sees it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.data.checkup.samples import fill

from tinylens.data.checkup import check_modules, examine
from tinylens.data.checkup.survey import Survey, survey
from tinylens.report.checkup import write_checkup


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Survey, Path]:
    """A folder with several faults, and the page about it."""
    root = fill(tmp_path_factory.mktemp("faulty") / "<b>pictures", {"train/cat": 30, "train/<i>dog": 6, "test/cat": 5})
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
