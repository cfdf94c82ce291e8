"""Work that is measured in a process of its own, so that its memory is its own too."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import django
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Cost:
    """Seconds, and the most memory the process ever had, in bytes: `idle` before the work, `peak` after it."""

    seconds: float
    idle: int
    peak: int


def work(task: str, tenant_id: int, operation_id: int) -> Cost:
    """What a worker does for an operation, by a worker's process. `task` is named "lists.tasks.write_export"."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        name = connection.settings_dict["NAME"]
        return pool.submit(_work, task, name, settings.MEDIA_ROOT, tenant_id, operation_id).result()


def _work(task: str, database: str, folder: Path, tenant_id: int, operation_id: int) -> Cost:
    django.setup()
    wanted = import_string(task)
    connection.settings_dict["NAME"] = database
    settings.MEDIA_ROOT = folder
    connection.ensure_connection()
    idle = _peak()
    started = perf_counter()
    wanted(tenant_id=tenant_id, operation_id=operation_id)
    taken = perf_counter() - started
    connection.close()
    return Cost(taken, idle, _peak())


def _peak() -> int:
    """The high-water mark of this process's resident memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
