"""The files of exports: a folder for each company below MEDIA_ROOT/exports, which nothing serves by itself, and names
that nobody can guess. A file is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

PART = ".part"  # how a file's name ends while it is written


def folder(tenant_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / str(tenant_id)


class NewFile:
    """A file that is being written; gone at the end of the block unless it was kept. Raises OSError."""

    def __init__(self, tenant_id: int) -> None:
        self.path = folder(tenant_id) / f"{secrets.token_urlsafe(24)}{PART}"
        self.size = 0  # bytes
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.path.parent.is_dir():
            self.path.unlink(missing_ok=True)

    def write(self, pieces: Iterable[bytes]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path, "wb", opener=_for_us_alone) as file:
            for piece in pieces:
                file.write(piece)
                self._digest.update(piece)
                self.size += len(piece)
            file.flush()
            os.fsync(file.fileno())

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def keep(self, ending: str) -> str:
        """The file is whole. Its name from now on, below MEDIA_ROOT."""
        kept = self.path.with_suffix(f".{ending}")
        os.replace(self.path, kept)
        return str(kept.relative_to(settings.MEDIA_ROOT))


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def path_of(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / name


def remove_others(tenant_id: int, kept: Collection[str], *, older_than: float) -> None:
    """Delete what lies there and is none of `kept`: what died workers left, if it wasn't touched since that time."""
    paths = {path_of(name) for name in kept}
    for path in folder(tenant_id).glob("*"):
        if path not in paths and path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)
