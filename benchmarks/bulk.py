"""A bulk edit and its undo, as a worker does them, against the bare statements for the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

from django.db import connection, transaction
from django.http import QueryDict

from benchmarks.asking import Visitor
from benchmarks.filling import BIG
from benchmarks.tables import Tell, header, line, middle
from customers.list import CUSTOMERS
from customers.models import Customer
from history.models import Operation
from history.tasks import take_back
from history.undo import undo_later
from lists.bulk import RowsAction
from lists.bulk_runs import Bulk, freeze
from lists.listing import Listing
from lists.tasks import carry_out
from marketing.models import Status
from tenants.database import as_owner

ROWS, ROUNDS = 10_000, 3
TO = "Former"  # the status that all get
COLUMNS = ("what", "rows", "seconds", "rows a second", "bare seconds", "ratio", "")

UPDATE = """
    UPDATE customers_customer SET status_id = given.status, updated_at = now(), last_operation_id = %s
    FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS status) AS given
    WHERE tenant_id = %s AND customers_customer.id = given.id
"""
INSERT = """
    INSERT INTO customers_historicalcustomer
        ({columns}, history_date, history_type, history_user_id, operation_id)
    SELECT {columns}, now(), '~', %s, %s FROM customers_customer WHERE tenant_id = %s AND id = ANY(%s)
"""


Done = TypeVar("Done")


class NotDone(Exception):
    """The operation did not do what was measured."""


@dataclass(frozen=True)
class Rows:
    """The chosen customers and the status of each."""

    ids: list[int]
    statuses: list[int | None]


def measure_bulk(tell: Tell, *, rows: int = ROWS, rounds: int = ROUNDS) -> dict[str, float]:
    """Prints a table; the ratios. In the end every row is as it was, but for its history."""
    big = Visitor.of(BIG)
    header(tell, "Bulk edit", COLUMNS)
    chosen, target = _choose(big, rows)
    measured = [_round(big, chosen, target) for _ in range(rounds)]
    _tidy_up()
    number = len(chosen.ids)
    found = {name: middle([one[name] for one in measured]) for name in measured[0]}
    tell(line(("select all, and the question", number, f"{found['question']:.2f}", "", "", "", "")))
    for name in ("edit", "undo"):
        taken, bare = found[name], found[f"bare {name}"]
        told = (f"{taken:.2f}", f"{number / taken:,.0f}", f"{bare:.2f}", f"{taken / bare:.2f}", "")
        tell(line((f"bulk {name}", number, *told)))
    return {name: found[name] / found[f"bare {name}"] for name in ("edit", "undo")}


def _round(visitor: Visitor, chosen: Rows, target: int) -> dict[str, float]:
    """Seconds of each part."""
    question, bulk = _timed(lambda: _ask(visitor, chosen, target))
    edit, operation = _timed(lambda: _edit(visitor, bulk, target))
    undo, _ = _timed(lambda: _undo(visitor, operation, len(chosen.ids)))
    bare_edit, _ = _timed(lambda: _bare(visitor, chosen.ids, [target] * len(chosen.ids)))
    bare_undo, _ = _timed(lambda: _bare(visitor, chosen.ids, chosen.statuses))
    return {
        "question": question,
        "edit": edit,
        "undo": undo,
        "bare edit": bare_edit,
        "bare undo": bare_undo,
    }


def _timed(work: Callable[[], Done]) -> tuple[float, Done]:
    started = perf_counter()
    done = work()
    return perf_counter() - started, done


def _choose(visitor: Visitor, rows: int) -> tuple[Rows, int]:
    """So many customers from all over the table that have another status, and the status that they get."""
    with visitor.inside():
        target = Status.objects.get(name=TO)
        others = list(Customer.objects.exclude(status=target).order_by("pk").values_list("pk", "status_id"))
    chosen = others[:: max(1, len(others) // rows)][:rows]
    return Rows([pk for pk, _ in chosen], [status for _, status in chosen]), target.pk


def _ask(visitor: Visitor, chosen: Rows, target: int) -> Bulk:
    """What happens until somebody sees the question: the selection is frozen, its rows are counted."""
    with visitor.inside():
        member = visitor.user.membership
        assert member
        action = next(one for one in CUSTOMERS.bulk() if one.key == "status")
        assert isinstance(action, RowsAction)
        selection = freeze(Listing(CUSTOMERS, visitor.user, QueryDict("state=all")), chosen.ids)
        bulk = Bulk(CUSTOMERS, action, selection, member)
        bulk.numbers({"status": str(target)})
        return bulk


def _edit(visitor: Visitor, bulk: Bulk, target: int) -> Operation:
    with visitor.inside():
        form = bulk.action.form({"status": str(target)}, bulk.by)
        if not form.is_valid():
            raise NotDone(str(form.errors))
        asked = bulk.start(form)
        assert asked
    if bulk.is_long:
        carry_out(tenant_id=visitor.company.pk, operation_id=asked.pk)
    return _done(visitor, asked, "changed", bulk.selection.number)


def _undo(visitor: Visitor, operation: Operation, rows: int) -> None:
    with visitor.inside(), transaction.atomic():
        asked = undo_later(operation, by=visitor.user)
    take_back(tenant_id=visitor.company.pk, operation_id=asked.pk)
    done = _done(visitor, asked, "kept", 0)
    if done.position != rows:
        raise NotDone(f"{done.position} of {rows} rows were taken back.")


def _done(visitor: Visitor, asked: Operation, counted: str, number: int) -> Operation:
    with visitor.inside():
        done = Operation.objects.get(pk=asked.pk)
    if done.state != Operation.State.DONE or done.counts.get(counted) != number:
        raise NotDone(f"{done.get_kind_display()} is {done.state}: {done.error} {done.counts}")
    return done


def _bare(visitor: Visitor, ids: list[int], statuses: Sequence[int | None]) -> None:
    """What the database needs at least: one UPDATE, and one INSERT of as many versions, in one transaction."""
    history: Any = Customer.history.model
    columns = ", ".join(f'"{field.column}"' for field in history.tracked_fields)
    company, user = visitor.company.pk, visitor.user.pk
    with visitor.inside(), connection.cursor() as cursor:
        running = Operation(kind=Operation.Kind.BULK_EDIT, by=visitor.user)
        running.save()
        cursor.execute(UPDATE, [running.pk, ids, list(statuses), company])
        cursor.execute(INSERT.format(columns=columns), [user, running.pk, company, ids])
        if cursor.rowcount != len(ids):
            raise NotDone(f"{cursor.rowcount} of {len(ids)} rows have a new version.")


def _tidy_up() -> None:
    """Ready for the next measurement."""
    with as_owner(), connection.cursor() as cursor:
        for table in ("customers_customer", "customers_historicalcustomer", "history_operation"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
