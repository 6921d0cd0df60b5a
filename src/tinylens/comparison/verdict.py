"""What a comparison comes to, in plain words, and what must be known before that is believed."""

from collections.abc import Sequence

from tinylens.comparison.pairs import Pair
from tinylens.comparison.seeds import LEVEL, SeedTest
from tinylens.comparison.sides import Side
from tinylens.sweeps.outcome import span
from tinylens.words import MARKED, count, times

METHODS = {"paired by seed": "t test paired by seed", "Welch": "Welch's t test"}
REASONS = {
    "paired by seed": "The t test is paired where each seed trained both recipes on the same images.",
    "Welch": "Welch's t test is taken where the recipes were not trained on the same images, seed by seed.",
}
MOST = 10  # verdicts told one by one


def verdict(pair: Pair, pairs: Sequence[Pair]) -> str:
    """Whether two sides differ, by how much, how sure that is, and of what it speaks. pairs: all that were compared."""
    if pair.seeds is not None:
        return of_recipes(pair, pair.seeds, pairs)
    if pair.same_recipe:
        return of_luck(pair, len(pairs))
    return f"{of_lenses(pair, len(pairs))} {what_lenses_tell(pair)}"


def of_luck(pair: Pair, pairs: int) -> str:
    """How far apart two seeds of one recipe are."""
    names, sure = f"{pair.first.name} and {pair.second.name}", sureness(pair, pairs)
    same = f"{names} are the same recipe, settings and data: there is no difference of recipes to be found."
    if pair.lenses_differ and pair.first.seeds == pair.second.seeds:
        why = "Their seed is the same too: by another machine, another version or damage"
        return f"{same} {why} {pair.better.name} is ahead by {points(pair.difference)} ({sure})."
    if pair.lenses_differ:
        return f"{same} By the luck of the seed {pair.better.name} is ahead by {points(pair.difference)} ({sure})."
    return f"{same} Nor is one shown between their lenses: {ahead(pair)} ({sure})."


def sureness(pair: Pair, pairs: int) -> str:
    """The interval of a difference on other images, and the test of it."""
    p = p_said(pair.p, pair.corrected, pairs)
    return f"95 % interval {between(pair.interval, pair)}, {pair.test} {p}"


def of_lenses(pair: Pair, pairs: int) -> str:
    """Whether two runs differ on images like these."""
    sure = sureness(pair, pairs)
    if pair.lenses_differ:
        return f"{pair.better.name} is better than {pair.worse.name} by {points(pair.difference)} ({sure})."
    shown = f"No difference is shown between {pair.first.name} and {pair.second.name}: {ahead(pair)} ({sure})."
    images = len(pair.first.right)
    reach = max(abs(end - pair.difference) for end in pair.interval)
    if reach < 0.5 / images:  # equal answers, or a single image: how far it sees is not known
        return shown
    missed = f"a difference of less than about {points(reach)} would more often be missed than seen"
    return f"{shown} On {images:,} images {missed}."


def what_lenses_tell(pair: Pair) -> str:
    """What a difference of single runs says, and what it does not."""
    alone = [side.name for side in (pair.first, pair.second) if len(side.runs) == 1]
    who, it = (
        ("these two lenses differ", "the recipes do") if len(alone) == 2 else ("its lens differs", "the recipe does")
    )
    lenses = f"that {who}, not that {it}" if pair.lenses_differ else f"whether {who}, not whether {it}"
    if len(alone) == 2:
        return f"On one seed each this says {lenses}: `tinylens train --seeds 5` of both would tell."
    return f"Of {alone[0]} there is one seed, so this says {lenses}."


def of_recipes(pair: Pair, seeds: SeedTest, pairs: Sequence[Pair]) -> str:
    """Whether two recipes differ by more than their seeds and by more than these images."""
    one, two = seeds.runs
    over = f"over {one} seeds each" if one == two else f"over {one} and {two} seeds"
    p = p_said(seeds.p, seeds.corrected, sum(other.seeds is not None for other in pairs))
    sure = f"95 % interval {between(seeds.interval, pair)}, {METHODS[seeds.method]}, {p}"
    images = sureness(pair, len(pairs))
    if pair.recipes_differ:
        better = f"{pair.better.name} is better than {pair.worse.name} by {points(pair.difference)} {over}"
        return f"{better} ({sure}): the recipes differ. For these lenses on other images: {images}."
    ahead_of = f"{pair.better.name} is ahead of {pair.worse.name} by {points(pair.difference)}"
    shown = ahead_of if pair.difference else f"{pair.first.name} and {pair.second.name} are level"
    shown = f"{shown} {over} ({sure})"
    if seeds.corrected < LEVEL:
        return f"{shown}. The seeds agree on that, but on so few images it may be chance ({images})."
    luck = f"{shown}: that the recipes differ is not shown, it may be the luck of the seeds."
    return f"{luck} These lenses do differ on images like these ({images})." if pair.lenses_differ else luck


def ahead(pair: Pair) -> str:
    """Who is ahead, and by how much."""
    return f"{pair.better.name} is ahead by {points(pair.difference)}" if pair.difference else "they are level"


def points(difference: float) -> str:
    """A difference of shares of 1, without its sign: 1.2 points, 0.04 points."""
    value = abs(100 * difference)
    return f"{value:.1f} points" if value >= 0.05 or not value else f"{value:.2f} points"


def between(interval: tuple[float, float], pair: Pair) -> str:
    """An interval of the difference, seen from the better side: 0.4 to 2.0."""
    low, high = interval if pair.better is pair.second else (-interval[1], -interval[0])
    return f"{signed(low)} to {signed(high)}"


def signed(share: float) -> str:
    """Points with a minus sign that is one: −0.4."""
    text = f"{100 * share:.1f}"
    return "0.0" if text == "-0.0" else text.replace("-", "−")


def p_words(p: float) -> str:
    """A p-value in the digits that count, on which side of the level it is among them: 0.31, 0.0499, < 0.0001."""
    return "<\u202f0.0001" if p < 0.0001 else f"{p:.4f}" if p < 0.01 else f"{p:.3g}" if p < 0.1 else f"{p:.2f}"


def p_said(p: float, corrected: float, pairs: int) -> str:
    """A p-value in a sentence, with the corrected one where more than one pair was compared."""
    words = [p_words(value) for value in (p, corrected)]
    said = [f"p\u202f{one}" if one.startswith("<") else f"p\u202f=\u202f{one}" for one in words]
    return f"{said[0]}, by Holm for {pairs} comparisons {said[1]}" if pairs > 1 else said[0]


def verdicts_of(pairs: Sequence[Pair]) -> list[str]:
    """The verdict of each pair, or, where they are many, how many pairs differ."""
    if len(pairs) <= MOST:
        return [verdict(pair, pairs) for pair in pairs]
    tested = [pair for pair in pairs if pair.seeds is not None]
    shown, lenses = sum(pair.recipes_differ for pair in tested), sum(pair.lenses_differ for pair in pairs)
    of_tested = [f"Of {len(tested)} pairs of recipes with several seeds {shown} are shown to differ."] if tested else []
    said = [*of_tested, f"Of all {len(pairs)} pairs the lenses of {lenses} differ on images like these."]
    if pairs[0].same_recipe:  # then all of them are
        said.append("All are the same recipe, settings and data: there is no difference of recipes to be found.")
    return said


def remarks(pairs: Sequence[Pair], sides: Sequence[Side], split: str) -> list[str]:
    """What must be known before a comparison is believed."""
    methods = sorted({pair.seeds.method for pair in pairs if pair.seeds is not None})
    said = [*(REASONS[method] for method in methods), *marked(sides), *budgets(sides), *machines(sides)]
    return [*said, *temperatures(sides), *limited(sides), *chosen(sides, split)]


def marked(sides: Sequence[Side]) -> list[str]:
    """That selection of some looked at the test images."""
    names = [side.name for side in sides if side.mark]
    return [f"{MARKED}, and comparisons with them lean to their side: {', '.join(names)}."] if names else []


def budgets(sides: Sequence[Side]) -> list[str]:
    """Where sides had more to learn from than others."""
    training = [run.training for side in sides for run in side.runs]
    images = [run.manifest.splits["train"]["images"] for side in sides for run in side.runs]
    columns = {"epochs": [t["epochs"] for t in training], "steps": [t["steps"] for t in training]}
    unequal = [f"{span(values)} {name}" for name, values in (columns | {"training images": images}).items()
               if len(set(values)) > 1]  # fmt: skip
    return [f"Budgets differ: {', '.join(unequal)} a run; that may be why one is behind."] if unequal else []


def machines(sides: Sequence[Side]) -> list[str]:
    """Where runs were trained in other arithmetic or on another device, which is no difference of recipes."""
    hardware = [run.training["hardware"] for side in sides for run in side.runs]
    used = sorted({f"{one['precision']} on {one['device']}" for one in hardware})
    return [f"Arithmetic or device differ: {', '.join(used)}; that may be why one is behind."] if len(used) > 1 else []


def temperatures(sides: Sequence[Side]) -> list[str]:
    """That some were calibrated and others not: by an earlier version, or without validation images of their own."""
    cold = [side.name for side in sides if any(said.conformal is None for said in side.predictions)]
    if len(cold) in (0, len(sides)):
        return []
    unlike = "their loss and calibration error do not compare with the others'"
    return [f"No temperature was fitted to {', '.join(cold)}: {unlike}."]


def limited(sides: Sequence[Side]) -> list[str]:
    """That not all images were used."""
    limits = sorted({limit for s in sides for run in s.runs if (limit := run.manifest.choice.limit) is not None})
    return [f"At most {span(limits)} images of each split were used (--limit)."] if limits else []


def chosen(sides: Sequence[Side], split: str) -> list[str]:
    """What it does to the test images to choose by them."""
    if split == "validation":
        return ["Compared on validation images, by which the epochs were chosen that are compared."]
    looked, runs = sum(run.times_opened for side in sides for run in side.runs), sum(len(s.runs) for s in sides)
    return [
        f"These test images were looked at {times(looked)} for {count(runs, 'run')}. To choose by this comparison is "
        "to choose by them: the figure of what is chosen is a little too good."
    ]
