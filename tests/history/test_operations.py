"""Every change is part of one operation: who, when, what kind."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from history.models import Operation
from history.operations import NoOperation, attempt, current_operation, operation, require_operation
from marketing.models import Segment
from tenants.context import NoTenant, tenant
from tenants.models import Tenant, User


def kept() -> list[tuple[str, str]]:
    """Kind and source of the operations since the company was opened."""
    return list(Operation.objects.exclude(kind="open").order_by("id").values_list("kind", "source"))


def names() -> set[str]:
    return set(Segment.objects.filter(name__startswith="New").values_list("name", flat=True))


def add_then_fail(name: str) -> None:
    with operation("edit", by=None):
        Segment.objects.create(name=name)
        raise ZeroDivisionError


def add_two_of_one_name(name: str) -> None:
    with operation("edit", by=None):
        Segment.objects.create(name=name)
        Segment.objects.create(name=name.upper())


@pytest.fixture
def owner(acme: Tenant) -> User:
    return User.objects.get(email="owner@acme.example")


def test_an_operation_says_who_when_and_from_where(acme: Tenant, owner: User) -> None:
    with tenant(acme):
        with operation("import", by=owner, source="northwind.csv", summary="91 rows") as running:
            made = Segment.objects.create(name="New")
        stored = Operation.objects.get(pk=running.pk)
        assert (stored.kind, stored.by, stored.source) == ("import", owner, "northwind.csv")
        assert stored.summary == "91 rows"
        assert stored.at == running.at
        assert made.last_operation == stored
        [row] = made.history.all()
        assert (row.operation, row.history_user_id, row.history_type) == (stored, owner.pk, "+")


def test_an_operation_without_a_change_is_not_kept(acme: Tenant) -> None:
    with tenant(acme):
        with operation("edit", by=None):
            assert Segment.objects.filter(name="nobody has this").update(position=3) == 0
            assert Segment.objects.filter(name="nobody has this").delete() == (0, {})
            assert Segment.objects.bulk_create([]) == []
        assert kept() == []


def test_an_operation_that_changes_no_row_can_be_kept(acme: Tenant) -> None:
    with tenant(acme):
        with operation("export", by=None) as running:
            running.keep(rows=91)
        assert Operation.objects.get(kind="export").counts == {"rows": 91}


def test_a_nested_operation_is_part_of_the_outer_one(acme: Tenant, owner: User) -> None:
    with tenant(acme):
        with operation("edit", by=owner) as outer:
            with operation("disable", by=None) as inner:
                assert inner is outer
                Segment.objects.create(name="New")
            assert current_operation() is outer
        assert current_operation() is None
        assert kept() == [("edit", "")]


def test_what_fails_is_taken_back_with_its_operation(acme: Tenant) -> None:
    with tenant(acme):
        with pytest.raises(ZeroDivisionError):
            add_then_fail("New")
        assert current_operation() is None
        assert (names(), kept()) == (set(), [])


def test_a_part_that_fails_is_taken_back_and_the_outer_operation_goes_on(acme: Tenant) -> None:
    with tenant(acme):
        with operation("edit", by=None):
            Segment.objects.create(name="New one")
            with pytest.raises(ZeroDivisionError):
                add_then_fail("New two")
        assert (names(), kept()) == ({"New one"}, [("edit", "")])


def test_an_operation_whose_only_part_failed_is_not_kept(acme: Tenant) -> None:
    with tenant(acme):
        with operation("edit", by=None), pytest.raises(ZeroDivisionError):
            add_then_fail("New")
        assert kept() == []


def test_a_database_error_inside_leaves_the_transaction_usable(acme: Tenant) -> None:
    with tenant(acme):
        with pytest.raises(IntegrityError):
            add_two_of_one_name("New")
        with operation("edit", by=None):
            Segment.objects.create(name="New")
        assert kept() == [("edit", "")]


def test_an_attempt_that_is_refused_keeps_nothing(acme: Tenant) -> None:
    def refused() -> None:
        Segment.objects.create(name="New")

    with tenant(acme):
        assert attempt("edit", refused, by=None) is None
        assert (names(), kept()) == (set(), [])
        made = attempt("edit", lambda: Segment.objects.create(name="New"), by=None)
        assert made is not None
        assert kept() == [("edit", "")]


def test_a_transaction_rolled_back_inside_takes_its_rows_and_leaves_the_rest(acme: Tenant) -> None:
    with tenant(acme):
        with operation("edit", by=None):
            with transaction.atomic():
                Segment.objects.create(name="New one")
                transaction.set_rollback(True)
            Segment.objects.create(name="New two")
        assert (names(), kept()) == ({"New two"}, [("edit", "")])


def test_nothing_changes_outside_an_operation(acme: Tenant) -> None:
    with tenant(acme), pytest.raises(NoOperation, match="with operation"):
        require_operation()


def test_an_operation_needs_a_tenant(acme: Tenant) -> None:
    with pytest.raises(NoTenant), operation("edit", by=None):
        pass


def test_an_operation_of_another_tenant_changes_nothing_here(acme: Tenant, globex: Tenant) -> None:
    with tenant(acme), operation("edit", by=None), tenant(globex):
        with pytest.raises(RuntimeError, match="another tenant"):
            Segment.objects.create(name="New")
        with pytest.raises(RuntimeError, match="another tenant"):
            Segment.objects.update(position=3)
        with pytest.raises(RuntimeError, match="another tenant"):
            Segment.objects.all().delete()
        with pytest.raises(RuntimeError, match="another tenant"), operation("edit", by=None):
            Segment.objects.create(name="New")
        assert (names(), kept()) == (set(), [])


def test_another_company_cannot_be_changed_from_here(acme: Tenant, globex: Tenant) -> None:
    """Its history would land in this company's."""
    with tenant(acme), operation("settings", by=None), pytest.raises(RuntimeError, match="active tenant"):
        globex.save()


def test_the_source_is_cut_to_its_column(acme: Tenant) -> None:
    with tenant(acme):
        with operation("import", by=None, source="n" * 300 + ".csv"):
            Segment.objects.create(name="New")
        assert len(Operation.objects.get(kind="import").source) == 200
