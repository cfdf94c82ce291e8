"""What workers do for imports. procrastinate finds this module by its name."""

from __future__ import annotations

from smtplib import SMTPException

from procrastinate import RetryStrategy

from history.long import carry_on
from history.tasks import died
from imports import reading
from imports.steps import CheckStep, run_step
from tenants.jobs import WHEN_CONNECTED_AGAIN, tenant_task

# A mail server that is away is asked again, for some six hours.
WHEN_REACHED_AGAIN = RetryStrategy(
    max_attempts=8, exponential_wait=4, retry_exceptions={SMTPException, OSError}
)


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def read_file(*, tenant_id: int, operation_id: int) -> None:
    """Reads an uploaded file, row by row."""
    reading.read(tenant_id, operation_id)


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def check_rows(*, tenant_id: int, operation_id: int) -> None:
    """Makes the plan of an import, a batch of rows at a time."""
    carry_on(tenant_id, operation_id, CheckStep())


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def carry_out(*, tenant_id: int, operation_id: int) -> None:
    """Carries the plan of an import out, a batch of rows at a time."""
    carry_on(tenant_id, operation_id, run_step)


# What begins by the clock knows how other imports are done, and with that this module.


def run_died(*, tenant_id: int, run_id: int) -> None:
    from imports.timed import died

    died(tenant_id=tenant_id, run_id=run_id)


@tenant_task(batched=True, given_up=run_died, retry=WHEN_CONNECTED_AGAIN)
def carry_through(*, tenant_id: int, run_id: int) -> None:
    """Does an import that began by the clock, from fetching the file to the last row."""
    from imports.timed import carry_through

    carry_through(tenant_id, run_id)


@tenant_task(batched=True, retry=WHEN_REACHED_AGAIN)
def tell_owner(*, tenant_id: int, run_id: int) -> None:
    """Mails what came of an import that began by the clock."""
    from imports.mails import tell_owner

    tell_owner(tenant_id, run_id)
