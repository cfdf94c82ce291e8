"""What the settings of timed imports say, looked at when the program starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from imports.fetching import host_of


@register()
def check_sources(app_configs: Any, **options: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name in ("IMPORT_HOSTS", "IMPORT_INTERNAL_HOSTS"):
        for listed in getattr(settings, name):
            try:
                host_of(listed, scheme="https")
            except ValueError as error:
                hint = "Write files.example.com or http://host:8080."
                found.append(Error(f"{name}: {error}", hint=hint, id="imports.E001"))
    for slug, folder in settings.IMPORT_FOLDERS.items():
        if not Path(folder).is_dir():
            told = f"IMPORT_FOLDERS: {folder}, the folder of {slug!r}, is not there."
            found.append(Warning(told, hint="Make it.", id="imports.W001"))
    return found
