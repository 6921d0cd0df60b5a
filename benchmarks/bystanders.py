"""How much other processes work meanwhile: it would be measured as slowness of ours, which depends on its threads."""

import os
import time
from pathlib import Path

STAT = Path("/proc/stat")


def work_of_others() -> float | None:
    """Seconds of processor time since the machine started that neither this process nor its ended children took.

    What the hypervisor gave to other machines counts too. None where the system does not tell.
    """
    if not STAT.is_file():
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, STAT.read_text().split(maxsplit=9)[1:9])
    own = os.times()
    whole = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return whole - own.user - own.system - own.children_user - own.children_system


class Bystanders:
    """The share of all processors' time that other processes take from now on."""

    def __init__(self) -> None:
        self.began, self.before = time.perf_counter(), work_of_others()

    @property
    def share(self) -> float | None:
        """In 0 .. 1 up to now; None where the system does not tell."""
        after = work_of_others()
        if after is None or self.before is None:
            return None
        return max(after - self.before, 0.0) / (time.perf_counter() - self.began) / (os.cpu_count() or 1)
