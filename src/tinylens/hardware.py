"""The machine: device, threads and precision, each with the reason for it."""

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from joblib import cpu_count
from torch import Tensor

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # options of mallopt, as malloc.h has them
TRIES = 20
CLEARLY = 1.4  # times as fast; nearer to 1 noise would choose, and the same seed give other weights each time
CLOSE = 0.02  # root mean square error over that of what is computed: bfloat16 itself is wrong by about 0.003


@dataclass(frozen=True)
class Hardware:
    """What training computes with. reason: why this precision."""

    device: str
    device_name: str
    threads: int
    precision: str
    reason: str


def choose_hardware(precision: str = "auto") -> Hardware:
    """The device (a GPU where there is one), the threads and the precision.

    precision: auto, float32 or bfloat16. auto takes bfloat16 only where the processor computes in it natively
    (elsewhere it is emulated and tens of times slower), and where a trial finds it right and faster than float32.
    Weights stay float32 whichever it is.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Hardware(device, device_name(device), choose_threads(), *choose_precision(device, precision))


def device_name(device: str) -> str:
    """What its maker calls it."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return str(torch.cpu.get_capabilities().get("cpu_name", "CPU")) if has_capabilities() else "CPU"


def choose_precision(device: str, asked: str) -> tuple[str, str]:
    """The precision on a device, and why. asked: auto, float32 or bfloat16."""
    if asked != "auto":
        return asked, "asked for"
    if device == "cuda":
        native, kind = torch.cuda.is_bf16_supported(including_emulation=False), "GPU"
    else:
        native, kind = native_bfloat16(), "processor"
    return chosen_precision(device, native, f"this {kind} ({device_name(device)})")


def chosen_precision(device: str, native: bool, where: str) -> tuple[str, str]:
    """The precision that suits a device, and why. native: whether it computes in bfloat16 itself."""
    if not native:
        return "float32", f"{where} has no native bfloat16"
    trial = try_bfloat16(device)
    if not trial.right:
        return "float32", f"{where} computes in bfloat16, but a trial found its results wrong"
    if trial.speed < CLEARLY:
        return "float32", f"{where} computes in bfloat16, but a trial found it no faster than float32"
    return "bfloat16", f"{where} computes in bfloat16 natively; a trial found it right, and faster than float32"


@dataclass(frozen=True)
class Trial:
    """A convolution in bfloat16 beside the same in float32. error: the root mean square difference, as a share of that
    of the results. speed: how many times as fast."""

    error: float
    speed: float

    @property
    def right(self) -> bool:
        """Whether the results differ by no more than rounding does."""
        return self.error < CLOSE


@cache
@torch.enable_grad()  # whoever asks
def try_bfloat16(device: str) -> Trial:
    """Convolve some images, forward and backward, in both precisions, in turn: in some tenths of a second.

    On a processor one thread does it, and its own time counts: threads that wait for each other while other programs
    want the same cores took up to twice as long by chance, now in this precision, now in that.
    """
    numbers = torch.Generator().manual_seed(0)
    images, kernels = (torch.randn(shape, generator=numbers) for shape in ((64, 32, 16, 16), (64, 32, 3, 3)))
    images, kernels = (x.to(device, memory_format=torch.channels_last) for x in (images, kernels))
    with one_thread():
        turns = [[convolved(images, kernels, kind) for kind in (torch.float32, torch.bfloat16)] for _ in range(TRIES)]
    exact, rounded = turns[0][0][0], turns[0][1][0]
    error = max(float((a - b).norm() / a.norm()) for a, b in zip(exact, rounded, strict=True))
    fastest = [min(seconds for _, seconds in tries) for tries in zip(*turns, strict=True)]
    return Trial(error, fastest[0] / fastest[1])


def convolved(images: Tensor, kernels: Tensor, kind: torch.dtype) -> tuple[list[Tensor], float]:
    """The convolution and the gradient of its kernels, and the seconds that both took."""
    weights, images = kernels.to(kind).requires_grad_(), images.to(kind)
    clock = time.perf_counter if images.is_cuda else time.thread_time
    began = clock()
    result = F.conv2d(images, weights, padding=1)
    (gradient,) = torch.autograd.grad(result.square().mean(), weights)
    if images.is_cuda:
        torch.cuda.synchronize()
    return [result.detach().float(), gradient.float()], clock() - began


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch compute in a single thread in the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def choose_threads() -> int:
    """As many as OMP_NUM_THREADS says, as everywhere else; without it, every core that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) > 0 else cpu_count()


def computing(device: str, precision: str) -> AbstractContextManager[Any]:
    """Multiply matrices in this precision in the block."""
    return torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16")


def make_ready(hardware: Hardware) -> None:
    """Have this process compute as was chosen, and keep the memory that it frees."""
    torch.set_num_threads(hardware.threads)
    keep_freed_memory()


def keep_freed_memory() -> bool:
    """Let this process keep the memory that it frees, for its next step to take again. Whether that could be arranged.

    glibc gives each large block back to the system, which must clear it anew, page by page, when the next step asks
    for as much: more than half the time of a step of a network with millions of weights.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False  # another C library than glibc
    return all(mallopt(option, value) for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, -1)))


def has_capabilities() -> bool:
    """Whether this torch can tell what the processor can do (2.10 and later)."""
    return hasattr(torch.cpu, "get_capabilities")


def native_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16 itself: AVX-512 BF16, AMX BF16, or Arm's BF16."""
    if not has_capabilities():
        return False
    known = torch.cpu.get_capabilities()
    return any(known.get(flag) for flag in ("avx512_bf16", "amx_bf16", "bf16"))
