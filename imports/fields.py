"""A column of a sheet as an import sees it: how its cells are read, and where what they say goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from customers.models import Customer
from imports.models import ImportRun
from imports.subjects import SUBJECTS
from lists.columns import Column, flatten
from lists.parts import Part, Values
from lists.widgets import COUNTRY, EntryWidget
from tenants.models import User

REMEMBERED = 5_000  # so many cells of a column are remembered with what they mean


@dataclass(frozen=True, slots=True)
class Read:
    """What a cell means, or why it can't be used (`error`). `warning` is what to look at all the same."""

    value: Any = None
    warning: str = ""
    error: str = ""


class Field:
    """One column, for as long as one import. References to other rows are ids."""

    def __init__(self, column: Column, part: Part | None) -> None:
        if column.widget is None:
            raise ValueError(f"The column {column.key!r} is not imported: it has no widget.")
        self.column = column
        self.part = part
        self.widget: Any = column.widget()
        self.may_refuse = isinstance(self.widget, EntryWidget)
        self.attribute = self._attribute()
        self._known: dict[Any, Read] = {}
        self._shown: dict[Any, str] = {}

    def _attribute(self) -> str:
        """Where in a row its value stands."""
        model: Any = self.part.model if self.part else Customer
        self.source = model._meta.get_field(self.column.attribute)
        return str(self.source.attname)

    @property
    def key(self) -> str:
        return self.column.key

    @property
    def name(self) -> str:
        return self.column.attribute

    def is_mandatory(self, always: Collection[str]) -> bool:
        """Whether a new customer must have it. `always` names the fields that the company insists on."""
        return self.column.mandatory or (self.part is None and self.name in always)

    @cached_property
    def can_be_empty(self) -> bool:
        return bool(
            self.source.null or (self.source.blank and self.source.get_internal_type() != "BooleanField")
        )

    @cached_property
    def empty(self) -> Any:
        return None if self.source.null else ""

    def read(self, cell: str, country: str) -> Read:
        """`cell` says something. `country` is that of its row, '' where it is not known."""
        key = (cell, country) if self.widget.of_country else cell
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[key] = self._read(cell, country)
        return known

    def _read(self, cell: str, country: str) -> Read:
        try:
            value = self.widget.clean(cell, {COUNTRY: country})
        except ValueError as error:
            return Read(error=str(error))
        return Read(value, warning=self.widget.warning(value))

    def shown(self, value: Any) -> str:
        """As an export writes it."""
        if type(value) is str:
            return value
        known = self._shown.get(value)
        if known is None:
            known = self._shown[value] = str(self.widget.render(value))
        return known

    def shows(self, cell: str, value: Any) -> bool:
        """Whether the cell is what an export wrote of `value`."""
        shown = self.shown(value)
        return cell == shown or bool(self.widget.is_same(cell, shown))

    def refusal(self, value: Any) -> str:
        """Why a value that can be read may not be set anew, '' if it may."""
        return str(self.widget.refusal(value))


class ManyField(Field):
    """A column whose cells speak of several attributes, each yes or no. Its value stands beside them, under the
    column's key, while a row is put together."""

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(self.widget.things)

    def _attribute(self) -> str:
        return self.key

    @property
    def can_be_empty(self) -> bool:
        return True

    @property
    def empty(self) -> Any:
        return ()

    def of(self, row: Values) -> tuple[str, ...]:
        """What the row's attributes say."""
        return tuple(name for name in self.attributes if row[name])


def fields_for(user: User, subject: str = ImportRun.Subject.CUSTOMERS) -> dict[str, Field]:
    """A field for each column of the sheet that the person may import, by key."""
    groups = SUBJECTS[subject].groups()
    flatten(groups)
    return {
        column.key: (Field if column.attribute else ManyField)(column, group.part)
        for group in groups
        for column in group.columns
        if column.widget is not None and column.visible_to(user)
    }


def importable_columns(user: User, subject: str = ImportRun.Subject.CUSTOMERS) -> list[Column]:
    """The columns of the sheet that the person may import, in order."""
    return [field.column for field in fields_for(user, subject).values()]
