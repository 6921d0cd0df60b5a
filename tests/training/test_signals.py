"""Asking to stop."""

import os
import signal
import threading

import pytest

from tinylens.training.signals import StopRequest, listening


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_said_and_handlers_come_back(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    with listening() as request:
        os.kill(os.getpid(), number)
        assert request.signal_number == number
        assert signal.getsignal(number) != request.handle
    assert signal.getsignal(number) == before
    assert "stopping after this step; once more stops at once" in capfd.readouterr().err


def test_a_second_ctrl_c_is_a_keyboard_interrupt() -> None:
    with listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_handlers_come_back_after_an_error() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="inside"), listening():
        raise ValueError("inside")
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_listens_in_vain_but_without_error() -> None:
    heard: list[StopRequest] = []

    def listen() -> None:
        with listening() as request:
            heard.append(request)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert heard[0].signal_number == 0
