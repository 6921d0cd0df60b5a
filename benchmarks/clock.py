"""The clock that both sides of the benchmark are timed with. It needs nothing but Python."""

import time

WARM_UP_SECONDS = 1.0
FEWEST_STEPS = 3


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

    def step_begins(self, seen: int) -> None:
        """Take note that a step begins. seen: images of the epoch before it."""
        now = time.perf_counter()
        if self.before is not None and seen > 0:
            images, began = self.before
            self.count(seen - images, now - began)
        self.before = (seen, now) if seen > 0 else None

    def count(self, images: int, seconds: float) -> None:
        """Count a step that is done, in the warm-up or after it."""
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
