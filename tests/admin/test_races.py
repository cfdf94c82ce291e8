"""Somebody is faster with the same reference, while the admin's form is on its way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from customers.models import Customer
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.admin.test_site import values
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
