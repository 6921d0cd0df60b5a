"""TL411: the text gives another image size than the data has.

The prose says that the images have so many pixels, and those of the data set that is loaded have another number. It
is a note: nothing is computed from it, but who reads it is told something wrong.
"""

import re
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at
from tinylens.lint.source.program import Program

RULE = Rule("TL411", "the text gives another image size", "note", "write the size that the data has")
SIZE = re.compile(r"\b(\d{2,3})\s*(?:[x*×]|by)\s*(\d{2,3})\b(?!\s*[x*×=+])")
ABOUT = re.compile(r"\b(resolution|sized? images|pixels?|images? of size|image size)\b", re.IGNORECASE)
CHANGES = re.compile(r"\b(resiz|crop|upsampl|scal|pad|reshap|mnist|fmnist|imagenet)", re.IGNORECASE)


def check(program: Program) -> Iterator[Finding]:
    """Fires for a size in a line about images that is not that of the only data set."""
    data = program.images
    if data is None or data.size is None:
        return
    for passage in program.document.prose:
        found = SIZE.search(passage.text)
        if found is None or not ABOUT.search(passage.text) or CHANGES.search(passage.text):
            continue
        size = (int(found[1]), int(found[2]))
        if size != data.size and size[0] == size[1]:
            yield at(RULE, passage.place, f"{size[0]}x{size[1]} in the text; images of {data.source} are "
                     f"{data.size[0]}x{data.size[1]}")  # fmt: skip
