"""Somebody is faster with the same reference, while the admin's form or an import is on its way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.admin.test_site import values
from tests.customers.test_import_page import confirm, text, upload
from tests.customers.test_reference import somebody_faster

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@pytest.fixture
def admin(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["admin"])


def names(company: Tenant) -> list[str]:
    with tenant(company):
        return list(Customer.objects.values_list("name", flat=True))


def test_the_admins_form_shows_the_refusal_and_keeps_what_was_typed(
    acme: Tenant, people: People, admin: Client
) -> None:
    sent = values(acme, name="Slower Ltd", reference="race-1")
    with somebody_faster(acme, people["manager"], "RACE-1"):
        answer = admin.post("/acme/admin/customers/customer/add/", sent)
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert "Slower Ltd" in answer.content.decode()
    assert names(acme) == ["Faster Ltd"]


def test_an_import_stops_whole_and_says_so(acme: Tenant, people: People, admin: Client) -> None:
    preview = upload(admin, "Name,Reference\nOther,other-1\nSlower Ltd,race-1\n")
    with somebody_faster(acme, people["manager"], "RACE-1"):
        answer = confirm(admin, preview)
    assert answer.status_code == 422
    assert "Somebody else added or changed one of these customers" in text(answer)
    assert names(acme) == ["Faster Ltd"]
    with tenant(acme):
        assert not Operation.objects.filter(kind="import").exists()
