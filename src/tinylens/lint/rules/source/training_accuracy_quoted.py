"""TL207: the accuracy on training images is quoted as the result.

A figure of images that were trained on says how much is remembered. It is called a test or validation figure here, or
it is what the text quotes as the accuracy of the model although the output beside it has the one of unseen images, or
it is the only one that is made, or told, at all.
"""

import re
from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, trains
from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.network import Network
from tinylens.lint.source.program import Program, Told
from tinylens.lint.source.values import WHOLE

RULE = Rule(
    "TL207",
    "training accuracy is quoted as the result",
    "error",
    "quote the figure of images that were not trained on, and call each figure by the images that it is of",
)
HELD_OUT = re.compile(r"\b(test|val|validation|unseen|held.?out|generali[sz]ation)", re.IGNORECASE)
TRAINING = re.compile(r"\b(train|training|fit)", re.IGNORECASE)
ACCURACY = re.compile(r"\b(accuracy|acc|correct|precise)", re.IGNORECASE)
CURVE = re.compile(r"(\w+_)?acc(uracy)?")
EACH = re.compile(r"\b(epoch|step|iteration|loss)", re.IGNORECASE)
FINAL = re.compile(r"\b(final|overall|result|model|network|achieved)", re.IGNORECASE)
EPOCH = re.compile(r"(?<![a-z_])(?:acc|accuracy)\s*[:=]\s*([01]\.\d+).*?\bval_(?:acc|accuracy)\s*[:=]\s*([01]\.\d+)")
PERCENT = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*(?:%|percent)")


def check(program: Program) -> Iterator[Finding]:
    """Fires for figures of training images that are printed as others, and for prose that quotes one."""
    for told in program.told:
        of_training = {part.role for part in told.of} == {"train"} or told.of in learned(program, told)
        if of_training and HELD_OUT.search(told.text) and not TRAINING.search(told.text):
            yield at(RULE, told.place, f"{told.text.strip()!r} stands before a figure of the training images")
    yield from in_prose(program)
    yield from only_figure(program)
    yield from only_evaluation(program)
    yield from only_curve(program)


def learned(program: Program, told: Told) -> set[frozenset[Part]]:
    """The images that a network of Keras was trained on before a figure of it was told.

    Of one that came from a file, those that all networks were trained on, where these are the same.
    """
    network = told.network
    if not isinstance(network, Network):
        return set()
    loaded = bool(network.fields.get("loaded")) and not network.fits
    known = [fit for fit in program.fits[: told.fits] if (loaded or fit.network is network)]
    found = {fit.images.parts for fit in known if isinstance(fit.images, Data) and not fit.images.named}
    complete = all(isinstance(fit.images, Data) for fit in known)
    return set() if loaded and (len(found) > 1 or not complete) else found


def only_evaluation(program: Program) -> Iterator[Finding]:
    """A figure of the training images that is told as the result, where a validation is seen in passing alone."""
    evaluated = {look.images.parts for look in program.judged if isinstance(look.images, Data)}
    if len(evaluated) != 1 or any(not isinstance(look.images, Data) for look in program.judged):
        return
    if any(one.kind == "forward" for one in program.happened) or any(told.of not in evaluated for told in program.told):
        return
    for told in program.told:
        result = FINAL.search(told.text) and ACCURACY.search(told.text) and not TRAINING.search(told.text)
        if result and told.of in learned(program, told):
            yield at(RULE, told.place, "the figure is of the training images, and no others are evaluated")


def only_curve(program: Program) -> Iterator[Finding]:
    """The accuracy at the end of the training curve, where no figure of any other images is told."""
    figures = [told for told in program.told if told.curve or any(map(str.isalpha, told.text))]
    learnt = [told for told in figures if told.curve and not told.curve.startswith("val")]
    evaluated = any(look.how == "evaluate" or not are_few(look.images) for look in program.judged)
    by_hand = any(one.kind == "forward" for one in program.happened)
    if len(learnt) < len(figures) or evaluated or by_hand:
        return
    for told in learnt:
        point = CURVE.fullmatch(told.curve) and not told.curve.startswith(WHOLE)
        if point and not TRAINING.search(told.text) and not EACH.search(told.text):
            yield at(RULE, told.place, f"it is a point of {told.curve!r}, the curve of the training images, and no "
                     "figure of others is told")  # fmt: skip


def are_few(images: object) -> bool:
    """Whether images seem to be a few that are taken out to be shown with what the network says of them."""
    if not isinstance(images, Data):
        return False
    taken = all(part.cuts and part.cuts[-1].knife.startswith(("at", "slice")) for part in images.parts)
    return images.one or taken


def in_prose(program: Program) -> Iterator[Finding]:
    """Sentences that quote, as the accuracy, what the last line of training printed for the training images."""
    pairs = [
        (float(found[1]), float(found[2])) for line in program.document.printed if (found := EPOCH.search(line.text))
    ]
    for passage in program.document.prose:
        for sentence in re.split(r"(?<=[a-z%)])[.!?]\s", passage.text):
            quoted = quotes(sentence, pairs)
            if quoted and ACCURACY.search(sentence) and not TRAINING.search(sentence):
                percent, pair = quoted
                yield at(RULE, passage.place, f"{percent} % is the accuracy on the training images of an epoch whose "
                         f"validation accuracy is {100 * pair[1]:.2f} %")  # fmt: skip
                break


def quotes(sentence: str, pairs: list[tuple[float, float]]) -> tuple[str, tuple[float, float]] | None:
    """A percentage that is the training accuracy of an epoch, rounded, and not a validation accuracy of any."""
    for percent in PERCENT.findall(sentence):
        digits = len(percent.partition(".")[2])
        value = float(percent)
        if digits == 0 or any(abs(100 * held - value) <= 0.51 * 10**-digits for _, held in pairs):
            continue
        same = [pair for pair in pairs if abs(100 * pair[0] - value) <= 0.51 * 10**-digits]
        if same:
            return percent, same[-1]
    return None


def only_figure(program: Program) -> Iterator[Finding]:
    """The last evaluation, where it is of the images that were trained on, and no other images are looked at at all."""
    by_hand = any(one.kind == "backward" for one in program.happened)
    if (program.fits or by_hand) and not looks_elsewhere(program):
        yield from of_training_only(program)


def looks_elsewhere(program: Program) -> bool:
    """Whether any images are looked at that were not trained on, or may not have been."""
    if any(fit.validated or not fit.known for fit in program.fits):
        return True
    judged = [look.images for look in program.judged]
    judged += [one.data for one in program.happened if one.kind == "forward" and not trains(program, one)]
    return any(not isinstance(images, Data) or images.roles != {"train"} for images in judged)


def of_training_only(program: Program) -> Iterator[Finding]:
    """Figures of training images that are told as if they were of the model."""
    for look in program.judged:
        of = look.images.parts if isinstance(look.images, Data) else frozenset()
        trained = [fit.images.parts for fit in look.network.fits if isinstance(fit.images, Data)]
        labelled = any(TRAINING.search(told.text) for told in program.told if told.of == of)
        if look.how == "evaluate" and of in trained and not labelled:
            yield at(RULE, look.place, "the only images that the model is judged on are those that it was trained on")
    for told in program.told:
        of_training = {part.role for part in told.of} == {"train"}
        if of_training and FINAL.search(told.text) and ACCURACY.search(told.text) and not TRAINING.search(told.text):
            yield at(RULE, told.place, "the figure is of the training images, and no others are looked at")
