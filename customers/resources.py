"""Customers as import-export sees them: fields made of the column groups, on its engine made safe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from import_export.resources import ModelResource

from customers.import_fields import Beside, ColumnField, PartsToWrite, Values, column_fields, is_blank
from customers.matching import ROW, CustomerLoader, identity
from customers.models import Customer
from customers.outcome import Change, RowChange
from lists.cells_text import unescape
from lists.parts import Part
from lists.widgets import COUNTRY
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id
from tenants.models import Tenant, User

Problems = dict[int, dict[str, str]]  # by row and column key ('' for the row as a whole)


class CustomerResource(ModelResource):  # type: ignore[misc]  # untyped library
    """Imports rows of text into customers of the active tenant, and into the rows beside them, in one transaction.

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
        self.fields = column_fields(by)
        self.own = {key: field for key, field in self.fields.items() if field.part is None}
        self.filled = {key: field for key, field in self.own.items() if key in keys}
        self.parts = self._parts()
        self.present: dict[Part, dict[int, Any]] = {part: {} for part in self.parts}
        self.mandatory = Tenant.objects.get(pk=require_tenant_id()).mandatory_fields
        self.defaults = {
            "segment": Segment.default(),
            "status": Status.default(),
            "channel": Channel.default(),
            "responsible_manager": by.membership,
        }
        self.unchecked = {field.name for field in Customer._meta.fields} - {
            field.name for field in self.filled.values() if field.is_plain
        }
        self.warnings: list[tuple[int, str, str]] = []  # row, column key, message
        self.to_update: set[str] = set()  # fields of the model that rows change on customers who are there
        self.parts_to_write = PartsToWrite(self.parts)
        self._begin(Customer(), new=True)

    def _parts(self) -> dict[Part, dict[str, ColumnField]]:
        """The fields of each part that the file has a column of, or that says which country a customer is in."""
        named = [
            field.part for key, field in self.fields.items() if key in self.keys or field.column.tells_country
        ]
        found: dict[Part, dict[str, ColumnField]] = {part: {} for part in named if part}
        for key, field in self.fields.items():
            if field.part in found:
                found[field.part][key] = field
        return found

    # Which customer a row stands for

    def identity(self, row: Values) -> tuple[str, str, str]:
        return identity(*(self._text(row, key) for key in ("reference", "email", "name")))

    def _text(self, row: Values, key: str) -> str:
        cell = row.get(key, "")
        return "" if is_blank(cell) else unescape(cell)

    def load_parts(self, customers: Iterable[Customer]) -> None:
        """The rows beside those customers, one query for each kind."""
        ids = [customer.pk for customer in customers]
        for part in self.parts:
            self.present[part] = part.load(ids, lock=self.for_writing)

    def is_as_in(self, row: Values, customer: Customer) -> bool:
        """Whether each cell is what the customer has; a blank one means nothing."""
        return all(self._is_as_in(row, customer, self.fields[key]) for key in self.keys)

    def _is_as_in(self, row: Values, customer: Customer, field: ColumnField) -> bool:
        blank = is_blank(row[field.column.key])
        there = self.present[field.part].get(customer.pk) if field.part else customer
        if there is None:
            return blank
        return field.shown(field.get_value(there)) == "" if blank else field.shows(row, there)

    def get_instance(self, instance_loader: CustomerLoader, row: Values) -> Customer | None:
        return instance_loader.get_instance(row)

    def init_instance(self, row: Values | None = None) -> Customer:
        return Customer(**self.defaults)

    # One row

    def before_import_row(self, row: Values, **options: Any) -> None:
        if problem := self.problems.get(row[ROW], {}).get(""):
            raise ValidationError(problem)

    def after_init_instance(self, instance: Customer, new: bool, row: Values, **options: Any) -> None:
        self._begin(instance, new)

    def _begin(self, instance: Customer, new: bool) -> None:
        """Remember what there is before the row is read."""
        self.instance = instance
        self.before = {key: None if new else field.get_value(instance) for key, field in self.filled.items()}
        self.beside = [
            Beside(part, instance, self.present[part].get(instance.pk), fields)
            for part, fields in self.parts.items()
        ]
        self.changed: list[tuple[str, ColumnField]] = []  # of the customer's own
        self.changes: list[Change] = []
        self.row_warnings: list[tuple[str, str]] = []

    def import_instance(self, instance: Customer, row: Values, **options: Any) -> None:
        """Raises ValidationError with every wrong cell of the row."""
        errors: dict[str, Any] = dict(self.problems.get(row[ROW], {}))
        row[COUNTRY] = self._country(row)
        self._fill_own(instance, row, errors)
        for beside in self.beside:
            beside.fill(row, errors)
        if instance.pk is None:
            errors |= self._missing(instance, errors)
        if errors:
            raise ValidationError(errors)
        self.changed = self._changed_fields()
        self.changes = self._own_changes()
        for beside in self.beside:
            self.changes += beside.changes()

    def _country(self, row: Values) -> str:
        """ISO code of the country that the row names, or else of the one known of the customer; '' for none."""
        for key, field in self.fields.items():
            if not field.column.tells_country:
                continue
            if key in self.keys and not is_blank(row[key]):
                return field.understood(row)
            there = next((beside.row for beside in self.beside if beside.part == field.part), None)
            return str(field.get_value(there)) if there else ""
        return ""

    def _fill_own(self, instance: Customer, row: Values, errors: dict[str, Any]) -> None:
        for key, field in self.filled.items():
            if key in errors or is_blank(row[key]):
                continue
            try:
                if field.save(instance, row) and (warning := field.warning(instance)):
                    self.row_warnings.append((key, warning))
            except ValueError as error:
                errors[key] = str(error)

    def _missing(self, instance: Customer, errors: Mapping[str, Any]) -> dict[str, str]:
        """What a new customer must have and hasn't: its name, and what the company has made mandatory."""
        return {
            key: "This is mandatory, and the file has no value for it. Fill it in."
            for key, field in self.own.items()
            if field.is_mandatory(self.mandatory)
            and key not in errors
            and field.get_value(instance) in (None, "")
        }

    def _own_changes(self) -> list[Change]:
        """What the row changes; of a new customer what the file says of it besides the name."""
        is_new = self.instance.pk is None
        return [
            field.change(self.before[key], field.get_value(self.instance))
            for key, field in self.changed
            if not (is_new and key == "name")
        ]

    def _changed_fields(self) -> list[tuple[str, ColumnField]]:
        pairs = [(key, field, field.get_value(self.instance)) for key, field in self.filled.items()]
        return [
            (key, field)
            for key, field, new in pairs
            if self.before[key] != new and (self.before[key], new) != (None, "")
        ]

    def skip_row(
        self, instance: Customer, original: None, row: Values, import_validation_errors: Any = None
    ) -> bool:
        return not import_validation_errors and instance.pk is not None and not self.changes

    def validate_instance(
        self, instance: Customer, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The model's own checks of what came from the file. References to other rows are seen to by their
        widgets and uniqueness by the loader, which ask the database once instead of once per row.

        Raises ValidationError.
        """
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        instance.clean_fields(exclude=self.unchecked)

    def shown_defaults(self) -> list[tuple[str, str]]:
        """What a new customer gets where the file says nothing."""
        fresh = self.init_instance()
        values = [(field.column.label, field.shown(field.get_value(fresh))) for field in self.own.values()]
        return [(label, value) for label, value in values if value]

    def import_row(self, row: Values, instance_loader: CustomerLoader, **options: Any) -> Any:
        result = super().import_row(row, instance_loader, **options)
        if result.errors:  # bad values are validation errors; this is a fault of ours
            raise result.errors[0].error
        return result

    def after_import_row(self, row: Values, row_result: Any, **options: Any) -> None:
        if row_result.is_skip():
            return
        row_result.change = RowChange(
            row[ROW], self.instance.name, row_result.is_new(), tuple(self.changes), self.instance.pk
        )
        warnings = chain(self.row_warnings, *(beside.warnings for beside in self.beside if beside.is_changed))
        self.warnings += [(row[ROW], key, message) for key, message in warnings]

    # All rows

    def save_instance(self, instance: Customer, is_create: bool, row: Values, **options: Any) -> None:
        """Put down what is to be written; a customer who stays as it is gets no history."""
        if is_create or self.changed:
            super().save_instance(instance, is_create, row, **options)
        if not is_create:
            self.to_update |= {field.name for _, field in self.changed}
        for beside in self.beside:
            self.parts_to_write.add(beside)

    def bulk_create(self, using_transactions: bool, dry_run: bool, *args: Any, **options: Any) -> None:
        if dry_run:
            self.create_instances.clear()
        super().bulk_create(using_transactions, dry_run, *args, **options)

    def bulk_update(self, using_transactions: bool, dry_run: bool, *args: Any, **options: Any) -> None:
        if dry_run:
            self.update_instances.clear()
        super().bulk_update(using_transactions, dry_run, *args, **options)

    def get_bulk_update_fields(self) -> list[str]:
        return sorted(self.to_update)

    def handle_import_error(self, result: Any, error: Exception, raise_errors: bool = False) -> None:
        """Somebody may have added one of the rows meanwhile; anything else is a fault of ours."""
        if not isinstance(error, IntegrityError):
            raise error
        super().handle_import_error(result, error, raise_errors)

    def after_import(self, dataset: Any, result: Any, dry_run: bool = False, **options: Any) -> None:
        """Write the rows beside the customers, who have their ids by now.

        The stock engine resets sequences here, which only the owner of the tables may.
        """
        if not (dry_run or result.base_errors):
            self.parts_to_write.write(batch_size=self._meta.batch_size)
