"""tinylens evaluate, tinylens report, tinylens predict."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tinylens.cli.output import Common, interval, print_csv, print_json, print_table
from tinylens.errors import DataError, UsageError, at_least
from tinylens.words import MARK, MARKED, percent, with_interval

if TYPE_CHECKING:
    from tinylens.evaluation.robustness import Robustness
    from tinylens.lens import Prediction


def evaluate(
    run: Path,
    *,
    split: Literal["validation", "test"] = "test",
    corruptions: Annotated[bool, Parameter(negative="")] = False,
    limit: int | None = None,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Judge a run's lens on its test or validation images; an opening of the test images is recorded.

    For example:

      tinylens evaluate runs/cifar10-four-by-four-20260101-120000

      tinylens evaluate runs/cifar10-four-by-four-20260101-120000 --split validation --json

      tinylens evaluate runs/cifar10-four-by-four-20260101-120000 --corruptions --limit 2000

    Parameters
    ----------
    run
        The run directory.
    split
        Which images.
    corruptions
        Judge it also on these images with noise, blur, weather and compression: 15 kinds at 5 severities.
    limit
        Corrupt so many of them at most, each class in its share.
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens import experiment
    from tinylens.evaluation.robustness import saved_robustness
    from tinylens.runs import Run

    experiment.evaluate(run, split, corruptions=corruptions, limit=limit, data_dir=data_dir)
    judged = Run(run)
    metrics, robustness = judged.metrics(split), saved_robustness(judged, split) if corruptions else None
    if common and common.json:
        print_json({"run": str(run)} | metrics | ({"corruptions": robustness.to_json()} if robustness else {}))
        return
    marked = split == "test" == metrics["selected_on"]
    print(f"{split} accuracy   {interval(metrics, marked=marked)}   {metrics['images']:,} images")
    for name, key in (("top-5", "top5"), ("superclass", "superclass")):
        share = metrics["top5" if key == "top5" else "superclass_accuracy"]
        if share is not None:
            low, high = metrics[f"{key}_interval"]
            print(f"{name:<17} {percent(share)} ({percent(low)} – {percent(high)})")
    low, high = metrics["macro_f1_interval"]
    print(f"macro F1          {metrics['macro_f1']:.3f} ({low:.3f} – {high:.3f})")
    print(f"loss              {metrics['loss']:.4f}")
    print_calibration(metrics)
    print_classes(metrics)
    for pair in metrics["most_confused"]:
        print(pair["words"])
    if robustness:
        print_robustness(robustness, MARK if marked else "")
    if marked:
        print(MARKED)


def print_robustness(robustness: "Robustness", mark: str) -> None:
    """The accuracy on corrupted images by kind and severity, and the mean of all. mark: behind that."""
    rows = [
        [kind, *map(percent, values), percent(sum(values) / len(values))]
        for kind, values in robustness.accuracies.items()
    ]
    headings = ["corruption", *(f"severity {i}" for i in range(1, 6)), "mean"]
    print_table(headings, rows, right=headings[1:])
    clean = with_interval(robustness.clean, robustness.interval)
    print(f"mean corruption accuracy {percent(robustness.mean)}{mark}   clean {clean}   {robustness.images:,} images")


def print_calibration(metrics: dict[str, Any]) -> None:
    """The calibration error, before and after the temperature, and how often conformal sets held the class."""
    error = with_interval(metrics["calibration_error"], metrics["calibration_interval"])
    before = f"{percent(metrics['calibration_before'])} before temperature {metrics['temperature']:.3f}; "
    floor = f"a perfectly calibrated lens would show {percent(metrics['calibration_floor'])} on as many images"
    print(f"calibration error {error} ({before if metrics['temperature'] != 1 else ''}{floor})")
    for sets in metrics["sets"] or ():
        covered = with_interval(sets["covered"], sets["interval"])
        print(f"{percent(sets['asked'], 0):<5} coverage    {covered}, {sets['size']:.2f} classes in a set")


def print_classes(metrics: dict[str, Any]) -> None:
    """The figures of each class and, below, of all: the table of scikit-learn's classification_report."""
    keys = ["precision", "recall", "f1"]
    figures = [*metrics["per_class"], metrics["macro_average"], metrics["weighted_average"]]
    *rows, macro, weighted = [[c["name"], *(f"{c[key]:.3f}" for key in keys), c["images"]] for c in figures]
    accuracy = ["accuracy", "", "", f"{metrics['accuracy']:.3f}", metrics["images"]]
    print_table(["class", *keys, "images"], rows, right=[*keys, "images"], footer=[accuracy, macro, weighted])


def report(run: Path, *, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Write the report of a run anew, and print where it is.

    For example:

      tinylens report runs/cifar10-four-by-four-20260101-120000

    Parameters
    ----------
    run
        The run directory.
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens import experiment

    path = experiment.write_report(run, data_dir=data_dir)
    if common and common.json:
        print_json({"run": str(run), "report": str(path)})
    else:
        print(path)


def predict(
    run: Path,
    *images: Annotated[str, Parameter(allow_leading_hyphen=True)],
    top: int = 5,
    coverage: float | None = None,
    format: Annotated[Literal["table", "csv"], Parameter(help="How to print.")] = "table",  # the option's name
    plot: Path | None = None,
    common: Common | None = None,
) -> None:
    """Classify pictures: files, folders, or - for a picture on standard input. One that cannot be read ends it.

    For example:

      tinylens predict runs/cifar10-four-by-four-20260101-120000 cat.png

      tinylens predict runs/cifar10-four-by-four-20260101-120000 photos/ --format csv

      tinylens predict runs/cifar10-four-by-four-20260101-120000 cat.png --coverage 0.95

      tinylens predict runs/cifar10-four-by-four-20260101-120000 cat.png dog.jpg --plot predictions.png

    Parameters
    ----------
    run
        The run directory, or a lens directory.
    images
        Picture files, folders of them, or -.
    top
        How many classes to tell of each picture.
    coverage
        Tell of each picture also the classes among which the right one is with this probability (0.5 to 0.999), or
        that the lens is not sure: where no class is probable enough, or more than half of them are.
    plot
        Draw each picture beside a bar chart of its probabilities into this file (.png, .svg or .pdf).
    """
    from tinylens.lens import Lens

    if not images:
        raise UsageError("predict needs at least one picture, a folder, or - for standard input")
    if unknown := [image for image in images if image.startswith("-") and image != "-"]:
        raise UsageError(f"no option {unknown[0]}; for a file of that name give ./{unknown[0]}")
    at_least(1, "--top", top)
    lens = Lens.load(run)
    sources = [standard_input() if image == "-" else image for image in images]
    predictions = [
        replace(p, file="-") if p.file == "bytes" else p for p in lens.predict(sources, top=top, coverage=coverage)
    ]
    if plot is not None:
        from tinylens.report.prediction_figure import plot_probabilities

        pictures = [picture for source in sources for _, picture in lens.read(source)]
        plot_probabilities(pictures, predictions, plot)
    if common and common.json:
        print_json([row(prediction) for prediction in predictions])
    elif format == "csv":
        print_csv(csv_rows(predictions))
    else:
        tables(predictions, coverage, len(lens.classes))


def standard_input() -> bytes:
    """The picture on standard input."""
    data = sys.stdin.buffer.read()
    if not data:
        raise DataError("standard input is empty: a picture was to be read from it")
    return data


def row(prediction: "Prediction") -> dict[str, Any]:
    """A prediction as plain values with keys that stay."""
    top = [{"class": name, "probability": probability} for name, probability in prediction.top]
    value = {"file": prediction.file, "class": prediction.label, "probability": prediction.probability, "top": top}
    value |= {"superclass": prediction.superclass} if prediction.superclass else {}
    return value | ({"set": list(prediction.among)} if prediction.among is not None else {})


def csv_rows(predictions: list["Prediction"]) -> list[list[str]]:
    """One row a picture: file, class, probability, then the next classes with theirs; headings first.

    Where a coverage was asked for, the classes of the set stand last, with | between them.
    """
    ranks = range(2, len(predictions[0].top) + 1)
    sets = ["set"] if predictions[0].among is not None else []
    headings = ["file", "class", "probability", *(f"{what}_{i}" for i in ranks for what in ("class", "probability"))]
    rows = [[*headings, *sets]]
    for one in predictions:
        among = [] if one.among is None else ["|".join(one.among)]
        rows.append([one.file, *(t for name, p in one.top for t in (name, f"{p:.6f}")), *among])
    return rows


def set_words(among: Sequence[str], classes: int) -> str:
    """A conformal set in words: cat, cat or dog, or that the lens is not sure. classes: how many there are."""
    return " or ".join(among) if 0 < len(among) <= classes / 2 else "not sure"


def tables(predictions: list["Prediction"], coverage: float | None, classes: int) -> None:
    """One line a picture: file, predicted class, its probability, the set where a coverage was asked for, and the next
    classes."""
    grouped = any(one.superclass for one in predictions)
    rows = []
    for one in predictions:
        following = "  ".join(f"{name} {percent(p)}" for name, p in one.top[1:])
        group = [one.superclass] if grouped else []
        sets = [] if one.among is None else [set_words(one.among, classes)]
        rows.append([one.file, one.label, *group, percent(one.probability), *sets, following])
    sets = [] if coverage is None else [f"{100 * coverage:g} % set"]
    headings = ["file", "predicted", *(["superclass"] if grouped else []), "probability", *sets, "next"]
    print_table(headings, rows, right=["probability"])
