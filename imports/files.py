"""Uploaded files: a folder for each company below MEDIA_ROOT/imports, which nothing serves by itself, and names that
nobody can guess. Beside each lies what was read of it, row by row (lists.spool)."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from imports.models import ImportRun

SPOOLED = ".rows"


def folder(tenant_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / str(tenant_id)


def keep(tenant_id: int, chunks: Iterable[bytes]) -> tuple[str, int, str]:
    """Store an upload: its name below MEDIA_ROOT, its size in bytes and its SHA-256."""
    path = folder(tenant_id) / secrets.token_urlsafe(24)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return str(path.relative_to(settings.MEDIA_ROOT)), size, digest.hexdigest()


def upload_path(run: ImportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / run.file


def spool_path(run: ImportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / f"{run.file}{SPOOLED}"


def is_kept(run: ImportRun) -> bool:
    """Whether the uploaded file is still here."""
    return bool(run.file) and upload_path(run).is_file()


def remove_named(name: str) -> None:
    """A file that belongs to no run."""
    (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)


def remove(run: ImportRun) -> None:
    for path in (upload_path(run), spool_path(run)):
        if run.file:
            path.unlink(missing_ok=True)


def remove_old_uploads() -> None:
    """Delete the files whose days are over; what is known of the imports stays. Call it inside the tenant."""
    since = timezone.now() - timedelta(days=settings.IMPORT_DAYS)
    for run in ImportRun.objects.exclude(file="").filter(at__lte=since).only("file"):
        remove(run)
        ImportRun.objects.filter(pk=run.pk).update(file="")
