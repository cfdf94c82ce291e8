"""Every tenant model × SELECT, INSERT, UPDATE, DELETE, in raw SQL, against another tenant's rows.

Raw SQL passes the managers by: what refuses here is the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from tenants.base import TenantModel
from tenants.context import tenant
from tenants.fields import TenantForeignKey
from tenants.models import Tenant
from tests.isolation.catalogue import tenant_tables
from tests.isolation.rows import BUILDERS, name_of, tenant_models
from tests.world import World

MODELS = tenant_models()
each_model = pytest.mark.parametrize("model", MODELS, ids=name_of)


@pytest.fixture
def in_globex(world: World) -> Iterator[World]:
    with tenant(world.globex):
        yield world


def run(statement: str, *params: Any) -> int:
    """How many rows it found or changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def rows_in(company: Tenant, model: type[models.Model]) -> list[str]:
    """The company's rows, whole, as the database has them."""
    with tenant(company), connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table(model)} t ORDER BY 1")
        return [row for (row,) in cursor.fetchall()]


def a_key(company: Tenant, model: type[models.Model]) -> Any:
    """The primary key of one of the company's rows."""
    with tenant(company):
        key = model._base_manager.values_list("pk", flat=True).first()
    assert key is not None, f"{model.__name__} has no row: give it a line in tests/isolation/rows.py"
    return key


def copied_with(model: type[models.Model], **values: int) -> str:
    """An INSERT of a copy of one of the active tenant's rows, under a new key and with other `values`."""
    changed = ", ".join(f"'{column}', {value}" for column, value in values.items())
    key = model._meta.pk.column
    written = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
    return (
        f"INSERT INTO {table(model)} ({', '.join(written)}) SELECT {', '.join(f'(r).{name}' for name in written)} "
        f"FROM (SELECT jsonb_populate_record(NULL::{table(model)}, to_jsonb(t) || "
        f"jsonb_build_object('{key}', 987654321, {changed})) AS r FROM {table(model)} t LIMIT 1) AS copy"
    )


def test_there_is_a_model_and_a_builder_for_every_tenant_table() -> None:
    assert {model for model in MODELS if issubclass(model, TenantModel)} == set(BUILDERS)


@pytest.mark.django_db
def test_the_models_are_the_tables() -> None:
    assert sorted(model._meta.db_table for model in MODELS) == tenant_tables()


@each_model
def test_select_shows_no_row_of_another_tenant(model: type[models.Model], in_globex: World) -> None:
    key = a_key(in_globex.acme, model)
    pk = model._meta.pk.column
    assert run(f"SELECT FROM {table(model)} WHERE {pk} = %s", key) == 0
    assert run(f"SELECT FROM {table(model)} WHERE tenant_id = %s", in_globex.acme.pk) == 0
    assert run(f"SELECT FROM {table(model)} WHERE tenant_id = %s OR true", in_globex.acme.pk) == run(
        f"SELECT FROM {table(model)}"
    )


@each_model
def test_update_changes_no_row_of_another_tenant(model: type[models.Model], in_globex: World) -> None:
    before, key = rows_in(in_globex.acme, model), a_key(in_globex.acme, model)
    pk = model._meta.pk.column
    assert run(f"UPDATE {table(model)} SET {pk} = {pk} WHERE {pk} = %s", key) == 0
    assert (
        run(
            f"UPDATE {table(model)} SET tenant_id = %s WHERE tenant_id = %s",
            in_globex.globex.pk,
            in_globex.acme.pk,
        )
        == 0
    )
    assert rows_in(in_globex.acme, model) == before


@each_model
def test_update_cannot_hand_a_row_to_another_tenant(model: type[models.Model], in_globex: World) -> None:
    before = rows_in(in_globex.acme, model)
    with pytest.raises(DatabaseError, match="violates row-level security policy"), transaction.atomic():
        run(f"UPDATE {table(model)} SET tenant_id = %s", in_globex.acme.pk)
    assert rows_in(in_globex.acme, model) == before


@each_model
def test_delete_removes_no_row_of_another_tenant(model: type[models.Model], in_globex: World) -> None:
    before, key = rows_in(in_globex.acme, model), a_key(in_globex.acme, model)
    assert run(f"DELETE FROM {table(model)} WHERE {model._meta.pk.column} = %s", key) == 0
    assert run(f"DELETE FROM {table(model)} WHERE tenant_id = %s", in_globex.acme.pk) == 0
    assert rows_in(in_globex.acme, model) == before


@each_model
def test_insert_of_a_row_for_another_tenant_is_refused(model: type[models.Model], in_globex: World) -> None:
    before = rows_in(in_globex.acme, model)
    with pytest.raises(DatabaseError, match="violates row-level security policy"), transaction.atomic():
        run(copied_with(model, tenant_id=in_globex.acme.pk))
    assert rows_in(in_globex.acme, model) == before


@each_model
def test_a_row_of_no_tenant_is_refused(model: type[models.Model], in_globex: World) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        run(f"UPDATE {table(model)} SET tenant_id = NULL")
    assert getattr(refusal.value.__cause__, "sqlstate", "") in {"23502", "42501"}


@each_model
@pytest.mark.parametrize("verb", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_without_a_tenant_every_statement_is_an_error(
    model: type[models.Model], verb: str, world: World
) -> None:
    """Loud, not empty: an empty answer would pass for the truth."""
    pk = model._meta.pk.column
    statement = {
        "SELECT": f"SELECT FROM {table(model)}",
        "INSERT": f"INSERT INTO {table(model)} (tenant_id) VALUES ({world.globex.pk})",
        "UPDATE": f"UPDATE {table(model)} SET {pk} = {pk}",
        "DELETE": f"DELETE FROM {table(model)}",
    }[verb]
    with pytest.raises(DatabaseError, match=r"app\.tenant_id|bigint"), transaction.atomic():
        run(statement)


def references() -> list[tuple[type[models.Model], TenantForeignKey[Any, Any]]]:
    """Every reference of a row to a row of its tenant. What history remembers of one may be gone by now."""
    return [
        (model, field)
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, TenantForeignKey)
        and field.name not in {tracked.name for tracked in getattr(model, "tracked_fields", [])}
    ]


@pytest.mark.parametrize(
    ("model", "field"), references(), ids=lambda value: getattr(value, "__name__", None) or value.name
)
def test_a_reference_to_another_tenants_row_is_refused(
    model: type[models.Model],
    field: TenantForeignKey[Any, Any],
    in_globex: World,
) -> None:
    related = field.remote_field.model
    with tenant(in_globex.acme):
        theirs = (
            related._base_manager.filter(tenant_id=in_globex.acme.pk).values_list("pk", flat=True).first()
        )
    assert theirs is not None
    pk, rows = model._meta.pk.column, table(model)
    with pytest.raises(DatabaseError, match="violates foreign key constraint"), transaction.atomic():
        run(f"UPDATE {rows} SET {field.column} = %s WHERE {pk} = (SELECT min({pk}) FROM {rows})", theirs)


def test_every_reference_between_tenant_rows_is_a_tenant_foreign_key() -> None:
    """A plain ForeignKey would join, and be checked, on the id alone."""
    plain = [
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and not isinstance(field, TenantForeignKey)
        and any(other.name == "tenant" for other in field.remote_field.model._meta.concrete_fields)
    ]
    assert plain == []
