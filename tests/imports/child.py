"""A task of imports as a program of its own, that can be killed. Arguments: database, folder of files, rows of a batch,
the task, its arguments as JSON, and the function at which it kills itself, if any. It says "ready" before it begins."""

import json
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import django
from django.conf import settings

database, files, batch, task, given, dies_at = sys.argv[1:]
settings.DATABASES["default"]["NAME"] = database
settings.MEDIA_ROOT = Path(files)
django.setup()

from imports import steps, tasks  # noqa: E402  Django must be set up first


def die(*args: Any, **options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


steps.BATCH = int(batch)
print("ready", flush=True)  # noqa: T201
with mock.patch(dies_at, side_effect=die) if dies_at else nullcontext():
    getattr(tasks, task)(**json.loads(given))
