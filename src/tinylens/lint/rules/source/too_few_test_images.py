"""TL213: too few test images for the difference that is claimed.

A text says that one network is better than another, by two accuracies that are nearer to each other than chance alone
would often set them on so few test images. Judged on other images, or trained from another seed, the order may be the
other. That does not make the networks equal: it is not known.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import groupby, pairwise
from math import sqrt

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, looks
from tinylens.lint.source.cells import Cell, Document, Passage
from tinylens.lint.source.program import Program
from tinylens.words import percent

RULE = Rule(
    "TL213",
    "too few test images for the difference that is claimed",
    "warning",
    "give the interval of the difference (`tinylens compare` does), train several seeds, test on more images",
)
BETTER = re.compile(
    r"\b(better|best|improv\w*|outperform\w*|beats?|wins?|superior|higher|helps?|gains?|boosts?|raises?|worse|lower)\b",
    re.IGNORECASE,
)
CAREFUL = re.compile(  # what makes it no plain claim, or its figures none of accuracy on test images
    r"±|\+/-|\b(intervals?|seeds|signific\w*|noise|chance|within|about the same|not|cannot|may|might|similar|loss"
    r"|train\w*|valid\w*|epochs?|published|paper|dropout|rates?|momentum|decay|lr|split|crop\w*|smoothing)\b",
    re.IGNORECASE,
)
SHARE = re.compile(r"(?<![\d.])(?:(\d{1,2}(?:\.\d+)?)\s*(?:%|percent)|(0\.\d{2,4}))(?![\d%])")
THINGS = r"(?:set|images|pictures|photos|samples|examples|size|data)"
NUMBER = r"(\d[\d,]+)(?![\d.,]*\d|\s*%)"
COUNTED = (
    re.compile(rf"\btest(?:[ _]?{THINGS})?\s?[:=(]?\s*{NUMBER}", re.IGNORECASE),
    re.compile(rf"(?<![\d.,]){NUMBER}\s+(?:test|held.?out)\s?{THINGS}", re.IGNORECASE),
)
LEAST = 30  # smaller numbers beside "test" count something else
DISAGREE = (
    0.5  # of the images that the better of two networks gets wrong, at least so many are right or wrong in one only
)


def check(program: Program) -> Iterator[Finding]:
    """Fires for two accuracies with a verdict beside or after them, where the number of test images is known."""
    number = test_images(program)
    if number is None:
        return
    for passage in claims(program.document):
        sentences = re.split(r"(?<=[a-z%)\d])[.!?]\s", passage.text)
        for sentence, after in pairwise([*sentences, ""]):
            figures = [float(a) / 100 if a else float(b) for a, b in SHARE.findall(sentence)]
            said = sentence if BETTER.search(sentence) else f"{sentence} {after}"
            if len(figures) == 2 and BETTER.search(said) and not CAREFUL.search(said):
                why = too_near(figures[0], figures[1], number)
                if why:
                    yield at(RULE, passage.place, why)


def too_near(one: float, other: float, images: int) -> str:
    """Why a difference of two accuracies may be chance; nothing where it hardly is, or there is none.

    Two networks that are judged on the same images agree on most: what counts are those on which they do not. Of
    these, half and half by chance, the difference has the deviation sqrt(share / images).
    """
    difference, wrong = abs(one - other), 1 - max(one, other)
    spread = 1.96 * sqrt(DISAGREE * wrong / images)
    if not 0 < difference < spread:
        return ""
    return (
        f"{percent(one)} and {percent(other)} of {images:,} test images differ by {round(difference * images):,}; "
        f"chance alone makes it {round(spread * images):,} or more in one case of 20"
    )


def test_images(program: Program) -> int | None:
    """How many test images there are: as they were loaded, else as is said or was printed; the most where several."""
    loaded = [images.count for _, _, images, _ in looks(program) if images.only("test") and images.count]
    document = program.document
    said = [
        int(found.replace(",", ""))
        for passage in (*document.printed, *document.prose, *comments(document))
        for pattern in COUNTED
        for found in pattern.findall(passage.text)
    ]
    return max([*loaded, *(one for one in said if one >= LEAST)], default=None)


def claims(document: Document) -> Iterator[Passage]:
    """The paragraphs of prose and of comments, each as one passage."""
    for lines in (document.prose, list(comments(document))):
        for _, together in groupby(enumerate(lines), lambda pair: (pair[1].place.cell, pair[1].place.line - pair[0])):
            passages = [passage for _, passage in together]
            yield Passage(" ".join(one.text.strip() for one in passages), passages[0].place)


def comments(document: Document) -> Iterator[Passage]:
    """The comments in the code, and the texts that stand alone in it."""
    for cell in document.cells:
        yield from comments_in(cell)


def comments_in(cell: Cell) -> Iterator[Passage]:
    """The same of one cell, as far as it can be read."""
    alone = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(cell.text).readline):
            if token.type == tokenize.COMMENT:
                yield Passage(token.string.lstrip("# "), cell.place(token.start[0]))
            elif token.type == tokenize.STRING and alone:
                for line, text in enumerate(token.string.split("\n"), token.start[0]):
                    yield Passage(text.strip("\"' "), cell.place(line))
            alone = token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return
