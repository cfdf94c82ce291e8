"""Work in a process of its own, which can be killed."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from imports import steps
from tests.imports import child

# A fresh one has to load everything each time, which takes longer than what most of them do.
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([child.__name__])


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
        told = (name, str(settings.MEDIA_ROOT), steps.BATCH, work.task, json.dumps(work.given), work.dies_at)
        self.process = _forks.Process(target=child.work, args=told)
        self.process.start()

    def kill(self) -> None:
        self.process.kill()

    def wait(self) -> int:
        """Its exit code; 0 when all went well."""
        self.process.join(timeout=120)
        assert self.process.exitcode is not None
        return self.process.exitcode


def run_and_kill(work: Work, after: float) -> bool:
    """Begin the work and kill it so many seconds later; whether it was done before."""
    begun = Child(work)
    time.sleep(after)
    begun.kill()
    return begun.wait() == 0
