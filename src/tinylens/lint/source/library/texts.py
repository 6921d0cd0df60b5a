"""What becomes of texts: put together, cut, printed beside figures, and joined to paths."""

from dataclasses import replace
from typing import Any

from tinylens.lint.source.arithmetic import is_name_of_file
from tinylens.lint.source.call import Call
from tinylens.lint.source.cells import Place
from tinylens.lint.source.deriving import parts_of
from tinylens.lint.source.noting import note_path
from tinylens.lint.source.program import Choice, Told
from tinylens.lint.source.reading import Reading
from tinylens.lint.source.values import Unknown, number, text_of

BEST = "which figure is the best"
TEXT_METHODS = {
    "lower": 0,
    "upper": 0,
    "strip": 0,
    "title": 0,
    "startswith": 1,
    "endswith": 1,
    "removeprefix": 1,
    "removesuffix": 1,
    "replace": 2,
}  # and how many arguments they are known with


def texted(call: Call) -> Any:
    """str."""
    value = call.get(0)
    return (
        value
        if isinstance(value, str) or is_name_of_file(value)
        else str(value)
        if number(value) is not None
        else call.unknown
    )


def tell(reading: Reading, words: str, value: Any, place: Place) -> None:
    """Write down that a figure is told beside words; the best of several is a choice."""
    if isinstance(value, Unknown) and value.judged:
        fits = len(reading.program.fits)
        reading.program.told.append(Told(place, words, value.of, True, value.model, fits, value.curve))
        if value.text == BEST:
            reading.program.choices.append(Choice(place, value.of, BEST))


def printed(call: Call) -> Any:
    """print: figures, with the words that stand before them."""
    words = ""
    for value in call.args:
        if isinstance(value, str):
            words = value
        elif isinstance(value, Unknown) and value.judged:
            tell(call.reading, words, value, call.place)
    return None


def filled(call: Call) -> Any:
    """'...'.format(figure): told beside the text, where there is one of them."""
    text = text_of(call.of)
    judged = [value for value in call.args if isinstance(value, Unknown) and value.judged]
    if len(judged) == 1 and len(call.values) == 1:
        tell(call.reading, text, judged[0], call.place)
    elif len(judged) > 1:
        pieces = text.split("{")
        for place, value in enumerate(call.args):
            if isinstance(value, Unknown) and value.judged and place < len(pieces):
                label = pieces[place].rpartition("}")[2]
                tell(call.reading, label, value, call.place)
    return Unknown(parts_of(*call.values), text)


def path_joined(call: Call) -> Any:
    """os.path.join, pathlib.Path."""
    note_path(call.reading, *call.args)
    texts = [text_of(one) or "?" for one in call.args]
    plain = all(isinstance(one, str) for one in call.args)
    if plain and len(texts) < 20:
        return "/".join(texts)
    found = call.unknown
    return replace(found, text="/".join(texts)[:500]) if isinstance(found, Unknown) else found


def of_text(call: Call) -> Any:
    """Methods of a text that are known to give one, or say whether it begins or ends so."""
    known = isinstance(call.of, str) and all(isinstance(one, str) for one in call.args) and not call.named
    fits = len(call.args) == TEXT_METHODS[call.name.last]
    return getattr(call.of, call.name.last)(*call.args) if known and fits else call.unknown


def split_text(call: Call) -> Any:
    """'a b c'.split()."""
    by = call.get(0)
    if not isinstance(call.of, str) or (by is not None and not isinstance(by, str)) or by == "" or len(call.of) > 5000:
        return Unknown()
    return call.of.split(by)


FUNCTIONS = {
    "builtins:str": texted,
    "builtins:print": printed,
    "os:join": path_joined,
    "pathlib:Path": path_joined,
}
METHODS = {
    "text.format": filled,
    "unknown.format": filled,
    **{f"text.{name}": of_text for name in TEXT_METHODS},
    "text.split": split_text,
}
