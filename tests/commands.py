"""manage.py on the test's own database, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection


def start(*arguments: object, batch: int = 0, **options: Any) -> subprocess.Popen[str]:
    """The command, begun. With `batch`, an import goes on by so many rows at a time."""
    command = [sys.executable, "-m", "tests.commands", *map(str, arguments)]
    environment = {
        **os.environ,
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "TEST_FILES": str(settings.MEDIA_ROOT),
        "TEST_BATCH": str(batch),
    }
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, **given)


def manage(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command, done."""
    process = start(*arguments, **options)
    out, error = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, error)


def main() -> None:
    import django
    from django.core.management import execute_from_command_line

    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    settings.MEDIA_ROOT = Path(os.environ["TEST_FILES"])
    django.setup()
    if batch := int(os.environ["TEST_BATCH"]):
        from imports import steps

        vars(steps)["BATCH"] = batch
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
