"""The product's own Postgres, for trying it out and for development. `config.keeper` runs it.

A process that uses it holds a shared lock on `in-use` until it ends; the last one out lets the keeper stop
the server. Several processes may start at once, and several servers run side by side in folders of their own.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

from config import keeper
from config.provision import is_provisioned, provision

_BASE = Path(__file__).resolve().parent.parent
_thread = threading.RLock()
_held: dict[Path, int] = {}  # folder -> the open file that carries our share of `in-use`
_provisioned: set[tuple[Path, str]] = set()
_keepers: list[subprocess.Popen[str]] = []  # children; kept so that they are reaped quietly


class EmbeddedPostgresError(ImproperlyConfigured):
    """The embedded Postgres can't be used; the message says why."""


def start(settings_dict: dict[str, Any]) -> dict[str, Any]:
    """Called by the database engine before a process connects; cheap after the first time.

    Starts or joins the server of `settings.EMBEDDED_POSTGRES`, provisions the database if it is new, and
    returns the settings that lead to it.
    """
    from django.conf import settings

    folder = Path(settings.EMBEDDED_POSTGRES["data"])
    sockets = attach(folder, settings.EMBEDDED_POSTGRES["options"])
    if (folder, settings_dict["NAME"]) not in _provisioned:
        ensure_provisioned(folder, settings_dict["NAME"])
        _provisioned.add((folder, settings_dict["NAME"]))
    return {"HOST": str(sockets), "PORT": ""}


def superuser_conninfo(folder: Path) -> str:
    return make_conninfo(host=str(keeper.socket_folder(folder)), user="postgres", dbname="postgres")


def ensure_provisioned(folder: Path, database: str) -> None:
    """Provisions `database` on the server of `folder` unless that has been done. The caller is attached."""
    from django.conf import settings

    assert settings.DATABASE_OWNER
    if is_provisioned(superuser_conninfo(folder), database):
        return
    with _locked(folder / "starting"):
        if not is_provisioned(superuser_conninfo(folder), database):
            provision(
                superuser_conninfo(folder),
                database=database,
                owner=settings.DATABASE_OWNER["USER"],
                app=settings.DATABASES["default"]["USER"],
            )


def attach(folder: Path, options: dict[str, str]) -> Path:
    """Makes this process a user of the server in `folder`, starting it if need be. Returns its socket folder.

    `options` are Postgres settings; they count only for the process that starts the server. Cheap when
    repeated. Raises EmbeddedPostgresError.
    """
    with _thread:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder / "starting"):
                new = _hold(folder)
                if _is_free(folder / "keeper"):
                    _start_keeper(folder, options)
                elif new:
                    _wait_until_it_answers(folder)
            return keeper.socket_folder(folder)
        except PermissionError as error:
            raise EmbeddedPostgresError(
                f"{error.filename or folder} belongs to another user of this machine. "
                f"Run as that user, or choose another folder with CLIENTELE_DATA."
            ) from error
        except keeper.KeeperError as error:
            raise EmbeddedPostgresError(str(error)) from error


def release(folder: Path) -> None:
    """This process no longer uses the server. If nobody else does, returns when the server has stopped."""
    with _thread:
        share = _held.pop(folder, None)
        if share is not None:
            os.close(share)
    if folder.exists() and not is_in_use(folder):
        with _locked(folder / "keeper"):
            pass


def is_in_use(folder: Path) -> bool:
    """Whether a process uses the server of `folder`. This one must have released it."""
    # Nobody but the keeper takes the exclusive lock, when it stops the server.
    return folder.exists() and not _is_free(folder / "in-use") and _is_free(folder / "in-use", fcntl.LOCK_SH)


def _is_free(path: Path, kind: int = fcntl.LOCK_EX) -> bool:
    """Whether `path` could be locked at this moment."""
    try:
        with _locked(path, kind | fcntl.LOCK_NB):
            return True
    except BlockingIOError:
        return False


@contextlib.contextmanager
def _locked(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _hold(folder: Path) -> bool:
    """Takes this process's share of the server; False if it has one already."""
    if folder in _held:
        return False
    share = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(share, fcntl.LOCK_SH)  # waits while the server is being stopped
    _held[folder] = share
    return True


def _hold_again_after_fork() -> None:
    """A forked process shares its parent's open file, so the parent's end would not be noticed."""
    global _thread
    _thread = threading.RLock()
    for folder, share in list(_held.items()):
        del _held[folder]
        _hold(folder)
        os.close(share)


os.register_at_fork(after_in_child=_hold_again_after_fork)


def _start_keeper(folder: Path, options: dict[str, str]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "config.keeper", str(folder), json.dumps(options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=_BASE,
        start_new_session=True,
    )
    _keepers.append(child)
    assert child.stdout
    with child.stdout:
        answer = child.stdout.read()
    if answer != "ready":
        child.wait()
        raise EmbeddedPostgresError(
            answer.removeprefix("failed: ").strip() or "Postgres's keeper was killed."
        )


def _wait_until_it_answers(folder: Path) -> None:
    """For a server somebody else has started, perhaps this very moment."""
    deadline = time.monotonic() + keeper.START_SECONDS
    while True:
        try:
            psycopg.connect(superuser_conninfo(folder)).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or _is_free(folder / "keeper"):
                raise EmbeddedPostgresError(f"The Postgres in {folder} doesn't answer: {error}") from error
            time.sleep(0.05)
