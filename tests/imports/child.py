"""What a process of tests.imports.children does. The processes are forked from one that has loaded this already."""

import json
import os
import signal
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import django
from django.apps import apps
from django.conf import settings

if not apps.ready:
    django.setup()

from imports import steps, tasks


def die(*args: Any, **options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(database: str, files: str, batch: int, task: str, given: str, dies_at: str) -> None:
    """A task of imports with its arguments as JSON; `dies_at` names the function at which it kills itself, if any."""
    settings.DATABASES["default"]["NAME"] = database
    settings.MEDIA_ROOT = Path(files)
    vars(steps)["BATCH"] = batch
    with mock.patch(dies_at, side_effect=die) if dies_at else nullcontext():
        getattr(tasks, task)(**json.loads(given))
