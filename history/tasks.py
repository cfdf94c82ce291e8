"""What workers do for the history."""

from history.long import WORKER_DIED, carry_on, give_up
from history.undo import UndoStep
from tenants.jobs import WHEN_CONNECTED_AGAIN, tenant_task


def died(*, tenant_id: int, operation_id: int) -> None:
    """The operation's workers died too often."""
    give_up(tenant_id, operation_id, WORKER_DIED)


@tenant_task(batched=True, given_up=died, retry=WHEN_CONNECTED_AGAIN)
def take_back(*, tenant_id: int, operation_id: int) -> None:
    """Undo another operation."""
    carry_on(tenant_id, operation_id, UndoStep())
