"""What an import did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Remark:
    """On one cell, or with an empty column on a whole row. `row` is the file's, its heading being row 1."""

    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        where = f"Row {self.row}, {self.column}" if self.column else f"Row {self.row}"
        return f"{where}: {self.message}"


@dataclass(frozen=True)
class Change:
    """One value of a customer: its column's label, and the value before and after as text."""

    column: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    row: int
    name: str
    is_new: bool
    changes: tuple[Change, ...]
    pk: int | None = None  # of a customer that was there before


@dataclass
class ImportOutcome:
    """Counts of rows: rows = created + updated + unchanged + failed. `written` says whether anything was kept."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: list[Remark] = field(default_factory=list)  # each makes its row wrong
    warnings: list[Remark] = field(default_factory=list)  # on values that are written all the same
    changes: list[RowChange] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)  # heading in the file, label of our column
    defaults: list[tuple[str, str]] = field(default_factory=list)  # what new customers start with, as shown
    ignored_columns: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    written: bool = False

    @property
    def good(self) -> int:
        """Rows that can be imported."""
        return self.rows - self.failed

    @property
    def changing(self) -> int:
        return self.created + self.updated
