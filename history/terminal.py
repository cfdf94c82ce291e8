"""A long operation that somebody does at a terminal: how far it is, and how they have it stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.core.management.base import OutputWrapper

from history.long import Progress, Step
from history.models import Operation
from history.operation_views import duration

WIDTH = 30  # of the bar, in characters
SECONDS = 0.1  # between two looks of it


class Terminal:
    """Shows a bar, where `stream` is a terminal, and hears Ctrl-C: an operation that is done then is stopped after the
    batch it is at, and anything else there and then. Pressed again, it is the same wish, which is being done: to break
    off in the middle of that would leave open what is in, and have a worker go on with it."""

    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream
        self.stopped = False  # whether somebody wants it to stop
        self.title = ""
        self._is_doing = False
        self._begun = self._shown = 0.0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around all that the command does. Raises KeyboardInterrupt inside, once, but for an operation. Once it was
        pressed, the command ends, and is left to say what came of it."""
        before = signal.signal(signal.SIGINT, self._hear)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN if self.stopped else before)

    @contextmanager
    def doing(self, title: str) -> Iterator[None]:
        """Inside, an operation is gone on with, until it is known what it came to. `title` says which: “Importing”."""
        self.title, self._begun, self._shown = title, time.monotonic(), 0.0
        self._is_doing = True
        try:
            yield
        finally:
            self._is_doing = False
            self._write("")

    def _hear(self, number: int, frame: FrameType | None) -> None:
        is_first, self.stopped = not self.stopped, True
        if is_first and not self._is_doing:
            raise KeyboardInterrupt

    def watch(self, progress: Progress) -> None:
        """For an operation that is done in one piece."""
        self.show(progress.position, progress.total)
        progress.stop_asked |= self.stopped

    def watched(self, step: Step) -> Step:
        """For one that is done in batches."""

        def watched(running: Operation) -> bool:
            more = step(running)
            self.show(running.position, running.total)
            if self.stopped:
                running.ask_to_stop()
            return more

        return watched

    def show(self, position: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._shown >= SECONDS:
            self._shown = now
            self._write(self.line(position, total, now - self._begun))

    def line(self, position: int, total: int | None, spent: float) -> str:
        """“Checking [######        ]  24 %  240,000 of 1,000,000, 12 seconds left”"""
        stopping = ", stopping" if self.stopped else ""
        if not total:
            return f"{self.title}  {position:,}{stopping}"
        share = min(position / total, 1)
        bar = "#" * int(WIDTH * share)
        left = f", {duration(spent * (1 - share) / share)} left" if share and not stopping else ""
        return f"{self.title} [{bar:<{WIDTH}}] {share:4.0%}  {position:,} of {total:,}{left}{stopping}"

    def _write(self, line: str) -> None:
        if self.stream.isatty():
            self.stream.write(f"\r{line}\x1b[K", style_func=str, ending="")
            self.stream.flush()
