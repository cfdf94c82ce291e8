from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from customers.profile import Impact
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User


def exists(company: Tenant, customer: Customer) -> bool:
    with tenant(company):
        return Customer.objects.filter(pk=customer.pk).exists()


def delete_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/delete/"


def test_a_customer_is_deleted_after_a_question(acme: Tenant, alder: Customer, manager: Client) -> None:
    page = manager.get(delete_url(alder)).content.decode()
    assert "Deleting is permanent." in page
    assert "Disabling is temporary." in page
    assert f'href="/acme/customers/{alder.pk}/disable/"' in page
    assert exists(acme, alder)
    answer = manager.post(delete_url(alder))
    assert answer["Location"] == "/acme/customers/"
    assert not exists(acme, alder)
    after = manager.get("/acme/customers/add/").content.decode()
    assert "Alder Bikes was deleted." in after
    assert "/undo/" in after  # who deleted it may take that back


def test_what_was_deleted_stays_in_the_history(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client
) -> None:
    manager.post(delete_url(alder))
    with tenant(acme):
        last = Customer.history.filter(id=alder.pk).select_related("operation").latest()
        assert (last.history_type, last.name, last.operation.by) == ("-", "Alder Bikes", people["manager"])


def test_deleting_twice_is_not_found(acme: Tenant, alder: Customer, manager: Client) -> None:
    manager.post(delete_url(alder))
    assert manager.post(delete_url(alder)).status_code == 404
    assert manager.get(f"/acme/customers/{alder.pk}/").status_code == 404
    with tenant(acme):
        assert Operation.objects.filter(kind=Operation.Kind.DELETE).count() == 1


def three_contacts(customer: Customer) -> Impact:
    return Impact("contact", "contacts", 3)


def no_invoices(customer: Customer) -> Impact:
    return Impact("invoice", "invoices", 0)


def test_the_question_says_in_numbers_what_goes_along(
    alder: Customer, manager: Client, settings: Any
) -> None:
    settings.CUSTOMER_IMPACTS = [f"{__name__}.three_contacts", f"{__name__}.no_invoices"]
    page = manager.get(delete_url(alder)).content.decode()
    assert "<li>3 contacts</li>" in page
    assert "invoice" not in page


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_only_managers_and_above_delete(
    acme: Tenant, alder: Customer, people: dict[str, User], signed_in: Any, role: str
) -> None:
    client = signed_in(people[role])
    assert client.get(delete_url(alder)).status_code == 403
    assert client.post(delete_url(alder)).status_code == 403
    assert "Delete customer" not in client.get(f"/acme/customers/{alder.pk}/").content.decode()
    assert exists(acme, alder)


def test_strangers_find_nothing(acme: Tenant, alder: Customer, bob: User, signed_in: Any) -> None:
    stranger = signed_in(bob)
    for address in (delete_url(alder), f"/globex/customers/{alder.pk}/delete/"):
        assert stranger.post(address).status_code == 404
    assert exists(acme, alder)
