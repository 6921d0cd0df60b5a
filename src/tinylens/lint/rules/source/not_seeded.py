"""TL211: nothing is seeded.

Weights, order and augmentation are drawn anew each time, so that nobody can make the result again, and a difference
between two runs may be luck. One seed, set before anything is drawn, is enough for a start; several seeds show how
much luck is in it.
"""

from collections.abc import Iterator

from tinylens.lint.finding import Finding, Rule
from tinylens.lint.source.asking import at, learns
from tinylens.lint.source.library.chance import STATE
from tinylens.lint.source.program import Program

RULE = Rule(
    "TL211",
    "nothing is seeded",
    "note",
    "keras.utils.set_random_seed(0), or torch.manual_seed(0), before the network is built",
)


def check(program: Program) -> Iterator[Finding]:
    """Fires once, at the first training, where no seed is set anywhere."""
    trained = [fit.place for fit in program.fits]
    trained += [one.place for one in program.happened if one.kind == "backward" and learns(program, one)]
    if trained and all(seed.startswith(STATE) for seed in program.seeds):
        yield at(
            RULE, min(trained, key=lambda place: place.order), "a network is trained, and no seed is set before it"
        )
