"""Runs several programs side by side and ends them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 10
SHORT_LIFE = 5  # seconds; what ends sooner would end again


@dataclass(frozen=True)
class Program:
    """How a program was started, and when; with `again` it is started anew when it ends."""

    arguments: tuple[str, ...]
    again: bool
    process: subprocess.Popen[bytes]
    since: float


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, or a signal."""


class Died(Exception):
    """One of the programs ended by itself; the message says which and how."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Inside, Ctrl-C, SIGTERM and a closed terminal raise Stopped, once; what follows is not interrupted."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Programs:
    """Child processes by name. Each has a session of its own, so that Ctrl-C reaches only us."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **environment}
        self.running: dict[str, Program] = {}

    def start(self, name: str, *arguments: str, again: bool = False) -> None:
        """Starts this Python with `arguments`. What it prints appears where ours does. With `again` that is repeated
        whenever it ends, unless that is at once."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.running[name] = Program(arguments, again, process, time.monotonic())

    def check(self) -> None:
        """Raises Died if one of them has ended that is not to be started again."""
        for name, program in list(self.running.items()):
            if (code := program.process.poll()) is None:
                continue
            if program.again and time.monotonic() - program.since > SHORT_LIFE:
                self.start(name, *program.arguments, again=True)
            else:
                how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
                raise Died(f"{name} {how}")

    def watch(self) -> None:
        """Returns never; raises Died or Stopped."""
        while True:
            self.check()
            time.sleep(0.25)

    def stop(self) -> None:
        """Asks all of them to end, in the order they were started; kills those that don't, and what was left behind by
        those that had ended by themselves."""
        deadline = time.monotonic() + GRACE_SECONDS
        for program in self.running.values():
            if program.process.poll() is None:
                program.process.terminate()
            else:
                with suppress(ProcessLookupError):
                    os.killpg(program.process.pid, signal.SIGKILL)
        for program in self.running.values():
            try:
                program.process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(program.process.pid, signal.SIGKILL)
                program.process.wait()
