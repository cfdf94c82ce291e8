"""Answers that take long to find, such as how many rows match: kept as long as nothing of the tenant changes.

Each process keeps its own; whether one still holds is asked of the database, so none is ever behind another's.
See docs/decisions/lists-and-exports.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.cache import caches
from django.utils import timezone

from history.models import Operation
from tenants.context import require_tenant_id

# Somebody's change may be under way when an answer is found, and saved after a later one: so long at the most.
UNDER_WAY = timedelta(minutes=1)
UNFINISHED = (Operation.State.WAITING, Operation.State.RUNNING)
Changes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Answer:
    """What was found, when, and after which changes."""

    value: Any
    at: datetime
    after: Changes
    settled: bool  # nothing was under way any more

    def holds(self, now: Changes) -> bool:
        return self.after == now and (self.settled or timezone.now() - self.at < UNDER_WAY)


def changes() -> tuple[Changes, bool]:
    """What has changed of the tenant so far, to compare; whether nothing is under way. One query.

    The last operation, and of those that a worker carries out how far they are.
    """
    last = Operation.objects.order_by("-pk").values_list("pk", "position", "at", "state")[:1]
    unfinished = Operation.objects.filter(state__in=UNFINISHED)
    running = unfinished.order_by().values_list("pk", "position", "at", "state")
    rows = list(last.union(running, all=True))
    now = timezone.now()
    settled = all(state not in UNFINISHED and now - at > UNDER_WAY for _, _, at, state in rows)
    return tuple(sorted({(pk, position) for pk, position, _, _ in rows})), settled


class Question:
    """One question of the tenant, by its name. What has changed so far is asked once."""

    def __init__(self, name: str) -> None:
        self.key = f"{require_tenant_id()}:{name}"

    @cached_property
    def last(self) -> Answer | None:
        """The last answer in this process, whether it still holds or not."""
        found: Answer | None = caches["answers"].get(self.key)
        return found

    @cached_property
    def holds(self) -> bool:
        """Whether it does. One query if there is one."""
        return self.last is not None and self.last.holds(self._changes[0])

    @cached_property
    def _changes(self) -> tuple[Changes, bool]:
        return changes()

    def ask(self, how: Callable[[], Any]) -> Answer:
        """Find the answer, and keep it."""
        after, settled = self._changes  # before: what changes meanwhile asks again
        self.last = Answer(how(), timezone.now(), after, settled)
        self.holds = True
        caches["answers"].set(self.key, self.last)
        return self.last
