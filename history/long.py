"""Long operations: what goes through more rows than a request should wait for.

Somebody asks for one (`ask_for`) and a worker carries it out (`carry_on`): in batches, each a transaction that
also says how far it is. A worker that dies loses at most the batch it was at; the next one goes on from there.
What stands on the pages is read from the operation, never from the queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from django.db import OperationalError, connection
from django.utils import timezone, translation
from psycopg.errors import DeadlockDetected

from history.models import Operation
from history.operations import continued, settle
from history.traces import written
from tenants.context import tenant
from tenants.database import joining_at_once
from tenants.models import Tenant, User

TURNS = 20  # of work that others are in the way of
BATCH = 1_000  # rows; a request waits for so many, and no more
State = Operation.State

# Does one batch of the operation that is running, moves its `position`, and says whether there is more to do.
# A batch is done again when its worker died in it, so a step trusts what the database says and nothing else.
Step = Callable[[Operation], bool]


class Refused(Exception):
    """The operation can't be carried on. The message is for the person who asked for it."""


def ask_for(kind: str, *, by: User, total: int | None, summary: str = "", source: str = "") -> Operation:
    """An operation that waits for its worker. Defer the job in the same transaction."""
    asked = Operation(
        kind=kind, by=by, summary=summary, source=source[:200], total=total, state=State.WAITING
    )
    asked.save()
    return asked


def carry_on(tenant_id: int, operation_id: int, step: Step) -> None:
    """Take the operation's batches until it is over: done, cancelled, or failed.

    Whatever stops it is shown to the person and raised again; only a lost connection leaves it as it is, for the
    job is run again.
    """
    with _failing(tenant_id, operation_id), as_its_people_read(tenant_id):
        while _batch(tenant_id, operation_id, step):
            pass


def in_turns(work: Callable[[], None]) -> None:
    """Do it again where it and somebody else have waited for each other, for the database ends one of them: where no
    queue runs the job again. What it has rolled back is begun anew, so the work makes a Step of its own each time."""
    for _ in range(TURNS):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return work()


@contextmanager
def as_its_people_read(tenant_id: int) -> Iterator[None]:
    """What is written down for people has the times and the words of their company, as in a request."""
    company = Tenant.objects.get(pk=tenant_id)
    with timezone.override(company.timezone), translation.override(company.language):
        yield


UNEXPECTED = "Something went wrong that should not have."
WORKER_DIED = "The program that did it was stopped several times."


def _batch(tenant_id: int, operation_id: int, step: Step) -> bool:
    """One batch. Answers whether there is more. Two workers at once take turns."""
    with tenant(tenant_id):
        running = _held(operation_id)
        if running.is_over:
            return False
        running.begin()
        more = False
        if running.stop_asked and not running.is_through:
            running.end(State.CANCELLED)
        else:
            with continued(running):
                more = step(running)
            if not more:
                running.end(State.DONE)
        running.save_progress()
        if running.is_over:
            settle_all(running)
        return more


def give_up(tenant_id: int, operation_id: int, error: str) -> None:
    """The operation has failed; `error` says why, to people. Nothing happens to one that is over.

    What is left of it is said too, where whoever refused to go on has not done so.
    """
    with tenant(tenant_id):
        running = _held(operation_id)
        if running.is_over:
            return
        running.end(
            State.FAILED, error=f"{error} {running.left}" if error in (UNEXPECTED, WORKER_DIED) else error
        )
        running.save_progress()
        settle_all(running)


def settle_all(running: Operation) -> None:
    """Bring up to date what rows carry of all those that the operation has changed, in whichever batch. An undo that
    has changed none is none: it can be tried again."""
    running.touched.update(written(running))
    if running.touched:
        with continued(running), joining_at_once():
            settle(running)
    elif running.undoes_id:
        running.undoes = None
        running.save(update_fields=["undoes"])


def _held(operation_id: int) -> Operation:
    return Operation.objects.select_for_update(no_key=True, of=("self",)).get(pk=operation_id)


def in_one_go(running: Operation, step: Step) -> None:
    """All batches of an operation that is running in this transaction: where a request does it by itself."""
    while step(running):
        pass
    running.save_progress()


@contextmanager
def _failing(tenant_id: int, operation_id: int) -> Iterator[None]:
    """What goes wrong inside ends the operation as failed, and says why."""
    try:
        yield
    except OperationalError:
        raise
    except Exception as error:
        give_up(tenant_id, operation_id, str(error) if isinstance(error, Refused) else UNEXPECTED)
        if not isinstance(error, Refused):
            raise


class Cancelled(Exception):
    """Somebody wants the operation to stop."""


class Progress:
    """Tells how far work has come that is one long transaction, which others can't look into; and hears from them
    when it shall stop. Both twice a second, in a thread with a connection of its own.

    `interrupt` is called when it shall stop, in that thread: the work may be waiting for something. `watch` hears of
    every step in this process, and may have it stopped.
    """

    SECONDS = 0.5

    def __init__(self, tenant_id: int, operation_id: int, watch: Watch | None = None) -> None:
        self.tenant_id, self.operation_id = tenant_id, operation_id
        self.watch = watch
        self.position, self.total = 0, None  # type: tuple[int, int | None]
        self.stop_asked = False
        self.interrupt: Callable[[], object] = lambda: None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name=f"progress of operation {operation_id}")

    def at(self, position: int, total: int | None) -> None:
        """So far it is. Raises Cancelled."""
        self.position, self.total = position, total
        if self.watch:
            self.watch(self)
        if self.stop_asked:
            raise Cancelled

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        try:
            while not self._over.wait(self.SECONDS):
                with tenant(self.tenant_id):
                    running = Operation.objects.filter(pk=self.operation_id)
                    running.update(position=self.position, total=self.total)
                    self.stop_asked |= not running.filter(stop_asked=False).exists()
                if self.stop_asked:
                    self.interrupt()
        finally:
            connection.close()


Watch = Callable[[Progress], None]
# Does an operation in one piece, outside any transaction, and answers what to do in the one that says it is done.
# A piece is done again when its worker died in it.
Work = Callable[[Progress], Callable[[Operation], None]]


def do_in_one_piece(tenant_id: int, operation_id: int, work: Work, watch: Watch | None = None) -> None:
    """Do an operation that can't be divided into batches. What it made is dropped when it is over before, and when
    it was asked to stop, however late."""
    if not _taken_up(tenant_id, operation_id):
        return
    progress = Progress(tenant_id, operation_id, watch)
    with _failing(tenant_id, operation_id):
        try:
            with progress:
                finish = work(progress)
        except (Cancelled, OperationalError):
            if not progress.stop_asked:
                raise
            _end(tenant_id, operation_id)
        else:
            _end(tenant_id, operation_id, finish)


def _taken_up(tenant_id: int, operation_id: int) -> bool:
    """Whether there is something to do."""
    with tenant(tenant_id):
        running = _held(operation_id)
        if running.is_over:
            return False
        running.begin()
        running.position = 0
        if running.stop_asked:
            running.end(State.CANCELLED)
        running.save_progress()
        return not running.is_over


def _end(tenant_id: int, operation_id: int, finish: Callable[[Operation], None] | None = None) -> None:
    """It is done and `finish` says so, or cancelled. Its row is held: who asks it to stop now finds that it is over."""
    with tenant(tenant_id):
        running = _held(operation_id)
        if running.is_over:
            return
        if finish and not running.stop_asked:
            finish(running)
            running.end(State.DONE)
        else:
            running.end(State.CANCELLED)
        running.save_progress()


def call_off(running: Operation) -> str:
    """Have an operation stopped that is done in one piece, and answer the state it is in then. One that no worker has
    taken up, and one that was asked to stop before and did not, is over at once. Call it inside the tenant."""
    held = _held(running.pk)
    if held.is_over:
        return held.state
    if held.state == State.WAITING or held.stop_asked:
        held.end(State.CANCELLED)
        held.save_progress()
    else:
        held.ask_to_stop()
    return held.state
