"""Carrying a plan out, a batch of its rows at a time: set-based, from the plan's rows into the tables.

Of each model two statements for a batch: one makes what is new, one changes what is there. History is written as
always (history.records). What somebody changed since the plan was made is left alone and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, models
from django.db.models import Model

from history.models import Operation
from history.records import record_history
from imports.drafting import displaced, label
from imports.models import ImportRun, PlanRow
from imports.moved import moved
from imports.subjects import SUBJECTS
from lists.widgets import shortened

Outcome = PlanRow.Outcome
MANAGED = ("id", "tenant_id", "last_operation_id", "created_at", "updated_at")


@dataclass(frozen=True)
class Table:
    """A model as a plan writes it, under that label. `new` are the columns that the plan's new rows may hold,
    `changed` those of rows that are there; both without the managed ones."""

    model: type[Model]
    label: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def _fields(self, names: Iterable[str]) -> list[Any]:
        known = {one.attname: one for one in self.model._meta.concrete_fields}
        return [known[name] for name in names]

    @property
    def _rest(self) -> list[Any]:
        """What the plan's new rows never hold, and the database has no value for by itself."""
        return [
            one
            for one in self.model._meta.concrete_fields
            if one.attname not in {*MANAGED, *self.new} and not one.generated and not one.has_db_default()
        ]

    def insert(self) -> str:
        """Makes the new ones; gives back their ids."""
        fields, rest = self._fields(self.new), self._rest
        columns = [*map(connection.ops.quote_name, MANAGED), *map(_quoted, [*fields, *rest])]
        managed = ["r.id", "%(tenant)s", "%(operation)s", "now()", "now()"]
        values = [*managed, *map(_or_start, fields), *map(_start, rest)]
        return (
            f"INSERT INTO {self.name} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM {_batch(fields)} AND r.new RETURNING id"
        )

    def update(self) -> str:
        """Changes those that are there; gives back their ids."""
        fields = self._fields(self.changed)
        sets = [
            f"{_quoted(one)} = CASE WHEN batch.writes ? '{one.attname}' THEN batch.{_quoted(one)}"
            f" ELSE here.{_quoted(one)} END"
            for one in fields
        ]
        return (
            f"UPDATE {self.name} AS here SET {', '.join(sets)}, last_operation_id = %(operation)s, updated_at = now()"  # noqa: S608
            f" FROM (SELECT plan.writes->%(label)s AS writes, r.* FROM {_batch(fields)} AND NOT r.new) AS batch"
            " WHERE here.tenant_id = %(tenant)s AND here.id = batch.id RETURNING here.id"
        )

    def write(self, values: dict[str, Any]) -> None:
        values = {**values, **self._starts(), "label": self.label}
        with connection.cursor() as cursor:
            for columns, statement, kind in ((self.new, self.insert, "+"), (self.changed, self.update, "~")):
                if columns:
                    cursor.execute(statement(), values)
                    record_history(self.model, [pk for (pk,) in cursor.fetchall()], kind)

    def _starts(self) -> dict[str, Any]:
        """What a new row has where its plan says nothing."""
        fields = [*self._rest, *(one for one in self._fields(self.new) if not one.null)]
        return {f"start_{one.attname}": one.get_db_prep_save(one.get_default(), connection) for one in fields}


def _batch(fields: Iterable[Any]) -> str:
    """The plan's rows that are written now, and of each what it says of a model as typed columns."""
    typed = [f"{_quoted(one)} {one.db_type(connection)}" for one in fields]
    return (
        "imports_planrow AS plan,"
        f" jsonb_to_record(plan.writes->%(label)s) AS r({', '.join(['id bigint', 'new boolean', *typed])})"
        " WHERE plan.tenant_id = %(tenant)s AND plan.run_id = %(run)s AND plan.number = ANY(%(numbers)s)"
        " AND plan.writes ? %(label)s"
    )


def _start(field: models.Field[Any, Any]) -> str:
    return f"%(start_{field.attname})s::{field.db_type(connection)}"


def _or_start(field: models.Field[Any, Any]) -> str:
    """What the plan's row says; where that is nothing, what a new row has anyway."""
    return f"r.{_quoted(field)}" if field.null else f"coalesce(r.{_quoted(field)}, {_start(field)})"


def _quoted(field: models.Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def tables(columns: dict[str, dict[str, list[str]]], known: Iterable[type[Model]]) -> list[Table]:
    """Those that a plan writes to, in the order in which rows need each other. `columns` is ImportRun.plan's."""
    return [
        Table(model, key, tuple(written.get("new", ())), tuple(written.get("changed", ())))
        for model in known
        for key in (displaced(model), label(model))
        if (written := columns.get(key))
    ]


def write_rows(run: ImportRun, running: Operation, numbers: Sequence[int], into: Sequence[Table]) -> None:
    """Carry out those rows of the plan, inside the operation. Raises IntegrityError where the database refuses one."""
    values: dict[str, Any] = {
        "tenant": running.tenant_id,
        "operation": running.pk,
        "run": run.pk,
        "numbers": list(numbers),
    }
    left_out = moved(values, into, SUBJECTS[run.subject].entry)
    leave_out(run, left_out)
    values["numbers"] = [number for number in numbers if number not in left_out]
    for table in into:
        table.write(values)


_LEAVE_OUT = """
UPDATE imports_planrow AS plan SET outcome = left_out.outcome, reason = left_out.reason
FROM unnest(%(numbers)s::integer[], %(outcomes)s::text[], %(reasons)s::text[]) AS left_out(number, outcome, reason)
WHERE plan.tenant_id = %(tenant)s AND plan.run_id = %(run)s AND plan.number = left_out.number
"""


def leave_out(run: ImportRun, reasons: dict[int, tuple[str, str]]) -> None:
    """Those rows are not carried out: outcome and reason by the row's number."""
    if not reasons:
        return
    outcomes, words = zip(*reasons.values(), strict=True)
    values = {"numbers": list(reasons), "outcomes": list(outcomes), "reasons": list(words)}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE_OUT, {**values, "tenant": run.tenant_id, "run": run.pk})


# The plan's rows

_STAGING = """
CREATE TEMP TABLE imports_staged (
    number integer, action text, name text, customer_id bigint, seen bigint, key text,
    diff jsonb, writes jsonb, problems jsonb, warnings jsonb
) ON COMMIT DROP
"""


def _json(value: Any) -> str:
    """Days become text, as Postgres reads them."""
    return orjson.dumps(value).decode()


_COLUMNS = "number, action, name, customer_id, seen, key, diff, writes, problems, warnings"


def keep_rows(run: ImportRun, drafts: Iterable[Any]) -> None:
    """Add rows to the plan. COPY is refused where row-level security is, so they go through a table of our own."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.imports_staged")
        cursor.execute(_STAGING)
        staged = f"COPY pg_temp.imports_staged ({_COLUMNS}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(staged) as copy:
            for draft in drafts:
                told = (draft.number, draft.action, draft.name, draft.customer_id, draft.seen)
                diff = _json(draft.diff) if draft.diff else "[]"
                remarks = (_remarks(draft.problems), _remarks(draft.warnings))
                copy.write_row((*told, draft.key, diff, _json(draft.writes), *remarks))
        cursor.execute(
            f"INSERT INTO imports_planrow (tenant_id, run_id, {_COLUMNS}, outcome, reason)"  # noqa: S608
            f" SELECT %s, %s, {_COLUMNS}, '', '' FROM pg_temp.imports_staged ORDER BY number",
            [run.tenant_id, run.pk],
        )


def _remarks(told: Sequence[tuple[str, str, str]]) -> str:
    """With as much of each cell as people need; not everything that a file holds can be kept."""
    return _json([(key, shortened(cell), message) for key, cell, message in told]) if told else "[]"
