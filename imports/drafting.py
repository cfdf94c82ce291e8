"""What planners of all sheets have in common: how the cells of a batch are read, and what they put in rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from imports.choices import FIRST_NAME, LAST_NAME, Blanks, Choices, Unknown
from imports.fields import Field
from imports.finding import Found
from imports.models import PlanRow
from imports.samples import EXAMPLE, examples_in
from lists.parts import Part, Values
from lists.sheets import FAILED, Row
from lists.widgets import EntryWidget
from tenants.fields import DerivedTextField, fold, tidy
from tenants.models import Membership

BATCH = 5_000  # rows
Action = PlanRow.Action
Told = list[tuple[str, str, str]]  # column key, cell, message
# By column key, of the rows of a batch by their places: cells that hold no more than a word for blank.
Words = dict[str, dict[int, str]]
Cells = dict[str, list[str]]
NAMES = {"name", "contact_name", "customer"}  # the columns that hold a name


@cache
def label(model: type[Model]) -> str:
    return model._meta.label_lower


def displaced(model: type[Model]) -> str:
    """As which a plan has what a row of the model loses to another one."""
    return f"{label(model)}:displaced"


@dataclass(slots=True)
class Draft:
    """A row while it is put together."""

    number: int
    found: Found | None
    country: str = ""
    action: str = ""
    name: str = ""
    key: str = ""
    customer_id: int | None = None
    changed: Values = field(default_factory=dict)  # of the customer's own
    diff: list[tuple[str, str, str]] = field(default_factory=list)
    writes: dict[str, Values] = field(default_factory=dict)
    problems: Told = field(default_factory=list)
    warnings: Told = field(default_factory=list)

    @property
    def seen(self) -> int | None:
        return self.found.seen if self.found else None


def derived(model: type[Model], values: Values, changed: Values | None = None) -> Values:
    """The columns that are computed of others; with `changed`, those of them that depend on it."""
    row = _Row(values)
    return {
        name: derive(row)
        for name, of, derive in _derivations(model)
        if changed is None or not of.isdisjoint(changed)
    }


@cache
def _derivations(model: type[Model]) -> list[tuple[str, frozenset[str], Callable[[Any], str]]]:
    """Of each computed column: its name, what it is computed of, and how."""
    return [
        (one.attname, frozenset(one.of), getattr(model, one.source))
        for one in model._meta.concrete_fields
        if isinstance(one, DerivedTextField)
    ]


class _Row:
    """Values as the attributes of a row."""

    def __init__(self, values: Values) -> None:
        self.__dict__ = values


def defaults_of(model: type[Model]) -> Values:
    """What a new row has where nothing else is said, of the columns that people fill."""
    return {
        one.attname: one.get_default()
        for one in model._meta.concrete_fields
        if one.editable and not one.primary_key and not one.is_relation
    }


class SheetPlanner:
    """Plans the rows of one file. `by` is who imports; `fields` are those that they may import, by key."""

    named = "name"  # the column with the customer's name

    def __init__(self, choices: Choices, fields: dict[str, Field], *, by: Membership) -> None:
        self.choices = choices
        self.by = by
        self.fields = fields
        for at, written in choices.formats.items():
            if field := fields.get(choices.columns.get(at, "")):
                field.widget.format = written
        self.sources = self._sources()
        self.given = [self.fields[key] for key in self.sources]
        self.mandatory: list[Field] = []
        self.blank_words = {word.casefold() for word in choices.blank_words}
        self.longest_blank = max(map(len, self.blank_words), default=0)
        self.words: Words = {}  # of the batch
        self.starts: Values = {}  # what a new owner of parts has where the file says nothing
        self.usual: dict[str, Values] = {}  # what a new row has anyway, by its model's label
        self.new_entries: dict[str, dict[str, tuple[int, str]]] = {}  # by field: folded name → id, name

    def _sources(self) -> dict[str, list[int]]:
        """Where in a row the cells of each of our columns stand, in the order of our columns."""
        at: dict[str, list[int]] = {}
        for position, key in sorted(self.choices.columns.items()):
            at.setdefault(key, []).append(position)
        person = [*at.pop(FIRST_NAME, []), *at.pop(LAST_NAME, [])]
        if person:
            at.setdefault(self._person(at), person)
        return {key: at[key] for key in self.fields if key in at}

    def _person(self, at: Mapping[str, Any]) -> str:
        """The column that first and last name make, beside those that the file has."""
        return "name"

    def look_through(self, rows: Iterator[Row]) -> None:
        """See what can be told only of all rows together."""
        raise NotImplementedError

    def go_on(self, entries: dict[str, Any], unchanged: QuerySet[PlanRow]) -> None:
        """A worker before has planned some rows already: with those new entries, and those that change nothing."""
        raise NotImplementedError

    def plan(self, rows: Sequence[Row]) -> Sequence[Draft]:
        """What the next rows come to."""
        raise NotImplementedError

    # Cells

    def _cells(self, rows: Sequence[Row], only: Collection[str] | None = None) -> Cells:
        """By column key, of each row; '' says nothing. `only` names those that are wanted."""
        self.words = {}
        return {
            key: self._column(key, rows, positions)
            for key, positions in self.sources.items()
            if only is None or key in only
        }

    def _column(self, key: str, rows: Sequence[Row], positions: list[int]) -> list[str]:
        if len(positions) == 1:
            [at], longest = positions, self.longest_blank
            said = [
                cell if len((cell := row.cells[at]).strip()) > longest else self._said(cell, key)
                for row in rows
            ]
            self.words[key] = {
                place: cell
                for place, row in enumerate(rows)
                if not said[place] and (cell := row.cells[at]) and not cell.isspace()
            }
            return said
        return [" ".join(filter(None, (self._said(row.cells[at], key) for at in positions))) for row in rows]

    def _said(self, cell: str, key: str) -> str:
        """The cell of that column, '' where it says nothing. Somebody may be called Null, and nobody NULL."""
        if not cell or cell.isspace():
            return ""
        is_short = len(text := cell.strip()) <= self.longest_blank
        if not is_short or text.casefold() not in self.blank_words:
            return cell
        is_name = key in NAMES and text.isalpha() and text.istitle() and text not in self.choices.blank_words
        return cell if is_name else ""

    def _put_words_back(self, drafts: Sequence[Draft], cells: Cells) -> None:
        """A word for blank is none where that very word is there: an export imports without a change."""
        for key, words in self.words.items():
            for at, word in words.items():
                if self._is_there(key, drafts[at], word):
                    cells[key][at] = word

    def _is_there(self, key: str, draft: Draft, cell: str) -> bool:
        one, there = self.fields[key], self._there(self.fields[key], draft)
        return there is not None and one.shows(cell, there.get(one.attribute))

    def _there(self, one: Field, draft: Draft) -> Values | None:
        """The row that the field is of, where it is there."""
        raise NotImplementedError

    def _refuse_broken(self, rows: Sequence[Row], drafts: Sequence[Draft], cells: Cells) -> None:
        """What the reader of the file found wrong. An error of Excel's is none where it is there, beside the name."""
        for at, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
            for position, message in row.problems.items():
                if position is None:
                    draft.problems.append(("", "", message))
                for key, positions in self.sources.items():
                    if position not in positions or not self._said(cell := row.cells[position], key):
                        continue
                    failed = message == FAILED.format(cell.strip()) and self.named in cells
                    own = {one: cells[one][at] for one in (key, self.named)} if failed else {}
                    if not own or not all(self._is_there(one, draft, said) for one, said in own.items()):
                        draft.problems.append((key, cell, message))

    # What they mean

    def _put_in_new(self, one: Field, draft: Draft, row: Values, cell: str) -> None:
        """The same of a customer who is not there yet: most cells of most files, so that it is done at once."""
        read = one.read(cell, draft.country)
        if read.error or draft.problems or one.may_refuse:
            self._put(one, draft, row, cell, row.get(one.attribute))
            return
        row[one.attribute] = read.value
        draft.diff.append((one.key, "", one.shown(read.value)))
        if read.warning:
            draft.warnings.append((one.key, cell, read.warning))

    def _put(self, one: Field, draft: Draft, row: Values, cell: str, before: Any) -> bool:
        """Write what the cell means to `row`; whether it is another value now."""
        if draft.problems and any(key == one.key for key, _, _ in draft.problems):
            return False
        read = one.read(cell, draft.country)
        if read.error and self.choices.unknown == Unknown.CREATE and isinstance(one.widget, EntryWidget):
            read = type(read)(self._new_entry(one, cell))
        error = read.error or (one.refusal(read.value) if read.value != before else "")
        if error:
            draft.problems.append((one.key, cell, error))
            return False
        if draft.found is not None and read.value == before:
            return False
        row[one.attribute] = read.value
        if one.part is None:
            draft.changed[one.attribute] = read.value
            old = "" if draft.found is None else one.shown(before)
            draft.diff.append((one.key, old, self._shown(one, read.value)))
        if read.warning:
            draft.warnings.append((one.key, cell, read.warning))
        return True

    def _clear(self, one: Field, draft: Draft, row: Values, before: Any, is_there: bool) -> None:
        """A cell that says nothing, where that means to empty the field."""
        if (
            self.choices.blanks != Blanks.CLEAR
            or not is_there
            or not one.can_be_empty
            or before in (None, "")
        ):
            return
        if one in self.mandatory:
            draft.problems.append((one.key, "", "This is mandatory and can't be emptied. Fill it in."))
            return
        row[one.attribute] = one.empty
        if one.part is None:
            draft.changed[one.attribute] = one.empty
            draft.diff.append((one.key, one.shown(before), ""))

    def _new_entry(self, one: Field, cell: str) -> int:
        """The id that an entry will have which the company doesn't know yet."""
        name = tidy(cell)
        known = self.new_entries.setdefault(one.name, {})
        if fold(name) not in known:
            [pk] = next_ids(one.widget.model, 1)
            known[fold(name)] = (pk, name)
        return known[fold(name)][0]

    def _shown(self, one: Field, value: Any) -> str:
        shown = one.shown(value)
        if shown or value in (None, ""):
            return shown
        return next((name for pk, name in self.new_entries.get(one.name, {}).values() if pk == value), "")

    # A row beside another one

    def _change_part(
        self, part: Part, fields: list[Field], draft: Draft, owner: Values, said: list[str], there: Values
    ) -> None:
        row, before = {**there}, len(draft.warnings)
        for one, cell in zip(fields, said, strict=True):
            if not cell:
                self._clear(one, draft, row, there[one.attribute], is_there=True)
            elif not one.shows(cell, there[one.attribute]):
                self._put(one, draft, row, cell, there[one.attribute])
        changed = [one for one in fields if row[one.attribute] != there[one.attribute]]
        if not changed:
            del draft.warnings[before:]
            return
        everything = any(one.column.tells_country for one in changed)
        self._check_part(
            part, fields, draft, owner, row, None if everything else {one.name for one in changed}
        )
        values = {one.attribute: row[one.attribute] for one in changed}
        draft.diff += [
            (one.key, one.shown(there[one.attribute]), one.shown(row[one.attribute])) for one in changed
        ]
        draft.writes[label(part.model)] = {
            "id": there["id"],
            "new": False,
            "seen": there["last_operation_id"],
            **values,
            **derived(part.model, row, values),
        }

    def _make_part(
        self,
        part: Part,
        fields: list[Field],
        draft: Draft,
        owner: Values,
        said: list[str],
        blank: Values,
    ) -> None:
        """A new one, unless the cells say no more than what stands in for it, or than one has by itself."""
        stood_in, stands_in = part.stand_in(draft.found.values) if draft.found else None, part.stand_in(owner)
        first = {**blank, **part.make(owner)}
        shown = first if stood_in is None else {**blank, **stood_in}
        usual = first if stands_in is None else {**blank, **stands_in}
        row, says_more, warned = {**first}, False, len(draft.warnings)
        for one, cell in zip(fields, said, strict=True):
            if not cell:
                continue
            name = one.attribute
            if stood_in is not None and one.shows(cell, shown[name]):
                row[name] = shown[name]
            elif not one.shows(cell, first[name]):
                self._put(one, draft, row, cell, None)
                says_more |= row[name] != first[name] and (stands_in is None or row[name] != usual[name])
        if not says_more:
            del draft.warnings[warned:]
            return
        part.complete(row, owner)
        self._check_part(part, fields, draft, owner, row, None)
        shown = {**first, **(stood_in or {})}
        for one in fields:
            before, after = shown[one.attribute], row[one.attribute]
            if after != before:
                draft.diff.append((one.key, one.shown(before) if stood_in else "", one.shown(after)))
        draft.writes[label(part.model)] = {"id": None, "new": True, **row, **derived(part.model, row)}

    def _check_part(
        self,
        part: Part,
        fields: list[Field],
        draft: Draft,
        owner: Values,
        row: Values,
        written: set[str] | None,
    ) -> None:
        """What is wrong with it as a whole, and what to look at: of what is `written`, None for all of it."""
        for name, message in part.problems(row, owner):
            key = self._key(part, name)
            if not any(key == told for told, _, _ in draft.problems):
                draft.problems.append((key, str(row.get(name, "")), message))
        for name, message in part.warnings(row, owner):
            if written is None or name in written:
                draft.warnings.append((self._key(part, name), str(row.get(name, "")), message))

    def _key(self, part: Part, name: str) -> str:
        """The column of one of the part's fields."""
        return next(one.key for one in self.fields.values() if one.part is part and one.name == name)

    # What becomes of a row

    def _drop(self, draft: Draft, action: str) -> None:
        """Nothing of it is written."""
        draft.action = action
        draft.writes, draft.diff, draft.warnings = {}, [], []

    def _leave_examples_out(self, drafts: Sequence[Draft], cells: Mapping[str, Sequence[str]]) -> None:
        """What is the sample file's own."""
        for at in examples_in(cells, self.fields):
            self._drop(drafts[at], Action.SKIP)
            drafts[at].problems, drafts[at].warnings = [], [("", "", EXAMPLE)]

    def _slim(self, name: str, write: Values) -> Values:
        """Without what a new row has anyway."""
        usual = self.usual[name]
        return {key: value for key, value in write.items() if key not in usual or usual[key] != value}


def next_ids(model: type[Model], number: int) -> list[int]:
    """Ids that nothing has and nothing else will get."""
    if not number:
        return []
    with connection.cursor() as cursor:
        # Which sequence it is takes longer to find out than a number of it.
        cursor.execute(
            "SELECT nextval(found.sequence) FROM generate_series(1, %s),"
            " (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence OFFSET 0) AS found",
            [number, model._meta.db_table],
        )
        return [pk for (pk,) in cursor.fetchall()]
