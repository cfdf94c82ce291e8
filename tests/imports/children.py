"""Work in a process of its own, which can be killed: tests/imports/child.py."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from imports import steps


@dataclass(frozen=True)
class Work:
    """A task of imports.tasks with its arguments. `dies_at` names a function that it doesn't survive."""

    task: str
    given: dict[str, int]
    dies_at: str = ""


class Child:
    """A process that has begun with the work."""

    def __init__(self, work: Work) -> None:
        name = str(connection.settings_dict["NAME"])
        told = (name, settings.MEDIA_ROOT, steps.BATCH, work.task, json.dumps(work.given), work.dies_at)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.imports.child", *map(str, told)],
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        self.process.kill()

    def wait(self) -> int:
        """Its exit code; 0 when all went well."""
        self.process.communicate(timeout=120)
        return self.process.returncode


def run_and_kill(work: Work, after: float) -> bool:
    """Begin the work and kill it so many seconds later; whether it was done before."""
    child = Child(work)
    time.sleep(after)
    child.kill()
    return child.wait() == 0
