"""Importing customers from a file: what it would do, and doing it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from tablib import Dataset

from customers.import_fields import importable_columns
from customers.matching import ROW
from customers.outcome import ImportOutcome, Remark
from customers.resources import CustomerResource, Problems
from history.models import Operation
from history.operations import operation
from lists.files import read_sheet
from lists.mapping import Mapping as Headings
from lists.mapping import match_headings
from lists.sheets import FileRefused, Sheet
from lists.widgets import shortened
from tenants.context import require_tenant_id
from tenants.models import Tenant, User


def plan_import(data: bytes, *, by: User, file_name: str) -> ImportOutcome:
    """What `import_customers` would do with the file; nothing is written. Raises FileRefused."""
    return _import(data, by=by, for_writing=False, leave_bad_rows_out=True)


def import_customers(
    data: bytes, *, by: User, file_name: str, leave_bad_rows_out: bool = False
) -> ImportOutcome:
    """Bring the customers of a CSV or XLSX file into the active tenant, as one operation of `by`.

    Nothing is written unless every row is good or `leave_bad_rows_out` is set. Raises FileRefused for a file
    that can't be read at all, and for one whose references somebody else added at the same moment.
    """
    with transaction.atomic():
        with operation(Operation.Kind.IMPORT, by=by, source=file_name) as running:
            outcome = _import(data, by=by, for_writing=True, leave_bad_rows_out=leave_bad_rows_out)
            if outcome.written:
                running.keep(
                    rows=outcome.rows,
                    created=outcome.created,
                    updated=outcome.updated,
                    unchanged=outcome.unchanged,
                    failed=outcome.failed,
                    warnings=len(outcome.warnings),
                )
        if not outcome.written:
            transaction.set_rollback(True)
    return outcome


def _import(data: bytes, *, by: User, for_writing: bool, leave_bad_rows_out: bool) -> ImportOutcome:
    country = Tenant.objects.values_list("country", flat=True).get(pk=require_tenant_id())
    sheet = read_sheet(data, country=country)
    headings = match_headings(sheet.headers, importable_columns(by))
    _refuse_unknown_heading(sheet, headings)
    resource = CustomerResource(
        by=by,
        keys=[column.key for column in headings.columns.values()],
        problems=_problems(sheet, headings),
        for_writing=for_writing,
    )
    result = resource.import_data(
        _dataset(sheet, headings),
        dry_run=not for_writing,
        rollback_on_validation_errors=not leave_bad_rows_out,
    )
    if result.base_errors:
        raise FileRefused(
            "Somebody else added or changed one of these customers at the same moment. "
            "Nothing was imported; upload the file again."
        )
    outcome = _outcome(sheet, headings, result, resource)
    outcome.written = for_writing and outcome.changing > 0 and (leave_bad_rows_out or not outcome.failed)
    return outcome


def _refuse_unknown_heading(sheet: Sheet, headings: Headings) -> None:
    found = ", ".join(f"“{shortened(heading, 30)}”" for heading in sheet.headers[:12])
    if not headings.columns:
        raise FileRefused(
            f"No column was recognised in the first row: {found}. The first row must name the columns, "
            "such as Customer name, Reference, E-mail."
        )
    if "name" not in headings.keys:
        raise FileRefused(
            f"No column holds the customers' names; the first row has {found}. "
            "Give the column of the names the heading Customer name."
        )


def _problems(sheet: Sheet, headings: Headings) -> Problems:
    problems: Problems = {}
    for row in sheet.rows:
        for position, message in row.problems.items():
            if position is None:
                problems.setdefault(row.number, {})[""] = message
            elif position in headings.columns:
                problems.setdefault(row.number, {})[headings.columns[position].key] = message
    return problems


def _dataset(sheet: Sheet, headings: Headings) -> Dataset:
    """The recognised columns."""
    dataset = Dataset(headers=[ROW, *(column.key for column in headings.columns.values())])
    for row in sheet.rows:
        dataset.append([row.number, *(row.cells[position] for position in headings.columns)])
    return dataset


def _outcome(sheet: Sheet, headings: Headings, result: Any, resource: CustomerResource) -> ImportOutcome:
    totals = result.totals
    return ImportOutcome(
        rows=len(sheet.rows),
        created=totals["new"],
        updated=totals["update"],
        unchanged=totals["skip"],
        failed=totals["invalid"],
        errors=_errors(sheet, headings, result, resource),
        warnings=_warnings(sheet, headings, resource),
        changes=[row.change for row in result.rows if hasattr(row, "change")],
        columns=[(sheet.headers[position], column.label) for position, column in headings.columns.items()],
        defaults=resource.shown_defaults(),
        ignored_columns=headings.ignored,
        notices=[*sheet.notices, *headings.notices],
    )


def _errors(sheet: Sheet, headings: Headings, result: Any, resource: CustomerResource) -> list[Remark]:
    found = [
        (invalid.number - 1, key, message)
        for invalid in result.invalid_rows
        for key, messages in invalid.error_dict.items()
        for message in messages
    ]
    return _remarks(found, sheet, headings, resource)


def _warnings(sheet: Sheet, headings: Headings, resource: CustomerResource) -> list[Remark]:
    positions = {row.number: position for position, row in enumerate(sheet.rows)}
    found = [(positions[number], key, message) for number, key, message in resource.warnings]
    return _remarks(found, sheet, headings, resource)


def _remarks(
    found: list[tuple[int, str, str]], sheet: Sheet, headings: Headings, resource: CustomerResource
) -> list[Remark]:
    """For people: from position of the row, column key and message."""
    positions = {column.key: position for position, column in headings.columns.items()}
    remarks = []
    for place, key, message in found:
        row = sheet.rows[place]
        label = "" if key in ("", NON_FIELD_ERRORS) else resource.fields[key].column.label
        value = row.cells[positions[key]] if key in positions else ""
        remarks.append(Remark(row.number, label, shortened(value), message))
    return remarks
