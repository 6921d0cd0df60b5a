"""The clocks that all sides of the benchmarks are timed with. They need nothing but Python."""

import time
from collections.abc import Callable
from statistics import median

WARM_UP_SECONDS = 1.0
FEWEST_STEPS = 3
FEWEST_CALLS = 5
MOST_IDLE = 3  # epochs
SPARE = 0.03  # of a budget, for what varies


class Clock:
    """Times the steps of a training, each from its beginning to the beginning of the next.

    The first and the last step of an epoch are not timed: the epoch's own work, and at first the tracing, is in them.
    Then the steps of the first second, and at least one, are the warm-up.

    seconds: how long to measure after the warm-up. At least FEWEST_STEPS steps are measured, however long they take.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.warm_up = 0.0
        self.images, self.steps, self.taken = 0, 0, 0.0
        self.before: tuple[int, float] | None = None
        self.idle = 0  # epochs begun since a step was timed

    def step_begins(self, seen: int) -> None:
        """Take note that a step begins. seen: images of the epoch before it.

        Raises ValueError where epochs are so short that none of their steps can be timed.
        """
        now = time.perf_counter()
        self.idle += seen == 0
        if self.idle > MOST_IDLE:
            raise ValueError("an epoch of fewer than three steps cannot be timed: more images are needed")
        if self.before is not None and seen > 0:
            images, began = self.before
            self.count(seen - images, now - began)
        self.before = (seen, now) if seen > 0 else None

    def count(self, images: int, seconds: float) -> None:
        """Count a step that is done, in the warm-up or after it."""
        self.idle = 0
        if self.warm_up < WARM_UP_SECONDS:
            self.warm_up += seconds
            return
        self.images += images
        self.steps += 1
        self.taken += seconds

    @property
    def over(self) -> bool:
        """Whether enough is measured."""
        return self.taken >= self.seconds and self.steps >= FEWEST_STEPS

    def result(self) -> dict[str, float]:
        """Images a second after the warm-up, with the images, steps and seconds that it is from."""
        speed = self.images / self.taken
        return {"images_per_second": speed, "images": self.images, "steps": self.steps, "seconds": self.taken}


class Budget:
    """A time to train in, which begins when this is made, and the images that training saw in it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = time.perf_counter()
        self.images = 0

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began

    @property
    def over(self) -> bool:
        """Whether training must end."""
        return self.spent >= self.seconds

    def fits(self, each: float) -> int:
        """How often something that takes so many seconds fits what is left, with a little to spare; at least once."""
        return max(1, int((self.seconds * (1 - SPARE) - self.spent) / each))


def calls(act: Callable[[], object], images: int, seconds: float) -> dict[str, float]:
    """How fast calls are that each take so many images, after a warm-up.

    seconds: how long to measure. At least FEWEST_CALLS are measured, however long they take; the middle of them counts.
    """
    began = time.perf_counter()
    act()
    while time.perf_counter() - began < WARM_UP_SECONDS / 2:
        act()
    taken: list[float] = []
    while sum(taken) < seconds or len(taken) < FEWEST_CALLS:
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    middle = median(taken)
    return {"images_per_second": images / middle, "call_seconds": middle, "calls": len(taken)}
