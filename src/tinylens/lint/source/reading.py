"""Reading: the state of an abstract run of their program. Nothing of theirs is executed.

Statements are gone through in order, both branches where a condition is not known, loops twice where their number is
not, and functions of theirs are entered with the arguments of each call, to a depth.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tinylens.lint.source.cells import Place
from tinylens.lint.source.program import Program
from tinylens.lint.source.values import Function, Scope

MOST_WORK = 400_000  # expressions and statements that are looked at
DEEPEST = 14  # calls inside calls


class Exhausted(Exception):
    """So much work was done that the rest is left unread."""


class Leave(Exception):
    """A return, break, continue or raise of theirs. how: which."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass
class Frame:
    """A call of a function of theirs that is under way."""

    function: Function
    returned: list[Any] = field(default_factory=list)
    yielded: list[Any] = field(default_factory=list)
    at_yield: Callable[[Any], None] | None = None  # what is done where it yields for the first time


class Reading:
    """Where the reading stands. `expressions`, `statements` and `calling` do the work on it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.scope = Scope()
        self.unsure = 0  # conditions around that may not hold
        self.loops: list[tuple[Place, int]] = []
        self.loop_values: list[Any] = []
        self.loop_unsure: list[int] = []  # of each loop, how many conditions are around it, less those on its turns
        self.loop_counts: list[frozenset[str]] = []  # of each loop, what counts its turns
        self.every = 1  # one of how many turns of the loop around comes here
        self.no_grad = 0
        self.frames: list[Frame] = []
        self.inside = 0  # networks whose forward is being gone through
        self.stars: list[str] = []
        self.work = 0
        self.count = 0
        self.counters: dict[str, tuple[tuple[Place, ...], int]] = {}  # what a best figure sets to 0: in which loops,
        # and in one of how many turns
        self.grown: dict[int, list[Any]] = {}  # lists that hold more than was put in, by their ids
        self.begun: dict[int, int] = {}  # how much such a list held before
        self.keeping: dict[int, list[ast.AST]] = {}  # syntax where the best weights are kept: all of it, by each's id
        self.entered: set[int] = set()  # functions of theirs that were gone through

    def place(self, node: ast.AST) -> Place:
        """Where a piece of syntax stands."""
        known = getattr(node, "place", None)  # as `placed` left it
        return known if isinstance(known, Place) else Place(getattr(node, "lineno", 1))

    def tick(self) -> None:
        """Count a piece of work. Raises Exhausted."""
        self.work += 1
        if self.work > MOST_WORK:
            raise Exhausted

    def is_under_way(self, function: Function) -> bool:
        """Whether a function is not to be entered: it is under way already, or calls are too deep."""
        busy = [frame.function.node for frame in self.frames]
        return len(busy) >= DEEPEST or function.node in busy

    def fresh(self, what: str) -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"{what}#{self.count}"

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is done in the block may not be done."""
        self.unsure += 1
        try:
            yield
        finally:
            self.unsure -= 1

    @contextmanager
    def within(self, scope: Scope) -> Iterator[None]:
        """Names are looked up in another scope."""
        before, self.scope = self.scope, scope
        try:
            yield
        finally:
            self.scope = before

    @contextmanager
    def looping(self, place: Place, turn: int, value: Any, counts: frozenset[str] = frozenset()) -> Iterator[None]:
        """One turn of a loop. counts: what counts its turns."""
        every, self.every = self.every, 1
        self.loops.append((place, turn))
        self.loop_values.append(value)
        self.loop_unsure.append(self.unsure)
        self.loop_counts.append(counts)
        try:
            yield
        finally:
            self.loops.pop()
            self.loop_unsure.pop()
            self.loop_values.pop()
            self.loop_counts.pop()
            self.every = every

    @contextmanager
    def once_in(self, every: int) -> Iterator[None]:
        """What is done in the block is done in one of so many turns of the loop around."""
        before, on_turns = self.every, int(every > 1)
        self.every *= every
        if on_turns:
            self.loop_unsure[-1] += 1
        try:
            yield
        finally:
            self.every = before
            if on_turns:
                self.loop_unsure[-1] -= 1
