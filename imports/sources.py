"""Where the file of a timed import comes from: uploaded once, from the server folder, from a web address."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from imports.fetching import NotFetched, fetched
from imports.models import Schedule
from lists.files import refuse_too_large
from lists.sheets import FileRefused

PIECE = 1 << 20  # bytes
Source = Schedule.Source


class NoFile(Exception):
    """There is no file to be imported; the message says why."""


@dataclass(frozen=True)
class Found:
    """A file: its name as people know it, and what it holds, which can be read once."""

    name: str
    pieces: Iterator[bytes]


@contextmanager
def file_of(schedule: Schedule, slug: str) -> Iterator[Found]:
    """The file that it imports now. `slug` is the company's. Raises NoFile, also from among the pieces."""
    try:
        if schedule.source == Source.ADDRESS:
            with fetched(schedule.address) as there:
                yield Found(there.name, there.pieces)
        elif schedule.source == Source.FOLDER:
            with newest_in(folder_of(slug), schedule.pattern) as (name, file):
                yield Found(name, _unchanged(file))
        else:
            with _uploaded(schedule) as file:
                yield Found(schedule.file_name, _pieces(file))
    except (NotFetched, FileRefused) as error:
        raise NoFile(str(error)) from error


def folder_of(slug: str) -> Path:
    """The company's folder on the server. Raises NoFile."""
    folder = settings.IMPORT_FOLDERS.get(slug)
    if not folder:
        raise NoFile("No server folder is set up for this company.")
    return Path(folder)


def has_folder(slug: str) -> bool:
    return bool(settings.IMPORT_FOLDERS.get(slug))


def has_hosts() -> bool:
    return bool(settings.IMPORT_HOSTS or settings.IMPORT_INTERNAL_HOSTS)


def pattern_refusal(pattern: str) -> str:
    """Why it can't be the name of a file in the folder, '' if it can."""
    if not pattern:
        return "Give the file’s name, with * for what changes in it: customers-*.csv"
    if "/" in pattern or "\\" in pattern or pattern.startswith("."):
        return "Give the name of a file in the folder itself, without a path: customers-*.csv"
    return ""


@contextmanager
def newest_in(folder: Path, pattern: str) -> Iterator[tuple[str, BinaryIO]]:
    """Name and content of the file in `folder` that was written last, of those whose name is like `pattern`.

    A link counts where it leads to a file in the same folder. Raises NoFile.
    """
    if refused := pattern_refusal(pattern):
        raise NoFile(refused)
    name, file = _opened(folder, pattern)
    with file:
        yield name, file


def _opened(folder: Path, pattern: str) -> tuple[str, BinaryIO]:
    try:
        here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NoFile(f"The server folder can't be read: {error.strerror}.") from error
    try:
        name, target = _newest(folder, pattern, here)
        # No link is followed any more: what `target` was looked at as is what is opened, or nothing.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        return name, os.fdopen(os.open(target, flags, dir_fd=here), "rb")
    except OSError as error:
        raise NoFile(f"The file can't be read: {error.strerror}.") from error
    finally:
        os.close(here)


def _newest(folder: Path, pattern: str, here: int) -> tuple[str, str]:
    """Its name, and that of the file it leads to in the same folder."""
    known = []
    for name in os.listdir(here):
        if not name.startswith(".") and fnmatchcase(name, pattern) and (target := _target(folder, name)):
            found = os.stat(target, dir_fd=here, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                known.append((found.st_mtime_ns, name, target))
    if not known:
        raise NoFile(f"There is no file like {pattern} in the server folder.")
    _, name, target = max(known)
    return name, target


def _target(folder: Path, name: str) -> str:
    """The name of what it leads to, itself where it is no link; '' for what is elsewhere or nowhere."""
    path = folder / name
    if not path.is_symlink():
        return name
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # leads nowhere, or in a circle
        return ""
    return target.name if target.parent == folder.resolve() else ""


def _unchanged(file: BinaryIO) -> Iterator[bytes]:
    """What a file holds that is as it was at the beginning: nobody writes to it meanwhile."""
    before = os.fstat(file.fileno())
    yield from _pieces(file)
    after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise NoFile(
            "Somebody was still writing the file. Write it under another name, and rename it when it is whole."
        )


def _uploaded(schedule: Schedule) -> BinaryIO:
    try:
        return (Path(settings.MEDIA_ROOT) / schedule.file).open("rb")
    except OSError as error:
        raise NoFile("The file is no longer here. Upload it again.") from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    refuse_too_large(os.fstat(file.fileno()).st_size)
    size = 0
    while piece := file.read(PIECE):
        size += len(piece)
        refuse_too_large(size)  # it may grow
        yield piece
