"""Ctrl-C, where somebody does something long at a terminal."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest
from django.core.management.base import OutputWrapper

from history.terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    before = signal.getsignal(signal.SIGINT)
    yield Terminal(OutputWrapper(io.StringIO()))
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_an_operation_is_asked_to_stop_however_often_it_is_pressed(terminal: Terminal) -> None:
    with terminal.listening():
        with terminal.doing("Importing"):
            press()
            press()
        press()
    press()  # while it is said what is in
    assert terminal.stopped


def test_anything_else_ends_at_once_and_is_tidied_up_undisturbed(terminal: Terminal) -> None:
    with terminal.listening():
        with pytest.raises(KeyboardInterrupt):
            press()
        press()


def test_unpressed_it_is_afterwards_as_before(terminal: Terminal) -> None:
    with terminal.listening(), terminal.doing("Importing"):
        pass
    with pytest.raises(KeyboardInterrupt):
        press()
