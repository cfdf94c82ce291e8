"""The benchmark's rows are as the product would have written them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Max

from benchmarks import words
from benchmarks.filling import Sizes, is_filled
from contacts.models import Address, Contact
from contacts.search import settle
from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.fields import DerivedTextField, Settled
from tenants.models import Membership, Tenant

MODELS: tuple[Any, ...] = (Customer, Contact, Address)


@pytest.fixture
def big(filled: Sizes) -> Iterator[Tenant]:
    company = Tenant.objects.get(slug="big")
    with transaction.atomic(), tenant(company):
        yield company
        transaction.set_rollback(True)


def test_each_company_has_its_rows_and_everybody(big: Tenant, filled: Sizes) -> None:
    assert is_filled()
    for slug, count in filled.companies.items():
        with tenant(Tenant.objects.get(slug=slug)):
            assert Customer.objects.count() == count
            assert set(Membership.objects.current().values_list("role", flat=True)) == {
                *("owner", "admin", "manager", "agent", "viewer")
            }


def test_what_is_derived_of_a_row_is_what_the_model_derives(big: Tenant) -> None:
    for model in MODELS:
        derived = [field for field in model._meta.concrete_fields if isinstance(field, DerivedTextField)]
        for row in model.objects.all():
            for field in derived:
                assert getattr(row, field.attname) == getattr(row, field.source)(), row


def test_settling_changes_nothing(big: Tenant) -> None:
    before = [settled(model) for model in (Customer, Contact)]
    for running in Operation.objects.filter(kind="import"):
        running.touched.update(MODELS)
        settle(running)
    assert [settled(model) for model in (Customer, Contact)] == before


def settled(model: Any) -> list[Any]:
    """What its rows have of others."""
    fields = [field.attname for field in model._meta.concrete_fields if issubclass(type(field), Settled)]
    return list(model.objects.order_by("pk").values_list("pk", *fields))


def test_the_forms_would_take_the_rows(big: Tenant) -> None:
    for model in MODELS:
        for row in model.objects.order_by("pk")[:20]:
            row.full_clean()


def test_the_history_tells_how_each_row_came_to_be_as_it_is(big: Tenant) -> None:
    for model in MODELS:
        kinds = Counter(model.history.values_list("history_type", flat=True))
        assert kinds["+"] == model.objects.count()
        edited = model.objects.exclude(updated_at=F("created_at"))
        assert kinds["~"] == edited.count()
        latest = model.history.values("id").annotate(last=Max("history_id")).values("last")
        rows = {row.pk: row for row in model.objects.all()}
        for record in model.history.filter(history_id__in=latest):
            row = rows[record.id]
            assert (record.operation_id, record.last_operation_id) == (row.last_operation_id,) * 2
            assert record.updated_at == row.updated_at
    assert Customer.history.filter(history_type="+").exclude(disabled_at=None).count() == 0
    assert Customer.objects.disabled().exists()


def test_some_words_are_rare_and_some_are_not(big: Tenant) -> None:
    found = {word: Customer.objects.search(word).count() for word in (words.RARE, words.MEDIUM)}
    assert found == {words.RARE: 20, words.MEDIUM: 40}
    assert Customer.objects.search(words.BROAD).count() in range(40, 80)
    assert not Customer.objects.search(words.NOWHERE).exists()
    assert not Customer.objects.search(words.NOWHERE_OF_COMMON_LETTERS).exists()
    without = Customer.objects.filter(status=None).count()
    assert without in range(40, 80)
    per_customer = Customer.objects.annotate(people=Count("contacts")).values_list("people", flat=True)
    assert max(per_customer) > 2


@pytest.mark.usefixtures("filled")
def test_the_rows_are_held_by_the_policy() -> None:
    with transaction.atomic(), tenant(Tenant.objects.get(slug="few")), connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT tenant_id), count(*) FROM customers_customer")
        assert cursor.fetchone() == (1, 100)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customer")


@pytest.mark.usefixtures("filled")
def test_a_row_added_afterwards_has_an_id_of_its_own() -> None:
    with transaction.atomic(), tenant(Tenant.objects.get(slug="few")), connection.cursor() as cursor:
        for model in (Operation, *MODELS):
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
            assert cursor.fetchone()[0] > (model.objects.aggregate(last=Max("pk"))["last"] or 0)
