"""The sweep's page."""

import re
from typing import Any

import pytest
from tests.sweeps.samples import sketch

from tinylens.report.markup import coded
from tinylens.sweeps import Row, Sweep
from tinylens.sweeps.page import page


def test_the_page_needs_nothing_from_elsewhere_and_its_links_open(done: Sweep) -> None:
    text = done.file("html").read_text()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    links = [link for link in re.findall(r'(?:href|src)="([^"]+)"', text) if not link.startswith("#")]
    assert len(links) == 4
    assert all((done.path / link).is_file() for link in links)
    assert "<code>tinylens evaluate " in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_has_no_error(done: Sweep, browser: Any, width: int, scheme: str) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    problems: list[str] = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.goto(done.file("html").resolve().as_uri())
    assert not problems
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.locator("figure svg").count() == 1
    shown.close()


def test_words_cannot_break_the_page() -> None:
    assert coded("<b> `a<b`") == "&lt;b&gt; <code>a&lt;b</code>"
    wicked = sketch([Row({"batch_size": "<script>$x$"}, (), ("<script>: bad",))])
    assert "<script>" not in page(wicked, None)
