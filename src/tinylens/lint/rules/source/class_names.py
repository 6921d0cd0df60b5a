"""TL408: class names do not fit the data set.

A list of class names has another length than there are classes, or their order is not the one of the labels: pictures
and tables then show the wrong names, and nothing else betrays it. The order is known for CIFAR-10 and Fashion-MNIST.
A list that only stands in a comment is told of too, as it is easily put back. The classes of a folder come in the
alphabetical order of its folders; what these are called is known from paths that are made of the list, from prose
that names the folders, and from what a cell printed.
"""

import ast
import re
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.data import SETS
from tinylens.lint.source.program import Program

RULE = Rule("TL408", "class names do not fit the data set", "warning", "name the classes in the order of their labels")
ORDER = {
    "cifar10": ("airplane plane aeroplane aircraft", "automobile car auto", "bird", "cat", "deer", "dog", "frog",
                "horse", "ship boat", "truck lorry"),
    "fashion_mnist": ("t-shirt/top t-shirt tshirt top t_shirt", "trouser trousers pants", "pullover", "dress", "coat",
                      "sandal sandals", "shirt", "sneaker sneakers", "bag", "ankle boot boots ankle_boot boot"),
}  # fmt: skip
FOLDERS = ("flow", "directory", "ImageFolder")
FOLDER = re.compile(r"folder|director", re.IGNORECASE)
WORDS = ("class", "label", "categor", "names")


def check(program: Program) -> Iterator[Finding]:
    """Fires for a wrong number or a known wrong order, where the file loads one data set that is known, or a folder."""
    yield from of_folders(program)
    sources = {part.source for _, _, images, _ in looks(program) for part in images.parts} & set(SETS)
    if program.images is None or sources != {program.images.source}:
        return
    known, classes = program.images.source, program.images.classes
    for place, name, names, _ in program.class_names:
        why = mismatch(known, classes, names)
        if why:
            yield at(RULE, place, f"{name} {why}")
    for cell in program.document.cells:
        for line, name, names in in_comments(cell.text):
            why = mismatch(known, classes, names)
            if why:
                yield at(RULE, cell.place(line), f"{name}, in a comment, {why}")


def of_folders(program: Program) -> Iterator[Finding]:
    """Lists that name the labels of a folder of classes, in another order than the loader gives to these."""
    loaders = {images.source for _, _, images, _ in looks(program)}
    if not loaders or not loaders <= set(FOLDERS) or program.own_order:
        return
    for place, name, names in program.listed:
        used = any(one is names for one in program.naming)
        if used and list(names) != sorted(names) and are_folders(program, list(names)):
            wrong = next(i for i, (mine, theirs) in enumerate(zip(names, sorted(names), strict=True)) if mine != theirs)
            yield at(RULE, place, f"{name} has {names[wrong]!r} in place {wrong}, where the alphabetical order of the "
                     f"folders has {sorted(names)[wrong]!r}")  # fmt: skip


def are_folders(program: Program, names: list[str]) -> bool:
    """Whether the folders are surely called by these names: paths are made of them, or it is said."""
    if set(names) <= program.path_words:
        return True
    comments = [line.partition("#")[2] for cell in program.document.cells for line in cell.text.split("\n")]
    said = [line for line in (*comments, *(one.text for one in program.document.prose)) if FOLDER.search(line)]
    printed = [one.text for one in program.document.printed]
    told = any(all(re.search(rf"\b{re.escape(one)}\b", line) for one in names) for line in said)
    return told or any(", ".join(map(repr, sorted(names))) in line for line in printed)


def mismatch(known: str, classes: int | None, names: list[str]) -> str:
    """What is wrong with names for a data set; nothing where they may be right."""
    if classes is not None and len(names) != classes:
        return (
            "" if known == "cifar100" and len(names) == 20 else f"has {len(names)} names; {known} has {classes} classes"
        )
    order = ORDER.get(known)
    if order is None or len(names) != len(order):
        return ""
    places = [place(one, order) for one in names]
    wrong = [i for i, found in enumerate(places) if found is not None and found != i]
    return (
        f"has {names[wrong[0]]!r} in place {wrong[0]}, where {known} has {order[wrong[0]].split()[0]!r}"
        if wrong
        else ""
    )


def place(name: str, order: tuple[str, ...]) -> int | None:
    """The place of a class in the known order."""
    clean = name.lower().strip().replace("_", " ")
    found = [
        i
        for i, words in enumerate(order)
        if clean in (*words.split(), words) or clean.replace(" ", "_") in words.split()
    ]
    if clean == "ankle boot":
        return 9
    return found[0] if len(found) == 1 else None


def in_comments(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Lists of names that stand in a comment: line, name, names."""
    for number, line in enumerate(text.split("\n"), 1):
        code = line.strip().lstrip("#").strip()
        if not line.strip().startswith("#") or "=" not in code or len(code) > 5000:
            continue
        try:
            body = ast.parse(code).body
            value = ast.literal_eval(body[0].value) if body and isinstance(body[0], ast.Assign) else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        names = list(value.values()) if isinstance(value, dict) else value
        name = ast.unparse(body[0].targets[0]) if isinstance(body[0], ast.Assign) else ""
        texts = isinstance(names, list | tuple) and len(names) > 2 and all(isinstance(one, str) for one in names)
        if texts and any(word in name.lower() for word in WORDS) and names is not None:
            yield number, name, [str(one).lower() for one in names]
