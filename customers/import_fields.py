"""A column as import-export sees it, and what a row of a file says of the rows beside a customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from import_export.fields import Field

from customers.models import Customer
from customers.outcome import Change
from lists.columns import Column, customer_groups, flatten
from lists.parts import Part
from tenants.models import User

Values = dict[str, Any]
BLANK_WORDS = ("NULL", "N/A", "-")


def is_blank(cell: str) -> bool:
    """Whether the cell says nothing: such a cell leaves a customer's value as it is."""
    word = cell.strip()
    return not word or word.upper() in BLANK_WORDS


class ColumnField(Field):  # type: ignore[misc]  # untyped library
    """The field of one column. References to other rows are kept as ids, so that nothing is fetched per row."""

    def __init__(self, column: Column, part: Part | None) -> None:
        if column.widget is None:
            raise ValueError(f"The column {column.key!r} is not imported: it has no widget.")
        self.column = column
        self.part = part
        self.name = column.attribute
        model = part.model if part else Customer
        attribute = model._meta.get_field(column.attribute).attname  # type: ignore[union-attr]
        super().__init__(attribute=attribute, column_name=column.key, widget=column.widget())

    @property
    def is_plain(self) -> bool:
        """Whether the model itself can check its value: it is no reference to another row."""
        return bool(self.name == self.attribute)

    def is_mandatory(self, always: Collection[str]) -> bool:
        """Whether a new customer must have it. `always` names the fields that the company insists on."""
        return self.column.mandatory or (self.part is None and self.name in always)

    def get_value(self, instance: Any) -> Any:
        return getattr(instance, self.attribute)

    def shown(self, value: Any) -> str:
        return str(self.widget.render(value))

    def shows(self, row: Values, instance: Any) -> bool:
        """Whether the cell is what an export wrote of `instance`."""
        cell, value = row[self.column_name], self.get_value(instance)
        return bool(self.widget.is_same(cell, self.shown(value)))

    def save(self, instance: Any, row: Values, is_m2m: bool = False, **options: Any) -> bool:
        """Whether the value is another now. A cell that shows what is there already changes nothing.

        Raises ValueError for a cell that can't be used.
        """
        if self.shows(row, instance):
            return False
        value = self.clean(row, **options)
        if value == self.get_value(instance):
            return False
        if reason := self.widget.refusal(value):
            raise ValueError(reason)
        setattr(instance, self.attribute, value)
        return True

    def understood(self, row: Values) -> str:
        """What the cell means, or '' if it can't be used."""
        try:
            return str(self.clean(row))
        except ValueError:
            return ""

    def warning(self, instance: Any) -> str:
        """What to look at in the value just saved, or ''."""
        return str(self.widget.warning(self.get_value(instance)))

    def change(self, old: Any, new: Any) -> Change:
        return Change(self.column.label, self.shown(old), self.shown(new))


def importable_columns(by: User) -> list[Column]:
    """The columns that the person may import, in order."""
    return [field.column for field in column_fields(by).values()]


def column_fields(by: User) -> dict[str, ColumnField]:
    """A field for each column that the person may import, by key."""
    groups = customer_groups()
    flatten(groups)
    return {
        column.key: ColumnField(column, group.part)
        for group in groups
        for column in group.columns
        if column.widget is not None and column.visible_to(by)
    }


class Beside:
    """One part of one customer, while a row of the file is read.

    `row` is what the cells are written to: the part that is there, or a new one, None before one is needed. A new
    one is written only when a cell says more than what stands in for it already.
    """

    def __init__(
        self, part: Part, customer: Customer, present: Any, fields: Mapping[str, ColumnField]
    ) -> None:
        self.part = part
        self.customer = customer
        self.fields = fields
        self.is_new = present is None
        self.row = present
        self.stood_in = part.stand_in(customer) if present is None else None
        self.before: dict[str, Any] = {}
        self.is_changed = False
        self.warnings: list[tuple[str, str]] = []  # column key, message

    def fill(self, cells: Values, errors: dict[str, Any]) -> None:
        """Write the cells to the row. What is wrong is added to `errors`, by column key."""
        given = [
            field
            for key, field in self.fields.items()
            if key in cells and key not in errors and not is_blank(cells[key])
        ]
        if not given:
            return
        self._start()
        stand_in = self.part.stand_in(self.customer) if self.is_new else None
        for field in given:
            try:
                self._put(field, cells, stand_in)
            except ValueError as error:
                errors[field.column.key] = str(error)
        if self.is_changed:
            self._check(errors)

    def _start(self) -> None:
        if self.row is None:
            self.row = self.part.make(self.customer)
        shown = self.stood_in or self.row
        self.before = {key: field.get_value(shown) for key, field in self.fields.items()}

    def _put(self, field: ColumnField, cells: Values, stand_in: Any) -> None:
        if self.stood_in is not None and field.shows(cells, self.stood_in):
            setattr(self.row, field.attribute, self.before[field.column.key])
        elif field.save(self.row, cells):
            value = field.get_value(self.row)
            self.is_changed |= stand_in is None or value != field.get_value(stand_in)
            if warning := field.warning(self.row):
                self.warnings.append((field.column.key, warning))

    def _check(self, errors: dict[str, Any]) -> None:
        if self.is_new:
            self.part.complete(self.row, self.customer)
        keys = {field.name: key for key, field in self.fields.items()}
        for name, message in self.part.problems(self.row, self.customer):
            errors.setdefault(keys[name], message)
        changed = self.changed
        everything = self.is_new or any(field.column.tells_country for field in changed)
        written = {field.name for field in changed}
        for name, message in self.part.warnings(self.row, self.customer):
            if everything or name in written:
                self.warnings.append((keys[name], message))

    @property
    def changed(self) -> list[ColumnField]:
        """The fields whose values are others now."""
        if not self.is_changed:
            return []
        return [field for key, field in self.fields.items() if field.get_value(self.row) != self.before[key]]

    def changes(self) -> list[Change]:
        return [
            field.change(self.before[field.column.key], field.get_value(self.row)) for field in self.changed
        ]


class PartsToWrite:
    """The rows beside customers that a file makes and changes, kept until the customers are written."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.new: dict[Part, list[Any]] = {part: [] for part in parts}
        self.changed: dict[Part, list[Any]] = {part: [] for part in parts}
        self.fields: dict[Part, set[str]] = {part: set() for part in parts}

    def add(self, beside: Beside) -> None:
        if not beside.is_changed:
            return
        (self.new if beside.is_new else self.changed)[beside.part].append(beside.row)
        if not beside.is_new:
            self.fields[beside.part] |= {field.name for field in beside.changed}

    def write(self, batch_size: int) -> None:
        """Set-based, with history; inside an operation."""
        for part, rows in self.new.items():
            if rows:
                part.model._default_manager.bulk_create(rows, batch_size=batch_size)
        for part, rows in self.changed.items():
            if rows:
                part.model._default_manager.bulk_update(
                    rows, sorted(self.fields[part]), batch_size=batch_size
                )
