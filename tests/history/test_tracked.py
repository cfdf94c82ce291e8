"""A tenant's row changes inside an operation and with history, or not at all, whichever way it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models import ProtectedError

from customers.models import Customer
from history.models import TrackedModel
from history.operations import NoOperation, operation
from marketing.models import Segment
from tenants.context import NoTenant, tenant
from tenants.fields import is_computed
from tenants.models import Membership, Tenant, User
from tests.isolation.rows import build_everything, name_of
from tests.people import make_user
from tests.world import World

TRACKED = [model for model in apps.get_models() if issubclass(model, TrackedModel)]
OWN_MODELS = [Tenant, Membership]  # followed too, but they belong to no tenant's table

Attempt = Callable[[Any], Any]  # of a row, to change it


def update_related(row: Any) -> None:
    """Through a related manager, which makes its own queryset."""
    for relation in row._meta.related_objects:
        if not relation.hidden and issubclass(relation.field.model, TrackedModel):
            getattr(row, relation.get_accessor_name()).update(**{relation.field.name: None})
            return
    raise NoOperation  # nothing refers to such rows


EVERY_WAY: dict[str, Attempt] = {
    "save": lambda row: row.save(),
    "save-some-fields": lambda row: row.save(update_fields=["created_at"]),
    "save-new": lambda row: type(row)(tenant_id=row.pk).save(force_insert=True),
    "save-base": lambda row: row.save_base(raw=True),
    "delete": lambda row: row.delete(),
    "create": lambda row: type(row).objects.create(),
    "get-or-create": lambda row: type(row).objects.get_or_create(pk=0),
    "update-or-create": lambda row: type(row).objects.update_or_create(pk=row.pk, defaults={}),
    "queryset-update": lambda row: type(row).objects.update(created_at=row.created_at),
    "filtered-update": lambda row: type(row).objects.filter(pk=row.pk).update(created_at=row.created_at),
    "base-manager-update": lambda row: type(row)._base_manager.update(created_at=row.created_at),
    "related-update": update_related,
    "queryset-delete": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    "raw-delete": lambda row: type(row).objects.filter(pk=row.pk)._raw_delete("default"),
    "bulk-create": lambda row: type(row).objects.bulk_create([type(row)()]),
    "bulk-create-ignoring-conflicts": lambda row: type(row).objects.bulk_create(
        [type(row)()], ignore_conflicts=True
    ),
    "bulk-update": lambda row: type(row).objects.bulk_update([row], ["created_at"]),
}
NOT_FOR_OWN = {"related-update", "base-manager-update", "save-new", "create", "get-or-create"}


@pytest.fixture
def with_rows(world: World) -> Iterator[Tenant]:
    with tenant(world.acme):
        yield world.acme


def contents(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._base_manager.order_by("pk").values())


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("model", TRACKED, ids=name_of)
def test_no_way_around_the_operation(model: type[models.Model], way: str, with_rows: Tenant) -> None:
    row, before = model._base_manager.order_by("pk").first(), contents(model)
    with pytest.raises((NoOperation, TypeError)), transaction.atomic():
        EVERY_WAY[way](row)
    assert contents(model) == before


@pytest.mark.parametrize("way", [way for way in EVERY_WAY if way not in NOT_FOR_OWN])
@pytest.mark.parametrize("model", OWN_MODELS, ids=name_of)
def test_the_company_and_its_people_change_by_operations_too(model: Any, way: str, with_rows: Tenant) -> None:
    """Whom customers refer to stays in any case (ProtectedError)."""
    row, before = model.objects.order_by("pk").first(), contents(model)
    with pytest.raises((NoOperation, TypeError, ProtectedError)), transaction.atomic():
        EVERY_WAY[way](row)
    assert contents(model) == before


def test_a_new_member_needs_an_operation(with_rows: Tenant) -> None:
    person = make_user("new@acme.example")
    with pytest.raises(NoOperation):
        Membership.objects.create(tenant=with_rows, user=person)
    with pytest.raises(NoOperation):
        Membership.objects.get_or_create(tenant=with_rows, user=person)
    with pytest.raises(NoOperation):
        person.memberships.create(tenant=with_rows)
    assert not person.memberships.exists()


@pytest.mark.parametrize("model", OWN_MODELS, ids=name_of)
def test_the_company_and_its_people_never_change_in_bulk(model: Any, with_rows: Tenant) -> None:
    """Even inside an operation: there is no set-based history for them."""
    row = model.objects.order_by("pk").last()
    bulk = ["queryset-update", "bulk-create", "bulk-create-ignoring-conflicts", "bulk-update", "raw-delete"]
    with operation("people", by=None):
        for way in bulk:
            with pytest.raises(TypeError, match="one by one"):
                EVERY_WAY[way](row)


def test_rows_created_regardless_of_conflicts_are_refused(in_acme: Tenant) -> None:
    """Nobody could tell which of them exist."""
    refused: list[dict[str, Any]] = [{"ignore_conflicts": True}, {"update_conflicts": True}]
    for options in refused:
        with pytest.raises(TypeError, match="without history"):
            Segment.objects.bulk_create([Segment(name="New")], **options)


def test_no_reference_is_emptied_behind_the_historys_back() -> None:
    """SET_NULL and its kin update rows inside Django, where no history is written."""
    allowed = {models.PROTECT, models.CASCADE, models.DO_NOTHING, models.RESTRICT}
    followed: list[type[models.Model]] = [*TRACKED, *OWN_MODELS]
    for model in followed:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                assert field.remote_field.on_delete in allowed, f"{model.__name__}.{field.name}"


# -- what the history then says -------------------------------------------------------------------------


def last_history(row: Any) -> dict[str, Any]:
    """The row's latest history entry, without what differs from entry to entry."""
    entry = row.history.order_by("-history_id").values().first()
    assert entry is not None
    unlike = {"history_id", "history_date", "id", "created_at", "updated_at"}
    return {key: value for key, value in entry.items() if key not in unlike}


def tracked(row: Any) -> dict[str, Any]:
    """The row as its history should have it."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not is_computed(field)
    }


def history_of(row: Any) -> list[tuple[str, dict[str, Any]]]:
    columns = list(tracked(row))
    entries = type(row).history.filter(id=row.pk).order_by("history_id")
    return [(entry.history_type, {name: getattr(entry, name) for name in columns}) for entry in entries]


@pytest.mark.parametrize("model", TRACKED, ids=name_of)
def test_history_has_every_column_as_it_is(model: Any, with_rows: Tenant) -> None:
    row = model.objects.order_by("pk").last()
    assert history_of(row) == [("+", tracked(row))]


def test_history_written_for_many_rows_equals_that_of_one(in_acme: Tenant) -> None:
    values = {"name": "Birch", "reference": "", "email": "a@birch.example", "custom_data": {"size": [1, 2]}}
    one = Customer.objects.create(**values)
    [many] = Customer.objects.bulk_create([Customer(**values)])
    assert last_history(many) == last_history(one)

    one.website = "https://birch.example"
    one.save()
    Customer.objects.filter(pk=many.pk).update(website="https://birch.example")
    assert last_history(many) == last_history(one)

    one.name = many.name = "Beech"
    one.save()
    many.refresh_from_db()
    many.name = "Beech"
    assert Customer.objects.bulk_update([many], ["name"]) == 1
    assert last_history(many) == last_history(one)

    for row in (one, many):
        row.refresh_from_db()
        assert (row.sort_name, row.own_words) == ("beech", "beech\na@birch.example")
        assert history_of(row)[-1] == ("~", tracked(row))

    keys = (one.pk, many.pk)
    one.delete()
    Customer.objects.filter(pk=many.pk).delete()
    deleted = [Customer.history.filter(id=key).latest("history_id") for key in keys]
    assert [entry.history_type for entry in deleted] == ["-", "-"]
    assert [entry.name for entry in deleted] == ["Beech", "Beech"]
    assert {entry.operation_id for entry in deleted} == {one.last_operation_id}


def test_an_update_of_many_rows_touches_only_those(in_acme: Tenant) -> None:
    kept, changed = Segment.objects.order_by("pk")[:2]
    before = len(history_of(kept))
    assert Segment.objects.filter(pk=changed.pk).update(position=7) == 1
    assert len(history_of(kept)) == before
    changed.refresh_from_db()
    assert changed.position == 7
    assert history_of(changed)[-1] == ("~", tracked(changed))
    assert changed.updated_at > kept.updated_at


def test_an_update_through_a_sliced_or_joined_queryset_finds_its_rows(in_acme: Tenant) -> None:
    build_everything()
    assert Customer.objects.filter(segment__name="Mill").update(tax_exempt=True) == 1
    assert Customer.objects.get().tax_exempt
    assert Customer.objects.none().update(tax_exempt=False) == 0


def test_an_update_that_would_leave_a_derived_field_stale_is_refused(in_acme: Tenant) -> None:
    build_everything()
    with pytest.raises(TypeError, match="derived"):
        Customer.objects.update(name="Other")
    assert Customer.objects.get().sort_name == "alfreds futterkiste"


def test_saving_some_fields_brings_derived_ones_along(in_acme: Tenant) -> None:
    build_everything()
    customer = Customer.objects.get()
    customer.name = "Zürich Insurance"
    customer.email = "not@saved.example"
    customer.save(update_fields=["name"])
    customer.refresh_from_db()
    assert customer.sort_name == "zurich insurance"
    assert customer.email == ""


def test_every_row_says_which_operation_wrote_it_last(acme: Tenant) -> None:
    with tenant(acme):
        with operation("add", by=None) as first:
            row = Segment.objects.create(name="New")
        assert row.last_operation == first
        with operation("edit", by=None) as second:
            Segment.objects.filter(pk=row.pk).update(position=9)
        row.refresh_from_db()
        assert row.last_operation == second
        with operation("edit", by=None) as third:
            Segment.objects.bulk_update([row], ["position"])
        row.refresh_from_db()
        assert row.last_operation == third
        assert [entry.operation_id for entry in Segment.history.filter(id=row.pk).order_by("history_id")] == [
            first.pk,
            second.pk,
            third.pk,
        ]


def test_changes_of_the_company_and_of_membership_are_in_the_history(acme: Tenant, owner: User) -> None:
    with tenant(acme):
        person = make_user("new@acme.example")
        with operation("settings", by=owner) as settings:
            acme.currency = "CHF"
            acme.save()
        with operation("people", by=owner) as people:
            member = Membership.objects.create(tenant=acme, user=person, role="agent")
            member.role = "manager"
            member.save()
            member.delete()
        company = Tenant.history.filter(operation=settings).get()  # type: ignore[attr-defined]
        assert (company.currency, company.tenant_id, company.history_user_id) == ("CHF", acme.pk, owner.pk)
        entries = Membership.history.filter(operation=people).order_by("history_id")  # type: ignore[attr-defined]
        assert [(entry.history_type, entry.role) for entry in entries] == [
            ("+", "agent"),
            ("~", "manager"),
            ("-", "manager"),
        ]


@pytest.fixture
def owner(acme: Tenant) -> User:
    return User.objects.get(email="owner@acme.example")


def test_history_is_asked_for_inside_a_company_and_is_its_own(world: World) -> None:
    with pytest.raises(NoTenant):
        Customer.history.count()
    seen = {}
    for company in (world.acme, world.globex):
        with tenant(company):
            customer = Customer.objects.get()
            assert customer.history.count() == 1
            assert f'"tenant_id" = ({company.pk}::bigint)' in str(Customer.history.filter(id=1).query)
            seen[company.slug] = set(Customer.history.values_list("id", flat=True))
    assert seen["acme"].isdisjoint(seen["globex"])
