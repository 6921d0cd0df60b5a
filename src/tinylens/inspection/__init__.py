"""Inspection: a data set checked, by itself and by what a run makes of it, and the page about it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinylens.data import Splits
from tinylens.data.checkup import examine
from tinylens.data.checkup.observation import Observation
from tinylens.data.checkup.survey import Survey, of_splits, survey
from tinylens.data.pictures import printable
from tinylens.errors import UsageError
from tinylens.evaluation.judge import require_sound, saved_predictions
from tinylens.inspection.copied import accuracy_on_copies
from tinylens.inspection.labels import labels_by
from tinylens.report.checkup import write_checkup
from tinylens.runs import Run


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was found, check by check, and where the page is."""

    survey: Survey
    observations: tuple[Observation, ...]
    page: Path

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong or doubtful."""
        return not any(one.counts for one in self.observations)

    def to_json(self) -> dict[str, Any]:
        """Plain values with keys that stay: what `tinylens data check --json` prints."""
        return {
            "name": self.survey.name,
            "origin": self.survey.origin,
            "images": {name: len(split) for name, split in self.survey.splits.items()},
            "classes": list(self.survey.classes),
            "sound": self.sound,
            "checks": [one.to_json(self.survey) for one in self.observations],
            "page": str(self.page),
        }


def check_data(
    data: str | Path | Splits,
    page: str | Path,
    *,
    run: Run | str | Path | None = None,
    folds: int | None = None,
    image_size: int = 32,
    data_dir: str | Path | None = None,
    progress: bool = True,
) -> Inspection:
    """Check a data set and write the page about it.

    data: a name, a folder, an .npz file or splits. page: the HTML file to write. run: a run on this data, whose
    predictions of validation and test images show probable label errors, and how it does on copies of training images;
    its splits and image size are taken. folds: train the run's recipe so many times, each time without one part of the
    training images, to judge their labels too. image_size: pixels a side to which pictures are brought, where no run
    says it.
    Raises UsageError where these do not go together, and DataError where there is nothing to check.
    """
    run = run if run is None or isinstance(run, Run) else Run(run)
    if folds is not None and run is None:
        raise UsageError("folds are of a run's recipe: name one with --run")
    if folds is not None and folds < 2:
        raise UsageError(f"--folds {folds}: must be at least 2")
    if isinstance(data, Splits):
        found = of_splits(data)
    else:
        found = survey(data, image_size=run.recipe.image_size if run else image_size, data_dir=data_dir)
    splits: Splits | None = None
    if run is not None:
        splits = run.manifest.reload(data if isinstance(data, Splits) else None, data_dir)
        if printable(splits.origin) != found.origin:
            trained = f"{splits.name} from {printable(splits.origin)}"
            raise UsageError(f"{run.path} was trained on {trained}, not on {found.origin}")
        found = replace(found, splits=splits.all())
    observations = examine(found, progress=progress)
    if run is not None and splits is not None:
        judged = [split for split in ("validation", "test") if split in found.splits and run.evaluated(split)]
        predictions = [saved_predictions(run, split) for split in judged]
        for split, said in zip(judged, predictions, strict=True):
            require_sound(run, said, split)
        observations.append(accuracy_on_copies(predictions, found))
        observations.append(labels_by(run, splits, predictions, found, folds, progress=progress))
    write_checkup(found, observations, Path(page))
    return Inspection(found, tuple(observations), Path(page))
