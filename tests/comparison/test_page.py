"""The page and the figure of a comparison, as a reader sees them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.comparison.samples import copied, edited

import tinylens
from tinylens.comparison import Comparison
from tinylens.comparison.figure import draw, paint, plot_comparison
from tinylens.comparison.page import alone, judged_images, write_page
from tinylens.errors import UsageError
from tinylens.report.drawing import new_figure
from tinylens.report.thumbnails import Thumbnails
from tinylens.runs import Run


@pytest.fixture(scope="module")
def made(base: Run, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Two recipes with two seeds, and one with one."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (0, 1):
        copied(base, folder / f"a{seed}", seed=seed, luck=seed, rate=0.85)
        copied(base, folder / f"b{seed}", seed=seed, luck=seed + 5, rate=0.9, batch_size=64)
    copied(base, folder / "c", luck=9, rate=0.92, batch_size=128)
    return tinylens.compare([folder])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_shows_images_and_has_no_error(
    made: Comparison, tmp_path: Path, browser: Any, width: int, scheme: str
) -> None:
    assert write_page(made, tmp_path / "compare.html") is None
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.goto((tmp_path / "compare.html").as_uri())
    assert not problems
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("#pair-1 .thumb").count() == sum(
        min(18, len(part)) for part in (made.pairs[0].first_alone, made.pairs[0].second_alone)
    )
    assert shown.locator("section").count() == 6
    shown.close()


def test_the_page_needs_nothing_from_elsewhere_and_says_the_verdicts(made: Comparison, tmp_path: Path) -> None:
    write_page(made, tmp_path / "compare.html")
    text = (tmp_path / "compare.html").read_text()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert all(verdict.split(" (")[0] in text for verdict in made.verdicts)
    assert 'href="#pair-3"' in text
    assert "corrected for 3 comparisons by images, 1 by seeds" in text


def test_without_the_data_the_page_has_no_images_and_says_why(made: Comparison, base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / str(i), batch_size=32 * i) for i in (1, 2)]
    for run in runs:
        edited(run.path / "data.json", lambda about: about | {"choice": about["choice"] | {"name": "gone"}})
    why = write_page(tinylens.compare([run.path for run in runs]), tmp_path / "compare.html")
    assert why is not None
    assert "not there any more" in why or "gone" in why
    assert "<i class" not in (tmp_path / "compare.html").read_text()


def test_names_cannot_break_page_or_figure(base: Run, tmp_path: Path) -> None:
    runs = [copied(base, tmp_path / name) for name in ("<script>alert(1)<", "$x_$")]
    made = tinylens.compare([run.path for run in runs])
    write_page(made, tmp_path / "compare.html")
    assert "<script>alert" not in (tmp_path / "compare.html").read_text()
    assert draw(made.sides, made.pairs).startswith("<?xml")


def test_an_image_that_a_side_gets_wrong_is_told_of_by_a_lens_that_is_wrong(made: Comparison) -> None:
    images, _ = judged_images(made, None)
    shown = [
        one
        for pair in made.pairs
        for side, other, positions in (
            (pair.first, pair.second, pair.first_alone),
            (pair.second, pair.first, pair.second_alone),
        )
        for one in alone(side, other, positions, images, Thumbnails())["images"]
    ]
    assert shown
    assert all(truth != said for _, truth, said in shown)


def test_however_long_a_name_letter_and_mark_stand_behind_it(made: Comparison) -> None:
    sides = [replace(side, name="x" * 90) for side in made.sides]
    with new_figure(7.4, 7.4) as figure:
        paint(figure, sides, made.pairs)
        said = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert said == [f"{'x' * 46}…{side.mark}  {side.letter}" for side in sides]


def test_the_figure_is_the_same_each_time_and_of_the_kind_asked_for(made: Comparison, tmp_path: Path) -> None:
    assert draw(made.sides, made.pairs) == draw(made.sides, made.pairs)
    for name in ("compare.png", "compare.svg", "compare.pdf"):
        plot_comparison(made, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    with pytest.raises(UsageError, match="a picture can be"):
        plot_comparison(made, tmp_path / "compare.txt")
