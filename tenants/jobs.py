"""Background work for one tenant. The queue is in the database, outside row-level security: it holds ids only.

    @tenant_task()
    def refresh(*, customer_id: int) -> None: …      # runs inside the tenant, in a transaction

    refresh.later(customer_id=customer.pk)           # for the active tenant, in the open transaction

A job may run more than once (its worker may die after the work and before it says so), so it must not matter.
Long work goes in batches: `@tenant_task(batched=True)` gets `tenant_id` and opens `tenant(…)` for every batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from tenants.context import require_tenant_id, tenant

logger = logging.getLogger(__name__)

ATTEMPTS = 3
# For work that can be begun again when the database went away: it comes back in a minute or so, or in an hour.
WHEN_CONNECTED_AGAIN = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions={OperationalError})
SILENT_SECONDS = 30  # workers give a sign of life every ten


tasks: dict[str, TenantTask] = {}


class TenantTask:
    """A function that workers run for a tenant. Called directly, it runs here and now."""

    def __init__(
        self,
        function: Callable[..., None],
        *,
        batched: bool,
        given_up: Callable[..., None] | None = None,
        **options: Any,
    ) -> None:
        self.function = function
        self.batched = batched
        self.given_up = given_up
        self.__doc__ = function.__doc__
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.task = app.task(name=self.name, **options)(self.run)  # type: ignore[no-untyped-call]  # its overloads
        tasks[self.name] = self

    def __call__(self, **ids: int) -> None:
        self.function(**ids)

    def run(self, *, tenant_id: int, **ids: int) -> None:
        """What the worker calls."""
        if self.batched:
            self.function(tenant_id=tenant_id, **ids)
            return
        with tenant(tenant_id):
            self.function(**ids)

    def later(self, **ids: int) -> int:
        """Has a worker run it for the active tenant once the open transaction is committed. Returns the job's id.

        Raises NoTenant, and TypeError for anything but whole numbers: names and addresses do not belong
        in a table that every tenant's worker reads.
        """
        return self.in_a_while(0, **ids)

    def in_a_while(self, seconds: int, /, **ids: int) -> int:
        """The same, so many seconds from now at the earliest."""
        for name, value in ids.items():
            if type(value) is not int:
                raise TypeError(f"{name} is {value!r}. A job's arguments are ids.")
        task = self.task.configure(schedule_in={"seconds": seconds}) if seconds else self.task
        return int(task.defer(tenant_id=require_tenant_id(), **ids))


def tenant_task(*, batched: bool = False, **options: Any) -> Callable[[Callable[..., None]], TenantTask]:
    """Declares a background task. `options` are procrastinate's: `queue`, `priority`, `retry`, `queueing_lock`;
    and `given_up`, which is called with the tenant's id and the job's when its workers died too often."""
    return lambda function: TenantTask(function, batched=batched, **options)


async def heal(jobs: JobManager, silent_seconds: float = SILENT_SECONDS) -> None:
    """Gives back the jobs of workers that died, and gives up those that took their worker along too often."""
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=silent_seconds):
        if job.attempts + 1 < ATTEMPTS:
            logger.warning("Job %s (%s) is run again: its worker died.", job.id, job.task_name)
            await jobs.retry_job(job)
        else:
            logger.error("Job %s (%s) failed: its worker died %s times.", job.id, job.task_name, ATTEMPTS)
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
            task = tasks.get(job.task_name)
            if task and task.given_up:
                await sync_to_async(task.given_up)(**job.task_kwargs)
