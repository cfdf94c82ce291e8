"""Fills the tables of one company by COPY, as the role that owns them, and their history by one statement each."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import django
from django.db import connection, models

from benchmarks.rows import (
    ADDRESS,
    CONTACT,
    CUSTOMER,
    MOST_ADDRESSES,
    MOST_CONTACTS,
    OPERATION,
    Ids,
    Lines,
    Shape,
    Tails,
    lines,
)
from benchmarks.sheets import Sheet, cell
from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation

FILLED: tuple[type[models.Model], ...] = (Customer, Contact, Address)
BATCH = 20_000

FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%s::regclass[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
    ORDER BY 1
"""


@contextmanager
def without_indexes() -> Iterator[None]:
    """Indexes and foreign keys of the filled tables are made anew at the end, which is many times faster.

    Inside a transaction: if anything fails, all is as it was.
    """
    tables = [model._meta.db_table for model in _written()]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute(FOREIGN_KEYS, [tables])
        keys = cursor.fetchall()
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def refresh() -> None:
    """What the planner knows, and which pages hold live rows only. As the owner, not inside a transaction."""
    with connection.cursor() as cursor:
        for model in _written():
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
        cursor.execute("ANALYZE")


def _written() -> list[type[models.Model]]:
    return [Operation, *FILLED, *(_history(model) for model in FILLED)]


def _history(model: Any) -> Any:
    return model.history.model


def load(shape: Shape, *, importer: int, batch: int = BATCH) -> None:
    """The customers of `shape`, with everything that hangs on them. `importer` is the user who imported them."""
    sheets = {
        "operations": Sheet(Operation, OPERATION, tenant_id=shape.tenant),
        "customers": Sheet(Customer, CUSTOMER, tenant_id=shape.tenant),
        "contacts": Sheet(Contact, CONTACT, tenant_id=shape.tenant),
        "addresses": Sheet(Address, ADDRESS, tenant_id=shape.tenant),
    }
    _copy(sheets["operations"], _imports(shape, sheets["operations"], importer))
    for made in _batches(shape, batch, Tails(*(sheets[name].tail for name in TAILED))):
        for name, sheet in sheets.items():
            _copy(sheet, getattr(made, name))
    for model in FILLED:
        _write_history(model, shape, importer)


TAILED = ("customers", "contacts", "addresses", "operations")


def _imports(shape: Shape, sheet: Sheet, importer: int) -> list[str]:
    found = []
    for number in range(shape.imports):
        at = shape.created(min((number + 1) * shape.rows_an_import, shape.count) - 1) + timedelta(seconds=1)
        values = [
            shape.first.operation + number,
            "import",
            importer,
            at.isoformat(),
            f"customers-{number + 1}.csv",
            "",
        ]
        found.append("\t".join(map(cell, values)) + sheet.tail)
    return found


def _batches(shape: Shape, batch: int, tails: Tails) -> Iterator[Lines]:
    """Made by another process while this one hands over the batch before."""
    bounds = list(pairwise([*range(0, shape.count, batch), shape.count]))
    if len(bounds) == 1:
        yield lines(shape, tails, 0, shape.count)
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        ahead: Future[Lines] = pool.submit(lines, shape, tails, *bounds[0])
        for following in [*bounds[1:], None]:
            made = ahead.result()
            if following:
                ahead = pool.submit(lines, shape, tails, *following)
            yield made


def _copy(sheet: Sheet, rows: list[str]) -> None:
    columns = ", ".join(map(connection.ops.quote_name, sheet.columns))
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {sheet.table} ({columns}) FROM STDIN") as copy,
    ):
        copy.write("".join(rows))


def _write_history(model: type[models.Model], shape: Shape, importer: int) -> None:
    """A '+' of each row by its import, as it was then, and a '~' of each that was edited, as it is now."""
    number = f"({'id' if model is Customer else 'customer_id'} - {shape.first.customer})"
    imported = f"{shape.first.operation} + {number} / {shape.rows_an_import}"
    as_imported = {
        "updated_at": "created_at",
        "last_operation_id": imported,
        "disabled_at": "NULL::timestamptz",
        "disabled_reason": "''",
    }
    _insert_history(model, shape, as_imported, ("created_at", "'+'", str(importer), imported), "true")
    edited = ("updated_at", "'~'", str(shape.users[0]), "last_operation_id")
    _insert_history(model, shape, {}, edited, f"last_operation_id >= {shape.first_edit}")


def _insert_history(
    model: type[models.Model], shape: Shape, changed: dict[str, str], told: tuple[str, ...], rows: str
) -> None:
    history = _history(model)
    columns = [str(field.column) for field in history.tracked_fields]
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    values = ", ".join(changed.get(column) or connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} "
            f"({quoted}, history_date, history_type, history_user_id, operation_id) "
            f"SELECT {values}, {', '.join(told)} FROM {model._meta.db_table} "
            f"WHERE tenant_id = {shape.tenant} AND {rows} ORDER BY id"
        )


def first_id(model: type[models.Model], wanted: int) -> int:
    """The first of `wanted` ids that no row has, reserved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(%s)", [sequence])
        first = int(cursor.fetchone()[0])
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + wanted])
    return first


def reserved(count: int, rows_an_import: int) -> Ids:
    """Ids for `count` customers and all their rows."""
    return Ids(
        customer=first_id(Customer, count),
        contact=first_id(Contact, count * MOST_CONTACTS),
        address=first_id(Address, count * MOST_ADDRESSES),
        operation=first_id(Operation, count + -(-count // rows_an_import)),
    )
