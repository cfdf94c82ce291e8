"""On what the figures were measured."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.filling import sizes_found


def describe() -> list[str]:
    """Lines of Markdown: the machine, the programs, the day, the code and the data."""
    companies = ", ".join(f"{slug} {count:,}" for slug, count in sizes_found().items())
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"- {_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB",
        f"- Python {platform.python_version()}, Postgres {_postgres()}, Linux {platform.release()}",
        f"- {timezone.now():%Y-%m-%d %H:%M} UTC, commit {_commit()}, load before {load}",
        f"- customers: {companies}",
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _postgres() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        version, buffers = cursor.fetchone()
    return f"{version} ({buffers} shared buffers)"


def _commit() -> str:
    asked = ["git", "-C", str(settings.BASE_DIR), "describe", "--always", "--dirty"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
