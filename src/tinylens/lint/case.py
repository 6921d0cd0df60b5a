"""Case: a training as the rules see it, before it is done, or after."""

from dataclasses import dataclass
from functools import cached_property

from tinylens.data import Splits
from tinylens.evaluation.judge import saved_predictions
from tinylens.evaluation.predictions import Predictions
from tinylens.lint.sequence import Passed, passed
from tinylens.recipe import Recipe
from tinylens.runs import Run


@dataclass(frozen=True)
class Case:
    """A recipe, with the run that was made of it and its images, where there are.

    run: None where nothing was trained yet. splits: None where the images are not at hand.
    """

    recipe: Recipe
    run: Run | None = None
    splits: Splits | None = None

    @property
    def steps_per_epoch(self) -> int | None:
        """The steps of an epoch; None where no run tells."""
        if self.run is None or "train" not in self.run.manifest.splits:
            return None
        images = int(self.run.manifest.splits["train"]["images"])
        return -(-images // self.recipe.batch_size)

    @property
    def steps(self) -> int | None:
        """The steps of the whole training, at most."""
        each, limit = self.steps_per_epoch, self.recipe.iterations
        planned = None if each is None else each * self.recipe.epochs
        return min(planned, limit) if planned is not None and limit is not None else planned or limit

    @cached_property
    def layers(self) -> list[Passed]:
        """The layers of the recipe's network, in the order in which an image passes them."""
        return passed(self.recipe)

    @cached_property
    def predictions(self) -> Predictions | None:
        """What the lens said of the test images, or else of the validation images; None where neither was judged."""
        for split in ("test", "validation"):
            if self.run is not None and self.run.evaluated(split):
                return saved_predictions(self.run, split)
        return None
