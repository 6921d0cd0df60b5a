"""The report as a reader sees it: in a browser, light and dark, wide and narrow, with its clicks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tinylens
from tinylens.data import Splits
from tinylens.report import panel_modules, write_page
from tinylens.report.story import tell
from tinylens.runs import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Run:
    """A run that is not good yet, so that there are mistakes to show."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.train("four-by-four", digits, epochs=1, limit=300, out=out, progress=False)


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_from_disk_fits_and_has_no_error(run: Run, browser: object, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else problems.append(request.url)
    )
    page.goto(run.report.resolve().as_uri())
    assert not problems
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("section").count() == len([m for m in panel_modules() if m.render(tell_again(run)) is not None])
    page.close()


def tell_again(run: Run) -> object:
    return tell(run, run.manifest.reload())


def test_a_click_on_a_cell_shows_its_images(run: Run, browser: object) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(run.report.resolve().as_uri())
    table = np.array(run.metrics("test")["confusion"])
    row, column = next((t, p) for t, p in np.argwhere(table) if t != p)
    page.locator(f'.cell[data-c="{row},{column}"]').click()
    assert page.locator("#cell figure").count() == table[row, column]
    assert f"called {column}" in page.locator("#cell b").inner_text()
    page.close()


def test_a_click_on_a_heading_sorts_the_classes(run: Run, browser: object) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(run.report.resolve().as_uri())
    heading = page.locator(".sortable th", has_text="recall")
    heading.click()
    shown = [float(text) for text in page.locator(".sortable tbody td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown)
    heading.click()
    shown = [float(text) for text in page.locator(".sortable tbody td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    page.close()


def test_the_page_needs_nothing_from_elsewhere(run: Run) -> None:
    text = run.report.read_text()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert run.report.stat().st_size < 5_000_000


def test_names_of_classes_cannot_break_the_page(digits: Splits, tmp_path: Path) -> None:
    from dataclasses import replace

    wicked = ("<script>alert(1)</script>", '"quoted"', "a&b", *digits.classes[3:])
    parts = {name: replace(split, classes=wicked) for name, split in digits.all().items()}
    run = tinylens.train("four-by-four", replace(digits, **parts), epochs=1, limit=60, out=tmp_path, progress=False)
    text = run.report.read_text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_the_published_figure_stands_only_beside_the_same_data(run: Run) -> None:
    assert tell(run, run.manifest.reload()).published is None
    assert "published" not in run.report.read_text().split('<section id="headline">')[1].split("</section>")[0]


def test_a_report_written_twice_is_the_same(run: Run) -> None:
    before = run.report.read_bytes()
    write_page(run, run.manifest.reload())
    assert run.report.read_bytes() == before
