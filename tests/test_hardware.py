"""The machine."""

import platform
import subprocess
import sys

import pytest
import torch

from tinylens import hardware
from tinylens.hardware import Trial, choose_hardware, chosen_precision, native_bfloat16, try_bfloat16


def test_precision_is_as_asked_for_and_the_reason_is_told() -> None:
    for precision in ("float32", "bfloat16"):
        chosen = choose_hardware(precision)
        assert (chosen.precision, chosen.reason) == (precision, "asked for")


def test_bfloat16_is_chosen_only_where_it_is_native_and_a_trial_found_it_faster() -> None:
    chosen = choose_hardware()
    if chosen.device == "cpu":
        good = native_bfloat16() and "right, and faster than float32" in chosen.reason
        assert chosen.precision == ("bfloat16" if good else "float32")
    assert "bfloat16" in chosen.reason


@pytest.mark.parametrize(
    ("native", "error", "speed", "precision", "why"),
    [
        (False, 0.001, 3.0, "float32", "no native bfloat16"),
        (True, 0.1, 3.0, "float32", "found its results wrong"),
        (True, float("nan"), 3.0, "float32", "found its results wrong"),
        (True, 0.005, 0.03, "float32", "found it no faster than float32"),
        (True, 0.005, 1.3, "float32", "found it no faster than float32"),
        (True, 0.005, 3.0, "bfloat16", "right, and faster than float32"),
    ],
)
def test_bfloat16_must_be_native_right_and_faster(
    native: bool, error: float, speed: float, precision: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "try_bfloat16", lambda device: Trial(error, speed))
    chosen, reason = chosen_precision("cpu", native, "this processor (X)")
    assert chosen == precision
    assert why in reason


def test_the_trial_tells_rounding_from_wrong_results(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = torch.get_num_threads()
    trial = try_bfloat16.__wrapped__("cpu")
    assert torch.get_num_threads() == threads
    assert 0.0005 < trial.error < 0.02  # it is rounding, and no more than that
    assert trial.speed > 0
    with torch.no_grad():  # as a lens asks
        assert try_bfloat16.__wrapped__("cpu").right
    monkeypatch.setattr(hardware.F, "conv2d", wrong_in_bfloat16)
    assert not try_bfloat16.__wrapped__("cpu").right


def wrong_in_bfloat16(images: torch.Tensor, kernels: torch.Tensor, padding: int) -> torch.Tensor:
    result = torch.conv2d(images, kernels, padding=padding)
    return result * 1.1 if images.dtype == torch.bfloat16 else result


def test_the_device_is_one_that_torch_has() -> None:
    assert torch.zeros(1, device=choose_hardware().device).device.type == choose_hardware().device


def test_threads_are_those_asked_for_or_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert choose_hardware().threads == 1
    for nonsense in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert choose_hardware().threads >= 1


FAULTS = """
import resource, torch
from tinylens.hardware import keep_freed_memory
assert keep_freed_memory()
for _ in range(10):  # until the pieces that alignment cuts off no longer stand in the way
    torch.ones(25_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(25_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_freed_memory_is_taken_again_without_asking_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1000  # 100 MB are 24,400 pages; without it all ten times are paid for
