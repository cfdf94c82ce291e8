"""A bulk edit whose worker is killed in the middle of a batch."""

from pathlib import Path

import pytest
from django.test import Client

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.config.workers import Run, run, wait
from tests.lists.bulk import select_all, status_named

__all__ = ["run"]

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 1_200  # a batch, and a part of one


def test_it_is_done_once_for_every_row_though_its_worker_was_killed(
    run: Run, tmp_path: Path, manager: Client, acme: Tenant, people: dict[str, User]
) -> None:
    with tenant(acme), operation("import", by=people["manager"]):
        made = Customer.objects.bulk_create(Customer(name=f"Alder {number}") for number in range(ROWS))
    manager.post(select_all(manager, "status"), {"status": status_named(acme, "Lead")})
    with tenant(acme):
        asked = Operation.objects.latest("pk")
        # The worker waits for this row in the middle of its second batch, and is killed there.
        Customer.objects.select_for_update(of=("self",)).get(pk=made[-1].pk)
        first = run()
        wait(lambda: Operation.objects.get(pk=asked.pk).position == 1_000, tmp_path)
        first.kill()
        first.wait()
    run()

    def is_over() -> bool:
        with tenant(acme):
            return bool(Operation.objects.get(pk=asked.pk).is_over)

    wait(is_over, tmp_path)
    with tenant(acme):
        done = Operation.objects.get(pk=asked.pk)
        assert (done.state, done.position, done.error) == ("done", ROWS, "")
        assert done.counts == {"changed": ROWS, "unchanged": 0, "gone": 0}
        assert Customer.objects.filter(status__name="Lead").count() == ROWS
        written = Customer.history.filter(operation=done).values_list("id", flat=True)
        assert len(written) == len(set(written)) == ROWS
