"""What workers do for lists. procrastinate finds this module by its name."""

from __future__ import annotations

from history.long import carry_on
from history.models import Operation
from history.tasks import died
from lists import exporting
from lists.bulk_runs import bulk_of
from tenants.jobs import WHEN_CONNECTED_AGAIN, tenant_task


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def carry_out(*, tenant_id: int, operation_id: int) -> None:
    """Does an action on a selection, a batch at a time."""

    def step(running: Operation) -> bool:
        return bulk_of(running).batch(running)

    carry_on(tenant_id, operation_id, step)


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def write_export(*, tenant_id: int, operation_id: int) -> None:
    """Writes the file of an export."""
    exporting.write(tenant_id, operation_id)
