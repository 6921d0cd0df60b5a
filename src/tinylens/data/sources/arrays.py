"""Images and labels in one .npz file.

Keys, in the order in which they are looked for:
    images, labels                                   one pile, from which a fifth is cut off for the test
    x_train, y_train, x_test, y_test                 as Keras writes them; x_val, y_val if there are any
    train_images, train_labels, test_images, ...     as MedMNIST writes them; val_images, val_labels if there are any
and `classes`, the class names in order; without it the classes are called by their numbers.
"""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from tinylens.data.dataset import Dataset, Splits, check, check_images, cut_off
from tinylens.data.pictures import resized_all
from tinylens.data.sources import Known, Request
from tinylens.errors import DataError

NAMES: dict[str, Known] = {}
TEST_SHARE = 0.2

Keys = dict[str, tuple[str, str]]
LAYOUTS: tuple[Keys, ...] = (
    {"train": ("images", "labels")},
    {"train": ("x_train", "y_train"), "validation": ("x_val", "y_val"), "test": ("x_test", "y_test")},
    {
        "train": ("train_images", "train_labels"),
        "validation": ("val_images", "val_labels"),
        "test": ("test_images", "test_labels"),
    },
)


def claims(name: str) -> bool:
    """Whether the name is a .npz file's."""
    return name.lower().endswith(".npz")


def found(name: str, folders: tuple[Path, ...]) -> str | None:
    """No data set of this source has a name."""
    return None


def load(request: Request) -> Splits:
    """The splits in the file, each image at the size asked for."""
    path = Path(request.name)
    arrays = read_arrays(path)
    layout = next((keys for keys in LAYOUTS if keys["train"][0] in arrays), None)
    if layout is None:
        known = ", ".join(f"{keys['train'][0]} with {keys['train'][1]}" for keys in LAYOUTS)
        raise DataError(f"{path}: no images in it; it has {', '.join(arrays) or 'nothing'}, and {known} are looked for")
    present = {split: keys for split, keys in layout.items() if keys[0] in arrays}
    labels = {split: labels_in(arrays, keys[1], path) for split, keys in present.items()}
    for split, keys in present.items():
        images = arrays[keys[0]]
        check_images(images, f"{path}, {split}")
        if len(images) != len(labels[split]):
            raise DataError(f"{path}, {split}: {len(images)} images but {len(labels[split])} labels")
    classes = class_names(arrays, labels["train"], path)
    splits = {split: one_split(arrays[present[split][0]], labels[split], classes, split, request) for split in labels}
    notes = []
    height, width = arrays[present["train"][0]].shape[1:3]
    if (height, width) != splits["train"].image_size:
        notes.append(f"{width}x{height} pixels brought to {request.image_size}x{request.image_size} ({request.resize})")
    unused = sorted(set(arrays) - {key for keys in present.values() for key in keys} - {"classes"})
    if unused:
        notes.append(f"not used: {', '.join(unused)}")
    if "test" not in splits:
        splits["train"], splits["test"] = cut_off(splits["train"], TEST_SHARE, 0, "test", request.name)
        notes.append(f"no test split in the file: {TEST_SHARE:.0%} cut off for it, always the same images")
    return Splits(
        request.name,
        splits["train"],
        splits["test"],
        splits.get("validation"),
        origin=str(path.resolve()),
        notes=tuple(notes),
    )


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays in the file that have a known key, by key; for any other key an empty array."""
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    known = {"classes"} | {key for keys in LAYOUTS for pair in keys.values() for key in pair}
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] if key in known else np.empty(0) for key in file.files}
    except MemoryError:
        raise DataError(f"{path}: its arrays do not fit into memory") from None
    except Exception as error:  # zip, zlib and numpy raise what they like on broken bytes
        what = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} is not a usable .npz file: {what}") from None
    strange = [key for key, array in arrays.items() if not isinstance(array, np.ndarray)]
    if strange:
        raise DataError(f"{path} is not a usable .npz file: {', '.join(strange)} in it is not an array")
    return arrays


def labels_in(arrays: dict[str, np.ndarray], key: str, path: Path) -> Int[np.ndarray, " n"]:
    """The labels of one split as whole numbers."""
    if key not in arrays:
        raise DataError(f"{path}: images but no labels: {key!r} is missing")
    labels = arrays[key]
    if labels.ndim == 2 and labels.shape[1] == 1:  # as Keras and MedMNIST have them
        labels = labels[:, 0]
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        hint = "; one-hot labels: save labels.argmax(axis=1)" if labels.ndim == 2 else ""
        if labels.dtype.kind in "US":
            hint = "; names: classes, labels = np.unique(labels, return_inverse=True), and save both"
        raise DataError(
            f"{path}: {key} must be whole numbers of shape (n,), not {labels.dtype} of shape {labels.shape}{hint}"
        )
    return labels.astype(np.int64)


def class_names(arrays: dict[str, np.ndarray], labels: Int[np.ndarray, " n"], path: Path) -> tuple[str, ...]:
    """The names that the file gives, or the numbers of the classes."""
    if "classes" in arrays:
        return tuple(str(name) for name in arrays["classes"].ravel())
    highest = int(labels.max(initial=0))
    if highest >= len(labels) > 0:  # also keeps a stray label of a billion from naming a billion classes
        raise DataError(
            f"{path}: labels run from {labels.min()} to {highest}, but {len(labels)} images can show no more than "
            f"{len(labels)} classes; number the classes 0, 1, 2, ..."
        )
    return tuple(str(i) for i in range(highest + 1))


def one_split(
    images: UInt8[np.ndarray, "m h w 3"],
    labels: Int[np.ndarray, " n"],
    classes: tuple[str, ...],
    split: str,
    request: Request,
) -> Dataset:
    """One split, looked over and brought to size."""
    dataset = Dataset(images, np.arange(len(images)), labels, classes, split)
    check(dataset, request.name)
    size = (request.image_size, request.image_size)
    try:
        return replace(dataset, store=resized_all(images, size, request.resize))
    except DataError as error:
        raise DataError(f"{request.name}, {split}: every image {error}") from None
