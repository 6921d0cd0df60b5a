"""Program: what a script or notebook does, as its reading found it, in the order in which it happens."""

import ast
from dataclasses import dataclass, field
from typing import Any

from tinylens.lint.source.cells import Document, Passage, Place
from tinylens.lint.source.data import Data, Part
from tinylens.lint.source.network import Compiled, Fit, Judged, Network, Node, Standing
from tinylens.lint.source.values import Function, Made, Thing


@dataclass(eq=False)
class Happening:
    """Something that happens in a loop that they wrote themselves.

    kind: forward, loss, backward, step, perhaps step, zero_grad, mode, scheduler. what: what it happens to; of a
    backward pass, the optimizer that takes its step at once. passes: of each loop
    around it, which time round (0, 1).
    """

    kind: str
    place: Place
    what: Any = None
    data: Any = None
    network: Network | None = None
    mode: str = ""
    grad: bool = True
    loops: tuple[tuple[Place, int], ...] = ()
    maybe: bool = False
    target: Any = None
    loops_over: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Choice:
    """A decision by a figure: which weights to keep, when to stop, which value of a sweep is best.

    of: the images that the figure is of. what: what is decided.
    """

    place: Place
    of: frozenset[Part]
    what: str
    after: int = 0  # how much had happened by then
    loops: tuple[tuple[Place, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Patience:
    """Where a loop of theirs gives up. counter: what it counts by. number: as many. loop: in which, over what.

    every: the counter is asked in one of so many turns.
    """

    place: Place
    counter: str
    number: Any
    loop: Place
    over: Any
    every: int = 1


@dataclass(frozen=True, eq=False)
class Paced:
    """A scheduler that a trainer steps. interval: `epoch` or `step`. epochs: how many there are at most, of images."""

    scheduler: Made
    interval: Any
    epochs: Any
    images: Any


@dataclass(frozen=True, eq=False)
class Told:
    """Something that is printed or named. text: the words beside it. of: the images it was computed from.

    network: whose figure it is. fits: how many trainings came before. curve: of a training, that it is a point of.
    """

    place: Place
    text: str
    of: frozenset[Part]
    judged: bool
    network: Any = None
    fits: int = 0
    curve: str = ""


@dataclass(frozen=True, eq=False)
class Dropped:
    """A result that nobody takes."""

    place: Place
    what: str


@dataclass(frozen=True, eq=False)
class Drawn:
    """A random number that can only be one. value: which."""

    place: Place
    value: Any


@dataclass(frozen=True, eq=False)
class Fitted:
    """Statistics that were computed from images and used to prepare images. what: as `mean`."""

    place: Place
    what: str
    of: frozenset[Part]


@dataclass
class Program:
    """All that was found."""

    document: Document
    unread: list[Passage] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    compiled: list[tuple[Network, Compiled]] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    borrowed: list[Place] = field(default_factory=list)  # where the best state_dict() is named, and not copied
    told: list[Told] = field(default_factory=list)
    applied: list[Node] = field(default_factory=list)  # activations of what networks gave, outside of any network
    dropped: list[Dropped] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    fitted: list[Fitted] = field(default_factory=list)
    overwritten: list[tuple[Place, Data]] = field(default_factory=list)  # where a part's transform becomes all others'
    made: list[Made] = field(default_factory=list)
    data: list[tuple[Place, Data]] = field(default_factory=list)  # loads and what was made of them, as it was named
    class_names: list[tuple[Place, str, list[str], Data | None]] = field(default_factory=list)
    naming: list[list[str] | tuple[str, ...]] = field(default_factory=list)  # lists that give labels their names
    path_words: set[str] = field(default_factory=set)  # names of files and folders, in paths that are joined
    own_order: bool = False  # whether a loader of a folder is told the order of its classes, or may be
    schedules: list[tuple[Place, Function]] = field(default_factory=list)
    patience: list[Patience] = field(default_factory=list)
    skipping: set[Place] = field(default_factory=set)  # loops of which some turns may end in the middle
    left_early: set[Place] = field(default_factory=set)  # loops that may end before their last turn
    paced: list[Paced] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    late: list[tuple[Place, str, int]] = field(default_factory=list)  # changes of the rate after a loop's last turn
    orders: list[tuple[Place, str]] = field(default_factory=list)  # labels taken in another order than predictions
    seeds: list[str] = field(default_factory=list)
    hidden: list[tuple[Place, str]] = field(default_factory=list)  # layers that no optimizer finds
    calls: list[tuple[ast.Call, Place]] = field(default_factory=list)  # of what draws
    tables: set[str] = field(default_factory=set)  # names of confusion matrices
    listed: list[tuple[Place, str, Any]] = field(default_factory=list)  # lists of names for classes, as they are
    images: Data | None = None  # the first that was loaded from a known data set

    def standing(self) -> Standing:
        """Where the networks stand now."""
        return {id(one): (one.resets, one.told_to_learn) for one in self.networks}

    def all_made(self, *kinds: str) -> list[Made]:
        """What was made of a library's classes of these names, each line once."""
        return list({(one.place, one.kind): one for one in self.made if one.kind in kinds}.values())
