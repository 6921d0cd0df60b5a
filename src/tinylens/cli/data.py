"""tinylens data list, get, import, info, show, check."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from tinylens.cli.output import Common, print_json, print_table
from tinylens.errors import UsageError, at_least

if TYPE_CHECKING:
    from tinylens.data import Dataset

FOUND = 1  # the exit status of a strict check where something is wrong

data_app = App(
    name="data", help="The data sets: what is here, how to get more, what is in one.", help_format="plaintext"
)


@data_app.command(name="list")
def list_(*, data_dir: Path | None = None, common: Common | None = None) -> None:
    """List the data sets known by name, and where each is on this machine.

    For example:

      tinylens data list

    Parameters
    ----------
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens.data.library import entries

    found = entries(data_dir)
    if common and common.json:
        print_json([asdict(entry) for entry in found])
        return
    print_table(
        ["name", "about", "where"], [[e.name, e.about, e.path or "not here: data get, or data import"] for e in found]
    )


@data_app.command
def get(
    name: str,
    *,
    mirror: Annotated[list[str] | None, Parameter(negative="")] = None,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Download a data set. An interrupted download goes on where it stopped; a wrong one is never used.

    For example:

      tinylens data get cifar10

      tinylens data get cifar100 --mirror https://example.org/{file}

    Parameters
    ----------
    name
        A name that `tinylens data list` prints.
    mirror
        A URL to take the place of the known ones; {file} stands for the archive's name. May be repeated.
    data_dir
        Where to put it. Default: TINYLENS_DATA, or the platform's cache directory.
    """
    from tinylens.data import library

    tell(asdict(library.get(name, data_dir=data_dir, mirrors=mirror or ())), common)


@data_app.command(name="import")
def import_(path: Path, *, data_dir: Path | None = None, common: Common | None = None) -> None:
    """Take a copy of CIFAR-10 or CIFAR-100 that you have, verified by its bytes or else by its content.

    For example:

      tinylens data import ~/Downloads/cifar-10-python.tar.gz

      tinylens data import ~/datasets/cifar-100-python

    Parameters
    ----------
    path
        An official archive, Python or binary, or its unpacked folder.
    data_dir
        Where to put it. Default: TINYLENS_DATA, or the platform's cache directory.
    """
    from tinylens.data import library

    tell(asdict(library.take(path, data_dir=data_dir)), common)


def tell(entry: dict[str, Any], common: Common | None) -> None:
    """Say where a data set is now, and what was verified about it."""
    if common and common.json:
        print_json(entry)
    else:
        print(f"{entry['name']} is in {entry['path']}\nverified: {entry['verified']}")


@data_app.command
def info(
    name: str,
    *,
    image_size: int = 32,
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    common: Common | None = None,
) -> None:
    """Say what is in a data set: counts, shapes, colour, balance of the classes, and where it came from.

    For example:

      tinylens data info cifar10

      tinylens data info my-photos/ --json

    Parameters
    ----------
    name
        A name that `tinylens data list` prints, a folder of pictures, or an .npz file.
    image_size
        Pixels a side to which pictures are brought.
    data_dir
        Where to look first for downloaded data.
    skip_bad
        Leave unreadable pictures out instead of refusing the folder.
    """
    from tinylens.data import describe, load_data

    about = describe(load_data(name, image_size=image_size, data_dir=data_dir, skip_bad=skip_bad))
    if common and common.json:
        print_json(about)
        return
    print(
        f"{about['name']}: {len(about['classes'])} classes\nfrom      {about['origin']}\nverified  {about['verified']}"
    )
    for note in about["notes"]:
        print(f"note      {note}")
    headings = ["split", "images", "shape", "mean (R, G, B)", "deviation (R, G, B)", "fewest in a class", "most"]
    rows = [
        [s, f"{p['images']:,}", "×".join(map(str, p["shape"])),
         *(", ".join(f"{v:.2f}" for v in p[k]) for k in ("mean", "deviation")),
         *(f"{p[k]['images']:,} ({p[k]['class']})" for k in ("fewest", "most"))]
        for s, p in about["splits"].items()
    ]  # fmt: skip
    print_table(headings, rows, right=["images"])
    if len(about["classes"]) <= 20:
        counts = [
            [c, *(f"{p['counts'][i]:,}" for p in about["splits"].values())] for i, c in enumerate(about["classes"])
        ]
        print_table(["class", *about["splits"]], counts, right=list(about["splits"]))


@data_app.command
def show(
    name: str,
    *,
    out: Path | None = None,
    split: Literal["train", "validation", "test"] = "train",
    per_class: int = 8,
    random: int = 16,
    grid: str | None = None,
    seed: int = 0,
    first: Annotated[bool, Parameter(negative="")] = False,
    image_size: int = 32,
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
    common: Common | None = None,
) -> None:
    """Write a contact sheet, a row of images of each class and some drawn at random, or a grid of labelled images.

    On a terminal it is shown too.

    For example:

      tinylens data show cifar10

      tinylens data show cifar100 --grid 2x5 --first

      tinylens data show my-photos/ --per-class 12 --out sheet.png

    Parameters
    ----------
    name
        A name that `tinylens data list` prints, a folder of pictures, or an .npz file.
    out
        The PNG file to write. Default: NAME-SPLIT.png here.
    split
        Which images.
    per_class
        Images in the row of each class.
    random
        Images drawn at random.
    grid
        ROWSxCOLUMNS, as 2x5: instead of the sheet a grid of so many images, each with the name of its class.
    seed
        Of the draw.
    first
        The first images, of each class or of all in a grid, instead of ones drawn at random.
    image_size
        Pixels a side to which pictures are brought.
    data_dir
        Where to look first for downloaded data.
    skip_bad
        Leave unreadable pictures out instead of refusing the folder.
    """
    from tinylens.data import load_data
    from tinylens.report import contact_sheet as sheets

    at_least(1, "--per-class", per_class)
    at_least(0, "--random", random)
    at_least(0, "--seed", seed)
    size = None if grid is None else rows_and_columns(grid)
    dataset = load_data(name, image_size=image_size, data_dir=data_dir, skip_bad=skip_bad)[split]
    path = out or Path(f"{Path(name).stem or 'data'}-{split}.png")
    draw = None if first else seed
    told: dict[str, Any] = {"name": name, "split": split, "file": str(path)}
    if size is None:
        sheets.contact_sheet(dataset, path, per_class=per_class, random=random, seed=draw)
        on_terminal = partial(sheets.on_terminal, dataset, seed=draw)
    else:
        shown = sheets.image_grid(dataset, path, rows=size[0], columns=size[1], seed=draw)
        told["images"] = labelled(dataset, shown)
        on_terminal = partial(sheets.grid_on_terminal, dataset, shown, size[1])
    if common and common.json:
        print_json(told)
        return
    if sys.stdout.isatty():
        on_terminal()
    print(path)


def labelled(dataset: "Dataset", indices: Sequence[int]) -> list[dict[str, Any]]:
    """Where images of a split stand in it, with label and class."""
    labels = dataset.labels[indices].tolist()
    return [{"index": i, "label": k, "class": dataset.classes[k]} for i, k in zip(indices, labels, strict=True)]


def rows_and_columns(text: str) -> tuple[int, int]:
    """The two numbers of 2x5. Raises UsageError for anything else."""
    rows, times, columns = text.lower().partition("x")
    if not (times and rows.isdecimal() and columns.isdecimal()):
        raise UsageError(f"--grid takes ROWSxCOLUMNS, as in --grid 2x5, not {text!r}")
    return int(rows), int(columns)


@data_app.command
def check(
    name: str,
    *,
    run: Path | None = None,
    folds: int | None = None,
    out: Path | None = None,
    strict: Annotated[bool, Parameter(negative="")] = False,
    image_size: int = 32,
    data_dir: Path | None = None,
    common: Common | None = None,
) -> None:
    """Look for what is wrong with a data set: copies across splits, conflicting labels, blank images, shortcuts.

    For example:

      tinylens data check cifar10

      tinylens data check my-photos/ --strict

      tinylens data check cifar10 --run runs/cifar10-four-by-four-20260101-120000 --folds 5

    What is found is shown in pictures on a page. Faults that training refuses, such as unreadable files, are findings
    here. The exit status is 0 whatever is found; with --strict it is 1 where there is an error or a warning.

    Parameters
    ----------
    name
        A name that `tinylens data list` prints, a folder of pictures, or an .npz file.
    run
        A run on this data: its predictions of validation and test images show probable label errors.
    folds
        Judge the training labels too: train the run's recipe so many times, each time without one part of the images.
    out
        The HTML file to write. Default: NAME-check.html here.
    strict
        Exit with 1 where anything is found but notes.
    image_size
        Pixels a side to which pictures are brought; with --run it is the run's.
    data_dir
        Where to look first for downloaded data.
    """
    from tinylens.inspection import check_data

    at_least(1, "--image-size", image_size)
    page = out or Path(f"{Path(name).stem or 'data'}-check.html")
    found = check_data(name, page, run=run, folds=folds, image_size=image_size, data_dir=data_dir)
    if common and common.json:
        print_json(found.to_json())
    else:
        rows = [[one.severity, one.title, one.found] for one in found.observations]
        print_table(["", "check", "found"], rows)
        print(found.page)
    if strict and not found.sound:
        raise SystemExit(FOUND)
