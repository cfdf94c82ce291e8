"""What the page of a plan asks: its numbers, and its rows a page at a time, narrowed to an action or a field.

The rows of an action are found in an index. Those that say something of one field are not: they are looked for among
the next rows, `LOOKED_THROUGH` at a time, so that a page takes as long whatever the size of the plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, F, Func, JSONField, Q, QuerySet, Value
from django.urls import reverse

from imports.choices import PERSON, Mode
from imports.duplicates import ALIKE_ROW
from imports.fields import fields_for
from imports.finding import ALIKE, SEVERAL
from imports.formats import Written, written
from imports.matching import left_out
from imports.models import ImportRun, PlanRow
from imports.subjects import SUBJECTS, Subject
from tenants.models import User
from tenants.views import read_number

SHOWN = 50  # rows on a page
BIGGEST_ROW = 2**31 - 1
FIRST_ERRORS = 10  # so many rows with errors are shown before all others
LOOKED_THROUGH = 20_000  # rows
WARNED = "warned"  # in place of an action: the rows with warnings
WHOLE_ROW = "Whole row"
SKIPPED = {  # why; {0} is what a row is, {1} are several of them
    Mode.ADD: "It is there already, and only new {1} are added.",
    Mode.UPDATE: "There is no such {0}, and only {1} that are there are changed.",
}
ALIKE_TO = re.compile(re.escape(ALIKE.partition("}")[2]).replace(r"\{\}", ".*"))
SAME = re.compile(r"This is the same .+? as in row (\d+)")
ROW_ALIKE = re.compile(ALIKE_ROW.partition(".")[0].replace("#", r"(\d+)"))
Action = PlanRow.Action

# Label and number of each card, in order.
CARDS = {
    "": "Rows in the file",
    Action.CREATE: "To add",
    Action.UPDATE: "To change",
    Action.UNCHANGED: "Unchanged",
    Action.SKIP: "Skipped",
    Action.ERROR: "With errors",
    WARNED: "With warnings",
}
TITLES = {  # {0} is what a row is, {1} are several of them
    "": "All rows",
    Action.CREATE: "Rows that add {0}",
    Action.UPDATE: "Rows that change {0}",
    Action.UNCHANGED: "Rows of {1} that are as in the file",
    Action.SKIP: "Rows that are skipped",
    Action.ERROR: "Rows with errors",
    WARNED: "Rows with warnings",
}


def labels_for(user: User, subject: str) -> dict[str, str]:
    """Of the sheet's columns, by key; '' is the row as a whole."""
    return {"": WHOLE_ROW, **{key: one.column.label for key, one in fields_for(user, subject).items()}}


@dataclass(frozen=True)
class Card:
    """A number of the plan; its address shows the rows that it counts."""

    label: str
    number: int
    address: str
    is_current: bool
    is_wrong: bool


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Remark:
    """Something wrong with a row, or to be looked at. `key` is our column's, '' for the row as a whole."""

    number: int
    key: str
    label: str
    cell: str
    message: str


@dataclass(frozen=True)
class Line:
    """A row of the plan as the page shows it."""

    row: PlanRow
    address: str  # of the customer, if there is one
    changes: list[Change]
    errors: list[Remark]
    warnings: list[Remark]
    skipped: str = ""  # why, where nothing else says so

    @property
    def other(self) -> tuple[str, str] | None:
        """Words and address of whom else the row may be: another row, or several customers."""
        for error in self.errors:
            if same := SAME.search(error.message):
                return self._row(int(same[1]))
            if error.message == SEVERAL:
                return "These customers", f"{reverse('customers:list')}?{urlencode({'q': self.row.name})}"
        return None

    @property
    def alike(self) -> str:
        """Address of a customer who is there and may be the one of the row; '' where there is none."""
        cells = [warning.cell for warning in self.warnings if ALIKE_TO.search(warning.message)]
        return (
            f"{reverse('customers:list')}?{urlencode({'q': f'={cells[0]}', 'state': 'all'})}" if cells else ""
        )

    @property
    def alike_row(self) -> tuple[str, str] | None:
        """Words and address of another row that may be the same."""
        found = (ROW_ALIKE.match(warning.message) for warning in self.warnings)
        return next((self._row(int(alike[1])) for alike in found if alike), None)

    def _row(self, number: int) -> tuple[str, str]:
        """Words and address of a row of the plan."""
        plan = reverse("imports:detail", args=[self.row.run_id])
        return f"Row {number}", f"{plan}?after={number - 1}#rows"


@dataclass(frozen=True)
class Page:
    """Rows of the plan. `next` is where the next page begins, '' at the end; `looked_to` is the number of the row up to
    which was looked, where that is not the end and the page isn't full."""

    lines: list[Line]
    next: str = ""
    looked_to: int | None = None


@dataclass
class PlanPage:
    """What the address asks of the plan: `action`, `field`, and `after`, the number of a row. What can't be asked is
    left out."""

    run: ImportRun
    user: User
    query: Mapping[str, str]
    labels: dict[str, str] = field(init=False)
    action: str = field(init=False)
    key: str = field(init=False)  # of the field
    after: int = field(init=False)

    def __post_init__(self) -> None:
        self.labels = labels_for(self.user, self.run.subject)
        action, key, after = (self.query.get(name, "") for name in ("action", "field", "after"))
        self.action = action if action in CARDS else ""
        self.key = key if key in dict(self.fields) else ""
        self.after = min(read_number(after) or 0, BIGGEST_ROW)

    @property
    def counts(self) -> dict[str, int]:
        planned = self.run.plan["counts"]
        return {"": sum(planned.values()), **planned, WARNED: self.run.plan["warnings"]}

    @property
    def cards(self) -> list[Card]:
        counts = self.counts
        return [
            Card(
                label,
                counts[action],
                self.address(action=action, field="", after=""),
                action == self.action,
                action == Action.ERROR and counts[action] > 0,
            )
            for action, label in CARDS.items()
        ]

    @property
    def changing(self) -> int:
        """How many rows go in."""
        return self.counts[Action.CREATE] + self.counts[Action.UPDATE]

    @property
    def entries(self) -> list[tuple[str, list[str]]]:
        """What will be added to our lists: what each is, and the names."""
        found = self.run.plan.get("entries", {})
        return [
            (self.labels.get(name, name), [text for _, text in new.values()]) for name, new in found.items()
        ]

    @property
    def subject(self) -> Subject:
        return SUBJECTS[self.run.subject]

    @property
    def goes_in(self) -> str:
        """ "91 customers" """
        return self.subject.counted(self.changing)

    @property
    def stays(self) -> str:
        """What is as in the file."""
        return self.subject.counted(self.counts[Action.UNCHANGED])

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Key and label of those that the file has."""
        known = self.run.decided.keys
        if known & set(PERSON):
            known |= {"name", "contact_name"}
        return [(key, label) for key, label in self.labels.items() if key in known]

    @property
    def formats(self) -> list[Written]:
        """In which format columns are read, of those that have one."""
        return list(written(self.run, self.user))

    @property
    def left_out(self) -> list[str]:
        """Columns of the file that are not imported."""
        return left_out(self.run.headings, self.run.decided.columns)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.action or self.key or self.after)

    @property
    def title(self) -> str:
        return TITLES[self.action].format(self.subject.noun, self.subject.many)

    @property
    def errors_address(self) -> str:
        return self.address(action=Action.ERROR)

    @property
    def first_address(self) -> str:
        return self.address(after="")

    def address(self, **changed: str) -> str:
        """This page with other filters."""
        asked = {"action": self.action, "field": self.key, "after": str(self.after or ""), **changed}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('imports:detail', args=[self.run.pk])}{'?' if query else ''}{query}#rows"

    # Rows

    def page(self) -> Page:
        rows = self.rows().filter(number__gt=self.after).order_by("number")
        if not self.key:
            found = list(rows[: SHOWN + 1])
            return Page(self._lines(found), self._next(found))
        numbers = rows.values_list("number", flat=True)
        last = next(iter(numbers[LOOKED_THROUGH - 1 : LOOKED_THROUGH]), None)
        if last is not None:
            rows = rows.filter(number__lte=last)
        found = list(rows.filter(_says_something_of(self.key))[: SHOWN + 1])
        if len(found) > SHOWN or last is None:
            return Page(self._lines(found), self._next(found))
        return Page(self._lines(found), self.address(after=str(last)), looked_to=last)

    def rows(self) -> QuerySet[PlanRow]:
        rows: QuerySet[PlanRow] = PlanRow.objects.filter(run=self.run).defer("writes")
        if self.action == WARNED:
            return rows.exclude(warnings=[])
        return rows.filter(action=self.action) if self.action else rows

    def first_errors(self) -> list[Line]:
        """Where nothing else was asked for, what is wrong stands first."""
        if self.is_narrowed or not self.counts[Action.ERROR]:
            return []
        rows = PlanRow.objects.filter(run=self.run, action=Action.ERROR).order_by("number")
        return self._lines(list(rows[:FIRST_ERRORS]))

    def _next(self, found: list[PlanRow]) -> str:
        return self.address(after=str(found[SHOWN - 1].number)) if len(found) > SHOWN else ""

    def _lines(self, found: list[PlanRow]) -> list[Line]:
        return [line(row, self.labels, self.run) for row in found[:SHOWN]]


def line(row: PlanRow, labels: Mapping[str, str], run: ImportRun) -> Line:
    return Line(
        row,
        _address(row, run),
        [Change(labels.get(key, key), old, new) for key, old, new in row.diff],
        remarks(row, row.problems, labels),
        remarks(row, row.warnings, labels),
        _skipped(row, run),
    )


def _skipped(row: PlanRow, run: ImportRun) -> str:
    if row.action != Action.SKIP or row.warnings:  # the sample's example says so itself
        return ""
    subject = SUBJECTS[run.subject]
    return SKIPPED[run.decided.mode].format(subject.one, subject.many)


def _address(row: PlanRow, run: ImportRun) -> str:
    """The page of the customer, or of what the customer has; '' where there is nobody yet."""
    if row.customer_id is None:
        return ""
    if run.subject != ImportRun.Subject.CUSTOMERS:
        return reverse("contacts:customer-tab", args=[row.customer_id])
    is_there = row.seen is not None or (row.number <= run.carried and not row.outcome)
    return reverse("customers:detail", args=[row.customer_id]) if is_there else ""


def remarks(row: PlanRow, said: list[Any], labels: Mapping[str, str]) -> list[Remark]:
    return [Remark(row.number, key, labels.get(key, key), cell, message) for key, cell, message in said]


class Tells(Func):
    """Whether a list of what is said of a row's fields says something of one of them."""

    function = "jsonb_path_exists"
    output_field = BooleanField()

    def __init__(self, listed: str, key: str) -> None:
        super().__init__(F(listed), Value("$[*][0] ? (@ == $key)"), Value({"key": key}, JSONField()))


def _says_something_of(key: str) -> Q:
    """A change of the field, an error or a warning."""
    return Q(Tells("diff", key)) | Q(Tells("problems", key)) | Q(Tells("warnings", key))
