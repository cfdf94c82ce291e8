"""An entry nobody uses can be deleted; one in use says by how many customers, also when the use is new."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from customers.models import Customer
from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.marketing.test_entries import entry_called, latest_operation, names, operations, use

SignIn = Callable[[User], Client]


def test_an_unused_entry_is_deleted_after_a_question(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin, entry = signed_in(people["admin"]), entry_called(acme, "Private")
    address = f"/acme/settings/segments/{entry.pk}/delete/"
    assert "Delete segment “Private”?" in admin.get(address).content.decode()
    assert "Private" in names(acme)
    answer = admin.post(address, follow=True)
    assert "Private is deleted." in answer.content.decode()
    assert "Private" not in names(acme)
    with tenant(acme):
        record = Segment.history.filter(id=entry.pk).first()
    assert record is not None
    assert (record.history_type, record.operation_id) == ("-", latest_operation(acme).pk)


@pytest.mark.parametrize("disabled", [False, True])
def test_an_entry_in_use_is_kept_and_the_page_counts_its_customers(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, disabled: bool
) -> None:
    admin, entry = signed_in(people["admin"]), entry_called(acme, "Private")
    use(acme, people["owner"], entry, times=2, disabled=disabled)
    before = operations(acme)
    for answer, status in [
        (admin.get(f"/acme/settings/segments/{entry.pk}/delete/"), 200),
        (admin.post(f"/acme/settings/segments/{entry.pk}/delete/"), 422),
    ]:
        page = answer.content.decode()
        assert answer.status_code == status
        assert f'<a href="/acme/customers/?segment={entry.pk}&amp;state=all">2 customers</a>' in page
        assert "can't be deleted" in page
    assert "Private" in names(acme)
    assert operations(acme) == before


def test_the_link_leads_to_those_customers_disabled_ones_too(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin, entry = signed_in(people["admin"]), entry_called(acme, "Private")
    use(acme, people["owner"], entry, times=2, disabled=True)
    with tenant(acme), operation("add", by=people["owner"]):
        Customer.objects.create(name="Not private", segment=Segment.default())
    page = admin.get(f"/acme/customers/?segment={entry.pk}&state=all").content.decode()
    assert "Customer 0" in page
    assert "Customer 1" in page
    assert "Not private" not in page


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_gets_used_while_it_is_deleted_is_kept(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    entry = entry_called(acme, "Private")
    used, commit = threading.Event(), threading.Event()

    def add_customer() -> None:
        try:
            with tenant(acme), operation("add", by=people["agent"]):
                Customer.objects.create(name="New", segment=entry)
                used.set()
                commit.wait(10)
        finally:
            used.set()
            connection.close()

    other = threading.Thread(target=add_customer)
    other.start()
    used.wait(10)
    before = operations(acme)
    threading.Timer(0.5, commit.set).start()  # by then the deletion waits for the other transaction
    answer: Any = signed_in(people["admin"]).post(f"/acme/settings/segments/{entry.pk}/delete/")
    other.join()
    assert answer.status_code == 422
    assert "1 customer</a> and can't be deleted" in answer.content.decode()
    assert "Private" in names(acme)
    assert operations(acme) == before + 1  # the customer's
