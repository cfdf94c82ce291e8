"""A reference belongs to one customer of a tenant, however it is written and however fast two people are."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from customers.forms import CustomerForm
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer

Filled = Callable[..., dict[str, Any]]
ADD = "/acme/customers/add/"


def names_in(company: Tenant) -> list[str]:
    with tenant(company):
        return list(Customer.objects.values_list("name", flat=True))


@pytest.mark.parametrize("typed", ["C-1", "c-1", "  C-1 ", "C-1\u00a0"])
def test_a_reference_that_exists_is_refused_with_a_link_to_who_has_it(
    acme: Tenant, alder: Customer, agent: Client, short_form: Filled, typed: str
) -> None:
    answer = agent.post(ADD, short_form(reference=typed))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reference"]
    link = f'This reference belongs to <a href="/acme/customers/{alder.pk}/">Alder Bikes</a>.'
    assert link in answer.content.decode()
    assert names_in(acme) == ["Alder Bikes"]


def test_the_other_ones_name_is_escaped(
    acme: Tenant, people: dict[str, User], agent: Client, short_form: Filled
) -> None:
    add_customer(acme, people["manager"], name="<script>alert(1)</script>", reference="X-1")
    page = agent.post(ADD, short_form(reference="x-1")).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</a>" in page
    assert "<script>alert" not in page


def test_two_customers_may_have_no_reference(acme: Tenant, agent: Client, short_form: Filled) -> None:
    agent.post(ADD, short_form(name="Birch"))
    agent.post(ADD, short_form(name="Cedar"))
    assert names_in(acme) == ["Birch", "Cedar"]


def test_a_customer_keeps_its_own_reference(alder: Customer, agent: Client, acme: Tenant) -> None:
    shown = agent.get(f"/acme/customers/{alder.pk}/edit/").context["form"]
    data = {field.html_name: field.value() or "" for field in shown}
    answer = agent.post(f"/acme/customers/{alder.pk}/edit/", {**data, "reference": "c-1", "name": "Alder"})
    assert answer.status_code == 302
    assert names_in(acme) == ["Alder"]


def test_the_reference_of_a_deleted_customer_is_free(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client, short_form: Filled
) -> None:
    with tenant(acme):
        alder.remove(by=people["manager"])
    agent.post(ADD, short_form(reference="C-1"))
    assert names_in(acme) == ["Birch Foods"]


def test_another_tenants_reference_is_free(
    acme: Tenant, globex: Tenant, bob: User, agent: Client, short_form: Filled
) -> None:
    add_customer(globex, bob, reference="G-1")
    agent.post(ADD, short_form(reference="G-1"))
    assert names_in(acme) == ["Birch Foods"]


@contextmanager
def somebody_faster(company: Tenant, by: User, reference: str) -> Iterator[None]:
    """Another connection has added a customer, and commits only when ours waits for its lock."""
    added = threading.Event()

    def add() -> None:
        try:
            with tenant(company), operation(Operation.Kind.ADD, by=by):
                Customer.objects.create(name="Faster Ltd", reference=reference)
                added.set()
                wait_until_somebody_waits()
        finally:
            added.set()
            connection.close()

    other = threading.Thread(target=add)
    other.start()
    added.wait(timeout=10)
    yield
    other.join(timeout=20)


def wait_until_somebody_waits() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise TimeoutError("Nobody waited for the reference.")


def test_who_is_faster_while_the_form_is_being_checked_is_linked_too(
    acme: Tenant, agent: Client, short_form: Filled, alder: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The field finds nobody, the constraint a moment later does."""
    monkeypatch.setattr(CustomerForm, "clean_reference", lambda form: form.cleaned_data["reference"])
    answer = agent.post(ADD, short_form(reference="c-1"))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reference"]
    assert "Alder Bikes</a>" in answer.content.decode()
    assert names_in(acme) == ["Alder Bikes"]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_the_slower_one_is_refused_with_a_link(
    acme: Tenant, people: dict[str, User], agent: Client, short_form: Filled
) -> None:
    data = short_form(reference="race-1")
    with tenant(acme):
        operations = Operation.objects.count()
    with somebody_faster(acme, people["manager"], "RACE-1"):
        answer = agent.post(ADD, data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reference"]
    assert "Faster Ltd</a>" in answer.content.decode()
    assert names_in(acme) == ["Faster Ltd"]
    with tenant(acme):
        assert Operation.objects.count() == operations + 1, "the refused operation is not kept"
