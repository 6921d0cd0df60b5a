"""What the machine can do: the speed of a large matrix product, and the memory that was held."""

import sys
import time

import torch

SIDE = 2048  # of the matrices: large enough that nothing but the product counts
WARM_UP, TRIES = 2, 8


def fastest_product(precision: str, device: str) -> float:
    """Floating-point operations a second of a product of two square matrices, the fastest of some tries."""
    kind = torch.bfloat16 if precision == "bfloat16" else torch.float32
    left, right = (torch.randn(SIDE, SIDE, device=device).to(kind) for _ in range(2))
    times = []
    for _ in range(WARM_UP + TRIES):
        began = time.perf_counter()
        left @ right
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return 2 * SIDE**3 / min(times[WARM_UP:])


def peak_memory(device: str) -> int | None:
    """The most bytes that this process held so far, or that torch held on a GPU; None where the system cannot tell."""
    if device == "cuda":
        return int(torch.cuda.max_memory_allocated())
    try:
        import resource
    except ImportError:  # Windows
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else 1024 * held
