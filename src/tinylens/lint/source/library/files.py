"""What finds files: pictures by a pattern of their names, which whoever opens them has."""

import re
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import FILES, Data, Part, Split, role_in
from tinylens.lint.source.items import ARCHIVE
from tinylens.lint.source.values import Made, Name, Unknown, text_of

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
CIFAR = re.compile(r"(data|test)_batch|cifar-100-python/(train|test)$")  # names of its files


def matched(call: Call) -> Any:
    """glob.glob, tf.io.gfile.glob: the pictures of a pattern; of all else nothing is known."""
    return pictures(call, text_of(call.get(0, "pathname", "pattern")))


def matched_below(call: Call) -> Any:
    """Path.glob, Path.rglob."""
    pattern = text_of(call.get(0, "pattern"))
    return pictures(call, f"{text_of(call.of) or '?'}/{pattern}" if pattern else "")


def listed(call: Call) -> Any:
    """tf.data.Dataset.list_files: in another order each time round, unless it is told otherwise."""
    found = pictures(call, text_of(call.get(0, "file_pattern")))
    if not isinstance(found, Data) or call.get("shuffle", 1) is False:
        return found
    return found.shuffle(call.reading.fresh("reshuffled"))


def pictures(call: Call, pattern: str) -> Any:
    """Pictures by their names, where a pattern asks for such files or for what lies in folders of classes.

    Of one pattern they are the same each time; of one of which only a part is known they are not known to be.
    """
    folders, last = pattern.split("/")[:-1], pattern.rpartition("/")[2]
    of_classes = last in ("*", "*.*") and folders and "*" in folders[-1]
    if "*" not in last or not (of_classes or last.lower().endswith(PICTURES)):
        return call.unknown
    source = call.reading.fresh(FILES + pattern) if "?" in pattern else FILES + pattern
    return Data("images", frozenset({Part(source, split_of(folders))}))


def opened(call: Call) -> Any:
    """open, Path.open: a file, of which the name is known."""
    return Unknown(text=text_of(call.of) if call.of is not None else text_of(call.get(0, "file")))


def unpickled(call: Call) -> Any:
    """pickle.load: of a file of CIFAR as its authors give it, its arrays by name."""
    file = text_of(call.get(0, "file"))
    if not CIFAR.search(file):
        return call.unknown
    found = Made(Name(f"numpy.{ARCHIVE}"), {"file": file}, call.place)
    found.fields["like"] = Data("images", frozenset(), raw=True)
    return found


def split_of(folders: list[str]) -> Split:
    """The split that folders' names speak of, where they speak of one."""
    found = {role for one in folders if (role := role_in(one)) is not None}
    return found.pop() if len(found) == 1 else "all"


FUNCTIONS = {
    "glob:glob": matched,
    "glob:iglob": matched,
    "tensorflow:glob": matched,
    "tensorflow:list_files": listed,
    "builtins:open": opened,
    "pickle:load": unpickled,
}
METHODS = {f"{kind}.{name}": matched_below for kind in ("text", "unknown") for name in ("glob", "rglob")} | {
    f"{kind}.open": opened for kind in ("text", "unknown")
}
