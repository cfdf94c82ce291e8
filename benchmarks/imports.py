"""An import as a worker does it, against COPY of the rows that it leaves, and against import-export's own engine.

A file of 20 columns makes as many customers, each with a primary contact and a billing address, and the history of
all three; another changes every tenth. Then both are undone, and the rows that were there are copied into the same
tables, as the role that owns them, and rolled back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from import_export.fields import Field as StockField
from import_export.resources import ModelResource
from openpyxl import Workbook
from tablib import Dataset

from benchmarks.asking import Visitor
from benchmarks.filling import SMALL
from benchmarks.own_process import Cost, work
from benchmarks.tables import Tell, header, line
from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from history.undo import undo_later
from imports import files, runs
from imports.fields import fields_for
from imports.matching import proposed
from imports.models import ImportRun, PlanRow
from tenants.database import as_owner

ROWS, STOCK_ROWS = 100_000, 500
COLUMNS = ("what", "rows", "seconds", "rows a second", "µs a row", "× COPY", "peak MB", "misses")
MOST, MEMORY, FASTER = 3.0, 300 * 2**20, 30.0  # goals: times COPY's, bytes, times the stock engine's speed
HEADS = [
    *("Customer name", "Kind", "Reference", "E-mail", "Phone", "Website", "Language", "Time zone"),
    *("Primary contact", "Contact job title", "Contact e-mail", "Contact phone"),
    *("Billing street", "Billing city", "Billing region", "Billing postal code", "Billing country"),
    *("Segment", "Status", "Attracting channel"),
]
PLACES = [
    ("Berlin", "12209", "DE", "+4930{:07}"),
    ("Paris", "75001", "FR", "+3314{:07}"),
    ("Milano", "20121", "IT", "+3902{:07}"),
    ("Madrid", "28001", "ES", "+3491{:07}"),
]
WRITTEN: tuple[Any, ...] = (Customer, Contact, Address)


class NotDone(Exception):
    """The import did not do what was measured."""


@dataclass(frozen=True)
class Imported:
    """What one import cost: reading the file, making its plan, carrying it out."""

    reading: Cost
    check: Cost
    run: Cost
    operation: Operation

    @property
    def seconds(self) -> float:
        return self.reading.seconds + self.check.seconds + self.run.seconds

    @property
    def peak(self) -> int:
        return max(self.reading.peak, self.check.peak, self.run.peak)


def sheet(rows: int, *, changed: bool = False, begun: str = "I") -> Iterator[list[str]]:
    """The file's rows; with `changed` every tenth has another phone number and another street."""
    yield HEADS
    for number in range(rows):
        city, postal_code, country, phone = PLACES[number % len(PLACES)]
        other = changed and number % 10 == 0
        name = f"Import {number:06} {'Group' if number % 3 == 0 else 'Works'}"
        yield [
            name, "company", f"{begun}-{number:06}", f"office@import{number:06}.example",
            phone.format(2_000_000 + number + (1_000_000 if other else 0)), f"https://import{number:06}.example",
            "de", "Europe/Berlin", f"Anna Berg{number:06}", "Buyer", f"anna.berg@import{number:06}.example",
            phone.format(3_000_000 + number), f"{'Other' if other else 'Main'} Street {number % 900 + 1}", city, "",
            postal_code, country, ("Small business", "Enterprise")[number % 2], "Active", "Website",
        ]  # fmt: skip


def _tenth(rows: int) -> int:
    return -(-rows // 10)


def measure_imports(tell: Tell, *, rows: int = ROWS) -> dict[str, float]:
    """Prints a table; the ratios. In the end every row is as it was, but for its history."""
    visitor = Visitor.of(SMALL)
    header(tell, f"Imports of {len(HEADS)} columns", COLUMNS)
    made = _import(visitor, rows, "created", rows)
    with TemporaryDirectory() as folder:
        copies = _dump(visitor, made.operation, Path(folder))
        undone = _undo(visitor, made.operation)
        copied = _copy(copies)
    again = _import(visitor, rows, "created", rows)
    changed = _import(visitor, rows, "updated", _tenth(rows), changed=True)
    back = _undo(visitor, changed.operation)
    workbook = _read_workbook(visitor, rows)
    stock = _stock(visitor, min(rows, STOCK_ROWS))
    _tidy_up(visitor)

    def told(name: str, seconds: float, number: int = rows, peak: int = 0, misses: str = "") -> None:
        rate, micro = f"{number / seconds:,.0f}", f"{seconds / number * 1e6:,.0f}"
        ratio = f"{(seconds / number) / (copied / rows):.2f}"
        megabytes = f"{peak / 2**20:.0f}" if peak else ""
        tell(line((name, f"{number:,}", f"{seconds:.2f}", rate, micro, ratio, megabytes, misses)))

    ratio = (made.check.seconds + made.run.seconds) / copied
    faster = (rows / made.seconds) / (min(rows, STOCK_ROWS) / stock)
    told("COPY of the same rows", copied)
    told("new: reading the file", made.reading.seconds, peak=made.reading.peak)
    told("a workbook with the same: reading", workbook.seconds, peak=workbook.peak)
    told("new: plan", made.check.seconds, peak=made.check.peak)
    told("new: run", made.run.seconds, peak=made.run.peak)
    slow = ", ".join(filter(None, ["ratio" if ratio > MOST else "", "memory" if made.peak > MEMORY else ""]))
    told("new: plan and run", made.check.seconds + made.run.seconds, peak=made.peak, misses=slow)
    repeated = again.check.seconds + again.run.seconds
    told("new, once more: plan and run", repeated, peak=again.peak)
    told("every tenth changed: plan", changed.check.seconds, peak=changed.check.peak)
    told("every tenth changed: run", changed.run.seconds, _tenth(rows), peak=changed.run.peak)
    told("every tenth changed: plan and run", changed.check.seconds + changed.run.seconds, peak=changed.peak)
    told("undo of the changes", back.seconds, _tenth(rows), peak=back.peak)
    told("undo of the new", undone.seconds, peak=undone.peak)
    told(
        "import-export's own engine",
        stock,
        min(rows, STOCK_ROWS),
        misses="" if faster >= FASTER else "ours is not 30 ×",
    )
    return {"plan and run": ratio, "faster than stock": faster}


def measure_one(tell: Tell, *, rows: int) -> None:
    """Prints a table of what one import takes, and its undo."""
    visitor = Visitor.of(SMALL)
    header(
        tell,
        f"One import of {len(HEADS)} columns",
        ("what", "rows", "seconds", "µs a row", "peak MB", "misses"),
    )
    made = _import(visitor, rows, "created", rows)
    undone = _undo(visitor, made.operation)
    for name, cost in (("reading", made.reading), ("plan", made.check), ("run", made.run), ("undo", undone)):
        micro, megabytes = f"{cost.seconds / rows * 1e6:,.0f}", f"{cost.peak / 2**20:.0f}"
        misses = "memory" if cost.peak > MEMORY else ""
        tell(line((name, f"{rows:,}", f"{cost.seconds:.1f}", micro, megabytes, misses)))
    _tidy_up(visitor)


def _read_workbook(visitor: Visitor, rows: int) -> Cost:
    """The same rows in a workbook, with shared texts as Excel writes them: what reading it takes."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in sheet(rows):
        page.append(row)
    data = io.BytesIO()
    book.save(data)
    started = perf_counter()
    with visitor.inside():
        run = runs.begin("benchmark.xlsx", [data.getvalue()], by=visitor.user)
    cost = Cost(perf_counter() - started, 0, 0)
    if run.reading is not None:
        cost = _work(visitor, "imports.tasks.read_file", run.reading)
    with visitor.inside():
        read = ImportRun.objects.get(pk=run.pk)
        if read.found is None or read.found["rows"] != rows:
            raise NotDone(f"The workbook was not read: {read.found}")
        runs.discard(read, by=read.by)
    return cost


def _import(visitor: Visitor, rows: int, counted: str, number: int, *, changed: bool = False) -> Imported:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(sheet(rows, changed=changed))
    started = perf_counter()
    with visitor.inside():
        run = runs.begin("benchmark.csv", [text.getvalue().encode()], by=visitor.user)
    reading = Cost(perf_counter() - started, 0, 0)
    if run.reading is not None:
        reading = _work(visitor, "imports.tasks.read_file", run.reading)
    with visitor.inside():
        run = ImportRun.objects.get(pk=run.pk)
        asked = runs.check(run, proposed(run, visitor.user), by=visitor.user)
    check = _work(visitor, "imports.tasks.check_rows", asked)
    with visitor.inside():
        asked = runs.approve(run, by=visitor.user)
    carried = _work(visitor, "imports.tasks.carry_out", asked)
    with visitor.inside():
        done = Operation.objects.get(pk=asked.pk)
        PlanRow.objects.filter(run=run).delete()
    files.remove(run)
    if done.state != Operation.State.DONE or done.counts[counted] != number:
        raise NotDone(f"{done.state}: {done.counts} {done.error}")
    return Imported(reading, check, carried, done)


def _work(visitor: Visitor, task: str, asked: Operation) -> Cost:
    """Done by a worker's process."""
    return work(task, visitor.company.pk, asked.pk)


def _undo(visitor: Visitor, done: Operation) -> Cost:
    with visitor.inside():
        asked = undo_later(done, by=visitor.user)
    cost = _work(visitor, "history.tasks.take_back", asked)
    with visitor.inside():
        undone = Operation.objects.get(pk=asked.pk)
    if undone.state != Operation.State.DONE or undone.counts.get("kept"):
        raise NotDone(f"The undo is {undone.state}: {undone.counts.get('kept')} kept. {undone.error}")
    return cost


def _tables(done: Operation) -> Iterator[tuple[str, str, str]]:
    """Of each table that the import wrote: its name, the columns that are copied, and which rows."""
    for model in WRITTEN:
        columns = [one for one in model._meta.concrete_fields if not one.generated]
        yield model._meta.db_table, _list(columns), f"last_operation_id = {done.pk}"
        history = model.history.model
        columns = [one for one in history._meta.concrete_fields if not one.primary_key]
        yield history._meta.db_table, _list(columns), f"operation_id = {done.pk}"


def _list(columns: list[Any]) -> str:
    return ", ".join(connection.ops.quote_name(one.column) for one in columns)


def _dump(visitor: Visitor, done: Operation, folder: Path) -> list[tuple[str, str, Path]]:
    """The rows that the import made, as COPY writes them."""
    found = []
    with visitor.inside(), connection.cursor() as cursor:
        for table, columns, rows in _tables(done):
            path = folder / table
            query = f"COPY (SELECT {columns} FROM {table} WHERE tenant_id = {done.tenant_id} AND {rows}) TO STDOUT"
            with path.open("wb") as file, cursor.copy(query) as copy:
                for piece in copy:
                    file.write(piece)
            found.append((table, columns, path))
    return found


def _copy(copies: list[tuple[str, str, Path]]) -> float:
    """Seconds to copy those rows into their tables. As the owner, whom row-level security lets copy."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        started = perf_counter()
        for table, columns, path in copies:
            with path.open("rb") as file, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                while piece := file.read(1 << 20):
                    copy.write(piece)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = perf_counter() - started
        transaction.set_rollback(True)
    return taken


class Stock(ModelResource):  # type: ignore[misc]  # untyped library
    """As import-export does it by itself: row by row, each saved with its history."""

    class Meta:
        model = Customer
        fields = ()
        import_id_fields = ("reference",)
        use_transactions = True
        skip_diff = True

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """By the column that has an index; the library would ask for the reference as it is written."""
        return Customer.objects.by_reference(row["reference"]).first()

    def after_import(self, dataset: Any, result: Any, **options: Any) -> None:
        """The library resets sequences here, which only the owner of the tables may."""


def _stock(visitor: Visitor, rows: int) -> float:
    with visitor.inside():
        fields = fields_for(visitor.user)
        by_label = {one.column.label: one for one in fields.values()}
        given = [by_label[head] for head in HEADS]
        beside = [(one, one.part.model) for one in given if one.part is not None]

        class Resource(Stock):
            def after_save_instance(self, instance: Customer, row: Any, **options: Any) -> None:
                for model, flag in ((Contact, "is_primary"), (Address, "is_billing")):
                    values = {
                        one.attribute: one.widget.clean(row[one.key])
                        for one, of in beside
                        if of is model and row[one.key]
                    }
                    model.objects.create(customer=instance, **{flag: True}, **values)

        resource = Resource()
        resource.fields = {
            one.key: StockField(attribute=one.attribute, column_name=one.key, widget=one.widget)
            for one in given
            if one.part is None
        }
        dataset = Dataset(*list(sheet(rows, begun="S"))[1:], headers=[one.key for one in given])
        started = perf_counter()
        with transaction.atomic():
            with operation(Operation.Kind.IMPORT, by=visitor.user):
                result = resource.import_data(dataset, raise_errors=True)
            taken = perf_counter() - started
            transaction.set_rollback(True)
        if result.totals["new"] != rows:
            raise NotDone(f"import-export imported {dict(result.totals)}")
    return taken


def _tidy_up(visitor: Visitor) -> None:
    """Ready for the next measurement: the rows are gone, and what they left."""
    with as_owner(), connection.cursor() as cursor:
        mine = f"SELECT id FROM customers_customer WHERE tenant_id = {visitor.company.pk} AND reference_key ^@ 'i-'"
        for table in ("contacts_contact", "contacts_address"):
            cursor.execute(f"DELETE FROM {table} WHERE customer_id IN ({mine})")
        cursor.execute(f"DELETE FROM customers_customer WHERE id IN ({mine})")
        for model in (*WRITTEN, PlanRow, Operation):
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
