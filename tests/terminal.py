"""Ctrl-C, pressed in a command that runs in the test's own process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from history.long import Progress
from history.terminal import Terminal


@contextmanager
def pressed_twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, whoever watches an operation that is done in one piece presses Ctrl-C twice at every step."""
    watch, before = Terminal.watch, signal.getsignal(signal.SIGINT)

    def pressed(terminal: Terminal, progress: Progress) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        watch(terminal, progress)

    monkeypatch.setattr(Terminal, "watch", pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
