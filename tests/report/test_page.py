"""The report as a reader sees it: in a browser, light and dark, wide and narrow, with its clicks."""

from pathlib import Path

import numpy as np
import pytest

import tinylens
from tinylens.data import Dataset, Splits
from tinylens.report import panel_modules, write_page
from tinylens.report.confusion_figure import percent_of_row
from tinylens.report.panels import per_class, probabilities
from tinylens.report.panels import predictions as predictions_panel
from tinylens.report.story import tell
from tinylens.runs import Run
from tinylens.words import percent


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Run:
    """A run that is not good yet, so that there are mistakes to show."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.train("four-by-four", digits, epochs=1, limit=300, out=out, progress=False)


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


def test_numbers_of_cells_can_be_percent_of_the_row(run: Run, browser: object) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(run.report.resolve().as_uri())
    table = np.array(run.metrics("test")["confusion"])
    row, column = np.argwhere(table)[0].tolist()
    number = page.locator(f'.cell[data-c="{row},{column}"] + text')
    assert number.text_content() == str(table[row, column])
    page.get_by_label("percent of the row").check()
    assert number.text_content() == percent_of_row(table[row, column] / table[row].sum())
    page.get_by_label("counts").check()
    assert number.text_content() == str(table[row, column])
    page.close()


def test_many_classes_get_numbers_when_asked_and_their_superclasses_a_matrix(tmp_path: Path, browser: object) -> None:
    draw, classes = np.random.default_rng(0), tuple(f"class {i}" for i in range(40))
    groups = tuple(f"group {i % 4}" for i in range(40))
    images = draw.integers(0, 256, (240, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(240) % 40
    train = Dataset(images, np.arange(160), labels[:160], classes, "train", groups)
    data = Splits("many", train, Dataset(images, np.arange(160, 240), labels[160:], classes, "test", groups))
    run = tinylens.train("four-by-four", data, epochs=1, out=tmp_path, progress=False)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(run.report.resolve().as_uri())
    assert page.locator(".classes text.number").count() == 0
    page.locator(".matrix:has(.classes)").get_by_label("counts").check()
    written = [int(text) for text in page.locator(".classes text.number").all_text_contents()]
    assert sum(written) == 80
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    cell = page.locator(".superclasses .cell").first
    cell.click()
    assert page.locator("#cell figure").count() == int(cell.get_attribute("data-count"))
    assert "stay within the superclass" in page.locator("#confusion").inner_text()
    page.close()


def test_the_first_ten_the_bars_and_the_averages_say_what_the_predictions_say(run: Run) -> None:
    story = tell_again(run)
    first = predictions_panel.render(story)
    for index in range(10):
        answer = story.predictions.answer(index)
        assert f"<td>{index}<td>" in first
        assert f"<td>{answer.truth}<td><b>{answer.predicted}</b><td>{percent(answer.probability)}" in first
    bars = probabilities.bars(story, 3)
    assert bars[0] == (story.predictions.answer(3).predicted, pytest.approx(story.predictions.answer(3).probability))
    assert [share for _, share in bars] == sorted(story.predictions.probabilities[3].tolist(), reverse=True)[:5]
    foot = per_class.render(story).split("<tfoot>")[1]
    for share in (story.metrics.accuracy, story.metrics.macro_average.precision, story.metrics.weighted_average.recall):
        assert f"{share:.3f}" in foot


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
