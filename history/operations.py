"""Every change is part of an operation: who, when, what kind, from where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from tenants.models import User

if TYPE_CHECKING:
    from history.models import Operation

Result = TypeVar("Result")
_current: ContextVar[Operation | None] = ContextVar("operation", default=None)


class NoOperation(RuntimeError):
    """A tenant's row was about to change outside an operation, so that nobody could tell who did it."""


def current_operation() -> Operation | None:
    return _current.get()


def require_operation() -> Operation:
    """The running operation. Raises NoOperation; RuntimeError for one of another tenant."""
    from tenants.context import require_tenant_id

    operation = _current.get()
    if operation is None:
        raise NoOperation("Nothing may change outside `with operation(kind, by=user):`.")
    if operation.tenant_id != require_tenant_id():
        raise RuntimeError("The running operation belongs to another tenant.")
    return operation


@contextmanager
def operation(kind: str, *, by: User | None, source: str = "", summary: str = "") -> Iterator[Operation]:
    """Make changes as one operation, all of them or none; inside another one, be part of it.

    `kind` is a value of `Operation.Kind`, `by` is None for what the product does by itself, `source` names
    where the change came from (a file's name, "admin"). An operation that changed nothing is not kept.
    At its end what other rows carry of the changed ones is brought up to date: settings.OPERATION_SETTLERS.
    """
    with transaction.atomic():
        outer = _current.get()
        if outer is not None:
            with _part_of(outer):
                yield outer
            return
        from history.models import Operation

        running = Operation(kind=kind, by=by, source=source[:200], summary=summary)
        running.save()
        token = _current.set(running)
        try:
            yield running
        finally:
            _current.reset(token)
        if running.touched:
            settle(running)
        elif not running.kept:
            # Not deleted: the database would look through every table for rows that refer to it.
            transaction.set_rollback(True)


@contextmanager
def continued(running: Operation) -> Iterator[Operation]:
    """Go on with an operation that another transaction began: a batch of it, all of it or nothing.

    Texts that rows carry of others are not brought up to date: `settle` does that once, when it is over.
    """
    if _current.get() is not None:
        raise RuntimeError("An operation can't be gone on with inside another one.")
    token = _current.set(running)
    try:
        with transaction.atomic():
            yield running
    finally:
        _current.reset(token)


def settle(running: Operation) -> None:
    """Bring texts up to date that rows carry of others which `running` has changed."""
    for path in settings.OPERATION_SETTLERS:
        import_string(path)(running)


@contextmanager
def _part_of(outer: Operation) -> Iterator[None]:
    touched, kept = set(outer.touched), outer.kept
    try:
        yield
    except BaseException:
        outer.touched, outer.kept = touched, kept  # what the part wrote is taken back
        raise


class _Refused(Exception):
    """Nothing was saved, and nothing shall be kept."""


def attempt(
    kind: str, save: Callable[[], Result | None], *, by: User | None, summary: str = ""
) -> Result | None:
    """What `save` answers, done as one operation. None means refused: then nothing is kept, the operation neither."""
    try:
        with operation(kind, by=by, summary=summary):
            saved = save()
            if saved is None:
                raise _Refused
    except _Refused:
        return None
    return saved
