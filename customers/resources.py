"""Customers as import-export sees them: fields made of the column groups, on its engine made safe."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from import_export.fields import Field
from import_export.resources import ModelResource
from tablib import Dataset

from customers.matching import ROW, CustomerLoader, identity
from customers.models import Customer
from customers.outcome import Change, ImportOutcome, RowChange, RowError
from history.models import Operation
from history.operations import operation
from lists.cells_text import unescape
from lists.columns import Column, customer_groups, flatten
from lists.files import read_sheet
from lists.mapping import Mapping as Headings
from lists.mapping import match_headings, plain
from lists.sheets import FileRefused, Sheet
from lists.widgets import shortened
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id
from tenants.fields import tidy
from tenants.models import Tenant, User

BLANK_WORDS = ("NULL", "N/A", "-")
COUNTRY = "country"
COUNTRY_HEADINGS = {"country", "countrycode", "billingcountry", "land", "pays", "pais"}
Values = dict[str, Any]
Problems = dict[int, dict[str, str]]  # by row and column key ('' for the row as a whole)


def importable_columns() -> list[Column]:
    return [column for column in flatten(customer_groups()).values() if column.widget is not None]


def is_blank(cell: str) -> bool:
    """Whether the cell says nothing: such a cell leaves a customer's value as it is."""
    word = cell.strip()
    return not word or word.upper() in BLANK_WORDS


class ColumnField(Field):  # type: ignore[misc]  # untyped library
    """The field of one column. References to other rows are kept as ids, so that nothing is fetched per row."""

    def __init__(self, column: Column) -> None:
        if column.widget is None:
            raise ValueError(f"The column {column.key!r} is not imported: it has no widget.")
        self.column = column
        self.name = column.attribute
        attribute = Customer._meta.get_field(column.attribute).attname  # type: ignore[union-attr]
        super().__init__(attribute=attribute, column_name=column.key, widget=column.widget())

    def save(self, instance: Customer, row: Values, is_m2m: bool = False, **options: Any) -> None:
        """Raises ValueError for a cell that can't be used. One that shows what is there already changes nothing."""
        present = self.get_value(instance)
        if tidy(unescape(row[self.column_name])) == self.shown(present):
            return
        value = self.clean(row, **options)
        if value == present:
            return
        if reason := self.widget.refusal(value):
            raise ValueError(reason)
        setattr(instance, self.attribute, value)

    def shown(self, value: Any) -> str:
        return str(self.widget.render(value))


class CustomerResource(ModelResource):  # type: ignore[misc]  # untyped library
    """Imports rows of text into customers of the active tenant, in one transaction.

    A blank cell keeps what the customer has; a new customer starts with the tenant's defaults. Rows are checked
    one by one and written set-based, with their history; a dry run writes nothing at all.
    """

    fields: dict[str, ColumnField]

    class Meta:
        model = Customer
        fields = ()
        use_bulk = True
        batch_size = 1000
        use_transactions = True
        skip_unchanged = True
        skip_diff = True  # the stock one copies every customer and fetches what it refers to
        instance_loader_class = CustomerLoader

    def __init__(self, *, by: User, keys: Collection[str], problems: Problems, for_writing: bool) -> None:
        super().__init__()
        self.keys = keys  # the columns that the file has
        self.problems = problems
        self.for_writing = for_writing
        self.fields = {column.key: ColumnField(column) for column in importable_columns()}
        self.mandatory = Tenant.objects.get(pk=require_tenant_id()).mandatory_fields
        self.defaults = {
            "segment": Segment.default(),
            "status": Status.default(),
            "channel": Channel.default(),
            "responsible_manager": by.membership,
        }
        self.instance = Customer()
        self.before: dict[str, Any] = {}
        self.changed: set[str] = set()  # fields of the model that a row changes on a customer who is there

    # Which customer a row stands for

    def identity(self, row: Values) -> tuple[str, str, str]:
        return identity(*(self._text(row, key) for key in ("reference", "email", "name")))

    def _text(self, row: Values, key: str) -> str:
        cell = row.get(key, "")
        return "" if is_blank(cell) else unescape(cell)

    def is_as_in(self, row: Values, customer: Customer) -> bool:
        """Whether each cell is what the customer has; a blank one means nothing."""
        return all(
            tidy(self._text(row, key)) == self.fields[key].shown(self.fields[key].get_value(customer))
            for key in self.keys
        )

    def get_instance(self, instance_loader: CustomerLoader, row: Values) -> Customer | None:
        return instance_loader.get_instance(row)

    def init_instance(self, row: Values | None = None) -> Customer:
        return Customer(**self.defaults)

    # One row

    def before_import_row(self, row: Values, **options: Any) -> None:
        if problem := self.problems.get(row[ROW], {}).get(""):
            raise ValidationError(problem)

    def after_init_instance(self, instance: Customer, new: bool, row: Values, **options: Any) -> None:
        self.instance = instance
        self.before = {key: None if new else field.get_value(instance) for key, field in self.fields.items()}

    def import_instance(self, instance: Customer, row: Values, **options: Any) -> None:
        """Raises ValidationError with every wrong cell of the row."""
        errors: dict[str, Any] = dict(self.problems.get(row[ROW], {}))
        for key in self.keys:
            if key in errors or is_blank(row[key]):
                continue
            try:
                self.fields[key].save(instance, row)
            except ValueError as error:
                errors[key] = str(error)
        if instance.pk is None:
            errors |= self._missing(instance, errors)
        if errors:
            raise ValidationError(errors)

    def _missing(self, instance: Customer, errors: Mapping[str, Any]) -> dict[str, str]:
        """What a new customer must have and hasn't: its name, and what the company has made mandatory."""
        return {
            key: "This is mandatory, and the file has no value for it. Fill it in."
            for key, field in self.fields.items()
            if (field.column.mandatory or field.name in self.mandatory)
            and key not in errors
            and field.get_value(instance) in (None, "")
        }

    def skip_row(
        self, instance: Customer, original: None, row: Values, import_validation_errors: Any = None
    ) -> bool:
        return not import_validation_errors and instance.pk is not None and not self.changes()

    def changes(self) -> tuple[Change, ...]:
        """What the row changes; of a new customer what the file says of it besides the name."""
        found = []
        for key in self.keys:
            field = self.fields[key]
            if self.instance.pk is None and key == "name":
                continue
            old, new = self.before[key], field.get_value(self.instance)
            if old != new and (old, new) != (None, ""):
                if self.instance.pk is not None:
                    self.changed.add(field.name)
                found.append(Change(field.column.label, field.shown(old), field.shown(new)))
        return tuple(found)

    def validate_instance(
        self, instance: Customer, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The model's own checks of what came from the file. References to other rows are seen to by their
        widgets and uniqueness by the loader, which ask the database once instead of once per row.

        Raises ValidationError.
        """
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        plain = {
            self.fields[key].name for key in self.keys if self.fields[key].name == self.fields[key].attribute
        }
        instance.clean_fields(exclude={field.name for field in Customer._meta.fields} - plain)

    def shown_defaults(self) -> list[tuple[str, str]]:
        """What a new customer gets where the file says nothing."""
        fresh = self.init_instance()
        values = [(field.column.label, field.shown(field.get_value(fresh))) for field in self.fields.values()]
        return [(label, value) for label, value in values if value]

    def import_row(self, row: Values, instance_loader: CustomerLoader, **options: Any) -> Any:
        result = super().import_row(row, instance_loader, **options)
        if result.errors:  # bad values are validation errors; this is a fault of ours
            raise result.errors[0].error
        return result

    def after_import_row(self, row: Values, row_result: Any, **options: Any) -> None:
        if not row_result.is_skip():
            row_result.change = RowChange(
                row[ROW], self.instance.name, row_result.is_new(), self.changes(), self.instance.pk
            )

    # All rows

    def bulk_create(self, using_transactions: bool, dry_run: bool, *args: Any, **options: Any) -> None:
        if dry_run:
            self.create_instances.clear()
        super().bulk_create(using_transactions, dry_run, *args, **options)

    def bulk_update(self, using_transactions: bool, dry_run: bool, *args: Any, **options: Any) -> None:
        if dry_run:
            self.update_instances.clear()
        super().bulk_update(using_transactions, dry_run, *args, **options)

    def get_bulk_update_fields(self) -> list[str]:
        return sorted(self.changed)

    def handle_import_error(self, result: Any, error: Exception, raise_errors: bool = False) -> None:
        """Somebody may have added one of the references meanwhile; anything else is a fault of ours."""
        if not isinstance(error, IntegrityError):
            raise error
        super().handle_import_error(result, error, raise_errors)

    def after_import(self, dataset: Any, result: Any, **options: Any) -> None:
        """The stock engine resets sequences here, which only the owner of the tables may."""


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
                )
        if not outcome.written:
            transaction.set_rollback(True)
    return outcome


def _import(data: bytes, *, by: User, for_writing: bool, leave_bad_rows_out: bool) -> ImportOutcome:
    country = Tenant.objects.values_list("country", flat=True).get(pk=require_tenant_id())
    sheet = read_sheet(data, country=country)
    headings = match_headings(sheet.headers, importable_columns())
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
            "Somebody else added a customer with one of these references at the same moment. "
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
    """The recognised columns, and the row's country, which tells how to read its phone number."""
    country = next((i for i, heading in enumerate(sheet.headers) if plain(heading) in COUNTRY_HEADINGS), None)
    dataset = Dataset(headers=[ROW, COUNTRY, *(column.key for column in headings.columns.values())])
    for row in sheet.rows:
        named = "" if country is None or is_blank(row.cells[country]) else row.cells[country]
        dataset.append([row.number, named, *(row.cells[position] for position in headings.columns)])
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
        changes=[row.change for row in result.rows if hasattr(row, "change")],
        columns=[(sheet.headers[position], column.label) for position, column in headings.columns.items()],
        defaults=resource.shown_defaults(),
        ignored_columns=headings.ignored,
        notices=[*sheet.notices, *headings.notices],
    )


def _errors(sheet: Sheet, headings: Headings, result: Any, resource: CustomerResource) -> list[RowError]:
    positions = {column.key: position for position, column in headings.columns.items()}
    errors = []
    for invalid in result.invalid_rows:
        row = sheet.rows[invalid.number - 1]
        for key, messages in invalid.error_dict.items():
            whole = key in ("", NON_FIELD_ERRORS)
            label = "" if whole else resource.fields[key].column.label
            value = row.cells[positions[key]] if key in positions else ""
            errors += [RowError(row.number, label, shortened(value), message) for message in messages]
    return errors
