"""What somebody decides about an import before its rows are checked: kept with the run, and remembered for the next
file with the same headings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

BLANK_WORDS = ("NULL", "N/A", "-")
# In place of a column's key: parts of a person's name, which are put together.
FIRST_NAME, LAST_NAME = "first_name", "last_name"
PERSON = {FIRST_NAME: "First name", LAST_NAME: "Last name"}
# The heading of the column that we add to rows with errors. What it says in a file that comes back: imports/reasons.py.
REASON = "What is wrong"


class Match:
    """By what a row finds its customer."""

    REFERENCE = "reference"  # and where a row has none, by e-mail address or name
    EMAIL = "email"

    LABELS = {
        REFERENCE: "Reference; where a row has none, e-mail address or name",
        EMAIL: "E-mail address",
    }


class Mode:
    BOTH, ADD, UPDATE = "both", "add", "update"

    LABELS = {
        BOTH: "Add what is new, and change what is there",
        ADD: "Only add what is new; rows of what is there are skipped",
        UPDATE: "Only change what is there; other rows are skipped",
    }


class Blanks:
    """What a cell that says nothing means for a customer who is there."""

    KEEP, CLEAR = "keep", "clear"

    LABELS = {KEEP: "Keep what is there", CLEAR: "Empty the field"}


class Unknown:
    """What becomes of a segment, status or channel that the company doesn't have."""

    ERROR, CREATE = "error", "create"

    LABELS = {ERROR: "Report it as an error", CREATE: "Add it to the list"}


@dataclass(frozen=True)
class Choices:
    """`columns` has the column's key by its position in the file; positions that are not in it are not read. `sheet`
    is the workbook's sheet that is read, '' for the first that holds anything; `heading` the number of the row that is
    the heading, 0 where that is found out. `formats` has in which format the values
    of a column are written, by its position likewise, for those of which that has to be said.

    `kind` is what new customers are where the file doesn't say; '' for the usual. `defaults` are values of the
    customer's fields (by attribute) that new customers get where the file says nothing, before the company's own.
    """

    columns: dict[int, str] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)
    sheet: str = ""
    heading: int = 0
    match: str = Match.REFERENCE
    mode: str = Mode.BOTH
    blanks: str = Blanks.KEEP
    blank_words: tuple[str, ...] = BLANK_WORDS
    unknown: str = Unknown.ERROR
    kind: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        columns, formats = (
            {int(position): key for position, key in kept.get(name, {}).items()}
            for name in ("columns", "formats")
        )
        words = tuple(kept.get("blank_words", BLANK_WORDS))
        return cls(**{**kept, "columns": columns, "formats": formats, "blank_words": words})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def place(self) -> dict[str, Any]:
        """Where the rows are in the file, by the names of the choices."""
        return {"sheet": self.sheet, "heading": self.heading}

    @property
    def keys(self) -> set[str]:
        return set(self.columns.values())
