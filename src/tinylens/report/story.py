"""Story: all that the panels of one report tell of, read once."""

from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from tinylens.data import Dataset, Splits
from tinylens.errors import TinylensError
from tinylens.evaluation.judge import saved_predictions
from tinylens.evaluation.metrics import Metrics, measure
from tinylens.evaluation.predictions import Answer, Predictions
from tinylens.recipe import Published
from tinylens.report.thumbnails import Thumbnails
from tinylens.runs import Run


@dataclass(eq=False)
class Story:
    """A run with the split that the report is about: test where it was judged on it, else validation.

    figures: drawings that panels made, by file name, to be kept in the run's plots.
    """

    run: Run
    splits: Splits
    predictions: Predictions
    metrics: Metrics
    thumbnails: Thumbnails = field(default_factory=Thumbnails)
    figures: dict[str, str] = field(default_factory=dict)

    @property
    def split(self) -> str:
        """The name of the split that the report is about."""
        return self.predictions.split

    @property
    def judged(self) -> Dataset:
        """The images that the report is about, in the order of the predictions."""
        return self.splits[self.split]

    def image(self, answer: Answer) -> Markup:
        """The image that an answer is about, as an element of the page."""
        return self.thumbnails.html(self.judged, answer.index, f"{answer.truth}, called {answer.predicted}")

    @property
    def published(self) -> Published | None:
        """The figure of the recipe's source, where the report is about a figure like it."""
        return self.run.published if self.split == "test" else None

    @property
    def mark(self) -> str:
        """What stands behind a figure of that split: a sign where selection looked at the test images, else nothing."""
        return self.run.recipe.mark if self.split == "test" else ""

    @property
    def title(self) -> str:
        """The page's heading."""
        return f"{self.run.title} on {self.run.manifest.choice.name}"


def tell(run: Run, splits: Splits) -> Story:
    """Read what there is to tell of a run. Raises TinylensError where it was not judged yet."""
    split = next((split for split in ("test", "validation") if run.evaluated(split)), None)
    if split is None:
        raise TinylensError(f"{run.path} was not judged yet: `tinylens evaluate {run.path}` does")
    predictions = saved_predictions(run, split)
    if not np.array_equal(predictions.labels, splits[split].labels):
        raise TinylensError(f"{run.path}: its predictions are of other {split} images; `tinylens evaluate {run.path}`")
    return Story(run, splits, predictions, measure(predictions))
