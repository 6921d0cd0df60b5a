"""The machine: device, threads and precision, each with the reason for it."""

import ctypes
import os
import sys
from dataclasses import dataclass

import torch
from joblib import cpu_count

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # options of mallopt, as malloc.h has them


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

    precision: auto, float32 or bfloat16. auto takes bfloat16 only where the processor computes in it natively:
    elsewhere it is emulated and tens of times slower. Weights stay float32 whichever it is.
    """
    if torch.cuda.is_available():
        device, name = "cuda", torch.cuda.get_device_name()
        native, where = torch.cuda.is_bf16_supported(including_emulation=False), name
    else:
        device, name = "cpu", str(torch.cpu.get_capabilities().get("cpu_name", "CPU")) if has_capabilities() else "CPU"
        native, where = native_bfloat16(), f"this processor ({name})"
    if precision != "auto":
        return Hardware(device, name, choose_threads(), precision, "asked for")
    if native:
        return Hardware(device, name, choose_threads(), "bfloat16", f"{where} computes in bfloat16 natively")
    return Hardware(device, name, choose_threads(), "float32", f"{where} has no native bfloat16")


def choose_threads() -> int:
    """As many as OMP_NUM_THREADS says, as everywhere else; without it, every core that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) > 0 else cpu_count()


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
    return all(mallopt(option, value) for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1)))


def has_capabilities() -> bool:
    """Whether this torch can tell what the processor can do (2.10 and later)."""
    return hasattr(torch.cpu, "get_capabilities")


def native_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16 itself: AVX-512 BF16, AMX BF16, or Arm's BF16."""
    if not has_capabilities():
        return False
    known = torch.cpu.get_capabilities()
    return any(known.get(flag) for flag in ("avx512_bf16", "amx_bf16", "bf16"))
