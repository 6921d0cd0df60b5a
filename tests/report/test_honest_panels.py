"""What the report tells of calibration, of abstaining and of the lockbox."""

from pathlib import Path

import pytest

import tinylens
from tinylens.data import Splits
from tinylens.evaluation.abstaining import risk_coverage
from tinylens.report.panels import abstaining, calibration, lockbox
from tinylens.report.story import Story, tell
from tinylens.runs import Run
from tinylens.words import percent


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, digits: Splits) -> Run:
    """A run that is not good yet."""
    out = tmp_path_factory.mktemp("runs")
    return tinylens.train("four-by-four", digits, epochs=1, limit=300, out=out, progress=False)


@pytest.fixture(scope="module")
def story(run: Run) -> Story:
    """What there is to tell of it."""
    return tell(run, run.manifest.reload())


def test_the_temperature_and_the_error_before_and_after_are_told(story: Story) -> None:
    text, metrics = calibration.render(story), story.metrics
    assert f"a temperature of {metrics.temperature:.3f}" in text
    assert percent(metrics.calibration_before) in text
    assert percent(metrics.calibration_error) in text
    assert percent(metrics.calibration_floor) in text
    assert "as trained" in story.figures["calibration.svg"]
    assert ("too sure" in text) == (metrics.temperature > 1)


def test_the_share_of_mistakes_falls_with_the_share_of_answers_and_sets_are_measured(story: Story) -> None:
    text = abstaining.render(story)
    curve = risk_coverage(story.predictions.confidence, story.predictions.correct)
    assert percent(1 - curve.risk_at(0.8)) in text
    assert percent(curve.area, 2) in text
    assert story.metrics.sets is not None
    for sets in story.metrics.sets:
        assert percent(sets.covered) in text


def test_each_look_at_the_test_images_is_listed(run: Run, story: Story) -> None:
    text = lockbox.render(story)
    assert "looked at once" in text
    assert "at the end of training" in text
    assert run.openings[0]["lens"] in text


def test_without_validation_images_nothing_is_fitted_and_it_says_so(tmp_path: Path, digits: Splits) -> None:
    settings = {"as_published": True}
    marked = tinylens.train("four-by-four", digits, epochs=1, limit=60, settings=settings, out=tmp_path, progress=False)
    told = tell(marked, marked.manifest.reload(digits))
    assert told.metrics.temperature == 1
    assert "No temperature was fitted" in calibration.render(told)
    assert "None were fitted" in abstaining.render(told)
    assert "†" in lockbox.render(told)
    assert "†" in marked.report.read_text().split('<section id="headline">')[1].split("</section>")[0]
