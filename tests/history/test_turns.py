"""Operations of many rows that wait for each other's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from customers.models import Customer
from history.long import Step, ask_for, carry_on, in_turns
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_that_take_the_same_rows_in_another_order_are_both_done(
    acme: Tenant, people: dict[str, User]
) -> None:
    by = people["manager"]
    rows = [add_customer(acme, by, name=name).pk for name in ("Alder", "Birch")]
    with tenant(acme):
        asked = [ask_for("bulk_edit", by=by, total=2) for _ in rows]
    both_have_one = threading.Barrier(2)
    begun: list[int] = []

    def rename(order: list[int]) -> Step:
        def step(running: Operation) -> bool:
            for pk in order:
                row = Customer.objects.select_for_update().get(pk=pk)
                row.name = f"{row.name} {running.pk}"
                row.save()
                if begun.count(running.pk) == 0:
                    begun.append(running.pk)
                    both_have_one.wait(timeout=10)
            running.position = 2
            return False

        return step

    def carry(one: Operation, order: list[int]) -> None:
        try:
            in_turns(lambda: carry_on(acme.pk, one.pk, rename(order)))
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        works = [pool.submit(carry, one, order) for one, order in zip(asked, (rows, rows[::-1]), strict=True)]
        for work in works:
            work.result(timeout=30)
    with tenant(acme):
        assert {found.state for found in Operation.objects.filter(pk__in=[one.pk for one in asked])} == {
            "done"
        }
        for name in Customer.objects.values_list("name", flat=True):
            assert sorted(name.split()[1:]) == sorted(str(one.pk) for one in asked)
