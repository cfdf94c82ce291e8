"""Exports as a worker writes them, against COPY of the same query."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from django.db import connection
from django.http import QueryDict

from benchmarks.asking import Visitor
from benchmarks.filling import BIG
from benchmarks.own_process import Cost, work
from benchmarks.tables import Tell, header, line
from customers.list import CUSTOMERS
from history.models import Operation
from lists import exporting
from lists.export_files import path_of
from lists.listing import Listing
from lists.models import Export, Layout

ROWS = 100_000
DIGITS = 6  # of a reference
MOST = 150 * 2**20  # bytes of memory, a goal
GOALS = {Layout.Format.CSV: 3.0, Layout.Format.XLSX: 10.0}  # times COPY's
COLUMNS = (
    "export",
    "rows",
    "seconds",
    "rows a second",
    "COPY seconds",
    "ratio",
    "MB",
    "idle MB",
    "peak MB",
    "misses",
)
KEYS = [
    *("name", "reference", "kind", "email", "phone", "website", "language", "segment", "status", "channel"),
    *("responsible_manager", "created_at", "updated_at", "contact_name", "contact_email", "contact_phone"),
    *("billing_street", "billing_postal_code", "billing_city", "billing_country"),
]


class NotWritten(Exception):
    """The export failed, or wrote another number of rows than it promised."""


@dataclass(frozen=True)
class Exported:
    """One export: what it cost, how long COPY took for the same query, and the file."""

    format: Layout.Format
    rows: int
    bytes: int
    cost: Cost
    copy: float

    @property
    def ratio(self) -> float:
        return self.cost.seconds / self.copy

    @property
    def misses(self) -> str:
        slow = self.ratio > GOALS.get(self.format, self.ratio)
        return ", ".join(filter(None, ["ratio" if slow else "", "memory" if self.cost.peak > MOST else ""]))

    @property
    def cells(self) -> list[object]:
        rate, sizes = f"{self.rows / self.cost.seconds:,.0f}", (self.bytes, self.cost.idle, self.cost.peak)
        megabytes = [f"{size / 2**20:.0f}" for size in sizes]
        times = [f"{self.cost.seconds:.2f}", rate, f"{self.copy:.2f}", f"{self.ratio:.2f}"]
        return [self.format.label, f"{self.rows:,}", *times, *megabytes, self.misses]


def measure_exports(
    tell: Tell, *, rows: int = ROWS, formats: tuple[Layout.Format, ...] = tuple(Layout.Format)
) -> list[Exported]:
    """Prints a table as it goes."""
    big = Visitor.of(BIG)
    header(tell, f"Exports of {len(KEYS)} columns", COLUMNS)
    found = []
    for kind in formats:
        found.append(_measure(big, kind, query(rows)))
        tell(line(found[-1].cells))
    return found


def query(rows: int) -> str:
    """The list's query for about so many customers, by reference: those of the first numbers."""
    zeros = DIGITS - (len(str(rows)) - 1)
    narrowed = f"&reference=starts:c-{'0' * zeros}" if zeros > 0 else ""
    return f"state=all&sort=reference{narrowed}"


def _measure(visitor: Visitor, kind: Layout.Format, asked: str) -> Exported:
    _copy(visitor, asked)  # so that neither finds the rows colder than the other
    copied = _copy(visitor, asked)
    export = _ask(visitor, kind, asked)
    cost = work("lists.tasks.write_export", visitor.company.pk, export.operation_id)
    with visitor.inside():
        export = Export.objects.select_related("operation").get(pk=export.pk)
        done = export.operation
        if done.state != Operation.State.DONE or export.rows != done.total or not export.size:
            raise NotWritten(f"{done.state}: {export.rows} of {done.total} rows. {done.error}")
        path_of(str(export.file.name)).unlink()
    return Exported(kind, done.position, export.size, cost, (copied + _copy(visitor, asked)) / 2)


def _source(visitor: Visitor, asked: str) -> exporting.Source:
    return exporting.Source(Listing(CUSTOMERS, visitor.user, QueryDict(asked)))


def _ask(visitor: Visitor, kind: Layout.Format, asked: str) -> Export:
    with visitor.inside():
        export = Export(list=CUSTOMERS.name, query=asked, columns=KEYS, format=kind, name=f"benchmark.{kind}")
        return exporting.ask(export, _source(visitor, asked), by=visitor.user)


def _copy(visitor: Visitor, asked: str) -> float:
    """Seconds until the database has handed over all rows, which nobody looks at."""
    with visitor.inside():
        source = _source(visitor, asked)
        columns = [source.listing.columns[key] for key in KEYS]
        sql, params = source.values(columns).query.get_compiler(connection=connection).as_sql()
        with connection.cursor() as cursor:
            started = perf_counter()
            with cursor.copy(f"COPY ({sql}) TO STDOUT", params) as copy:
                for _ in copy:
                    pass
            return perf_counter() - started
