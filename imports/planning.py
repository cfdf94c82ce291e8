"""What the rows of a file come to: which customer each stands for, and what it would change. Nothing is written.

Rows are planned in batches: the cells are read column by column, the customers who are there with one query of each
kind of row, and then each row is put together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet

from contacts.search import settle_new
from customers.models import Customer
from imports.choices import PERSON, Choices, Mode
from imports.drafting import BATCH, Action, Draft, SheetPlanner, defaults_of, derived, label, next_ids
from imports.fields import Field, fields_for
from imports.finding import Finder, name_key
from imports.models import PlanRow
from lists.parts import Part, Values
from lists.sheets import Row
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id
from tenants.models import Membership, Tenant

CUSTOMER, CONTACT, ADDRESS = "customers.customer", "contacts.contact", "contacts.address"
TELLING = ("kind", "name", "reference", "email", "contact_name")  # columns that say whom a row stands for
MISSING = "This is mandatory, and the file has no value for it. Fill it in."
WORDED = "This is mandatory, and “{}” counts as empty. Fill it in, or take the word from those that count as empty."


class Planner(SheetPlanner):
    """Plans the rows of a file of customers."""

    def __init__(self, choices: Choices, *, by: Membership) -> None:
        super().__init__(choices, fields_for(by.user), by=by)
        self.own = [one for one in self.given if one.part is None]
        self.parts = self._parts()
        self.country_fields = [one for one in self.fields.values() if one.column.tells_country]
        company = Tenant.objects.get(pk=require_tenant_id())
        self.mandatory = [
            one
            for one in self.fields.values()
            if one.part is None and one.is_mandatory(company.mandatory_fields)
        ]
        self.starts = self._starts()
        models: list[type[Model]] = [Customer, *(part.model for part in self.parts)]
        self.usual = {label(model): defaults_of(model) for model in models}
        self.finder = Finder(choices, self.own, self.parts)

    def look_through(self, rows: Iterator[Row]) -> None:
        if "email" in self.sources:
            self.finder.look_for_shared(
                identity
                for batch in iter(lambda: list(islice(rows, BATCH)), [])
                for identity in self.finder.identities(self._cells(batch, TELLING), len(batch))
            )

    def go_on(self, entries: dict[str, Any], unchanged: QuerySet[PlanRow]) -> None:
        for name, known in entries.items():
            self.new_entries[name] = {key: (pk, text) for key, (pk, text) in known.items()}
        customers = unchanged.values_list("customer_id", flat=True)
        self.finder.taken.update(pk for pk in customers.iterator() if pk)

    def _person(self, at: Mapping[str, Any]) -> str:
        return "contact_name" if "name" in at else "name"

    def _sources(self) -> dict[str, list[int]]:
        """Beside people with a company may be others without: whether one is a company is then said by row."""
        at = super()._sources()
        people = not set(PERSON).isdisjoint(self.choices.columns.values())
        self.people_may_be_alone = people and {"name", "contact_name"} <= at.keys() & self.fields.keys()
        if self.people_may_be_alone:
            at.setdefault("kind", [])
        return {key: at[key] for key in self.fields if key in at}

    def _cells(self, rows: Sequence[Row], only: Collection[str] | None = None) -> dict[str, list[str]]:
        """Who has no company is a customer by that name; a name beside that of a person is a company's."""
        cells = super()._cells(rows, only)
        self.alone: dict[int, str] = {}
        self.companies: list[int] = []
        if self.people_may_be_alone:
            for at, (name, person) in enumerate(zip(cells["name"], cells["contact_name"], strict=True)):
                if person and not name:
                    self.alone[at] = cells["kind"][at]
                    cells["name"][at], cells["contact_name"][at] = person, ""
                    self.words["name"].pop(at, None)
                    cells["kind"][at] = cells["kind"][at] or Customer.Kind.INDIVIDUAL
                elif name_key(name) != name_key(person):
                    self.companies.append(at)
        return cells

    def _tell_companies(self, drafts: Sequence[Draft], cells: dict[str, list[str]]) -> None:
        """A new one is a company whatever others are. One that is there keeps its name, of which the row says nothing;
        the person is its contact."""
        for at in self.companies if self.starts["kind"] != Customer.Kind.COMPANY else ():
            if drafts[at].found is None:
                cells["kind"][at] = cells["kind"][at] or Customer.Kind.COMPANY
        for at, kind in self.alone.items():
            found = drafts[at].found
            if found is not None and found.values["kind"] == Customer.Kind.COMPANY:
                cells["name"][at], cells["contact_name"][at] = "", cells["name"][at]
                cells["kind"][at] = kind

    def _parts(self) -> dict[Part, list[Field]]:
        """Of each part that the file says something of, or that tells a customer's country, the given fields."""
        named = [
            one.part
            for one in self.fields.values()
            if one.part and (one.key in self.sources or one.column.tells_country)
        ]
        return {part: [one for one in self.given if one.part is part] for part in dict.fromkeys(named)}

    def _starts(self) -> Values:
        """What a new customer has where the file says nothing."""
        usual = {
            "segment_id": _pk(Segment.default()),
            "status_id": _pk(Status.default()),
            "channel_id": _pk(Channel.default()),
            "responsible_manager_id": self.by.pk,
            "service_manager_id": None,
        }
        kind = {"kind": self.choices.kind} if self.choices.kind else {}
        return {**defaults_of(Customer), **usual, **kind, **self.choices.defaults}

    # A batch

    def plan(self, rows: Sequence[Row]) -> list[Draft]:
        cells = self._cells(rows)
        drafts = [Draft(row.number, found=None) for row in rows]
        self.finder.find(drafts, cells, self.words)
        self._put_words_back(drafts, cells)
        self._refuse_broken(rows, drafts, cells)
        self._tell_companies(drafts, cells)
        for draft, country in zip(drafts, self._countries(drafts, cells), strict=True):
            draft.country = country
        owners = self._owners(drafts, cells)
        for part, fields in self.parts.items():
            if fields:
                self._plan_part(part, fields, drafts, cells, owners)
        for at, (draft, owner) in enumerate(zip(drafts, owners, strict=True)):
            self._decide(at, draft, owner)
        self._leave_examples_out(drafts, cells)
        self._number(drafts)
        return drafts

    def _there(self, one: Field, draft: Draft) -> Values | None:
        if draft.found is None:
            return None
        values = draft.found.values
        return values if one.part is None else draft.found.parts.get(one.part) or one.part.stand_in(values)

    def _countries(self, drafts: list[Draft], cells: dict[str, list[str]]) -> Iterator[str]:
        """ISO code of the country that each row names, or else of the one known of the customer; '' for none."""
        if not self.country_fields:
            yield from ("" for _ in drafts)
            return
        [told] = self.country_fields
        given = cells.get(told.key)
        for at, draft in enumerate(drafts):
            if given and given[at]:
                yield str(told.read(given[at], "").value or "")
            elif draft.found and told.part and (there := draft.found.parts.get(told.part)):
                yield str(there[told.attribute])
            else:
                yield ""

    # The customer's own

    def _owners(self, drafts: list[Draft], cells: dict[str, list[str]]) -> list[Values]:
        """The customers as they would be; what changes, and what is wrong, is noted in the drafts."""
        owners = [{**(draft.found.values if draft.found else self.starts)} for draft in drafts]
        for one in self.own:
            for draft, owner, cell in zip(drafts, owners, cells[one.key], strict=True):
                if draft.found is None:
                    if cell:
                        self._put_in_new(one, draft, owner, cell)
                elif not cell:
                    self._clear(one, draft, owner, owner[one.attribute], is_there=True)
                elif not one.shows(cell, owner[one.attribute]):
                    self._put(one, draft, owner, cell, owner[one.attribute])
        return owners

    # The rows beside

    def _plan_part(
        self,
        part: Part,
        fields: list[Field],
        drafts: list[Draft],
        cells: dict[str, list[str]],
        owners: list[Values],
    ) -> None:
        blank = defaults_of(part.model)
        columns = [cells[one.key] for one in fields]
        for draft, owner, *said in zip(drafts, owners, *columns, strict=True):
            there = draft.found.parts.get(part) if draft.found else None
            if there is not None:
                self._change_part(part, fields, draft, owner, said, there)
            elif any(said):
                self._make_part(part, fields, draft, owner, said, blank)

    # What becomes of a row

    def _decide(self, at: int, draft: Draft, owner: Values) -> None:
        draft.name = str(owner.get("name") or "")
        if draft.found is None:
            for one in self.mandatory:
                if owner.get(one.attribute) in (None, "") and not any(
                    one.key == key for key, _, _ in draft.problems
                ):
                    word = self.words.get(one.key, {}).get(at, "")
                    draft.problems.append((one.key, word, WORDED.format(word.strip()) if word else MISSING))
        else:
            draft.customer_id = draft.found.pk
        if draft.problems:
            self._drop(draft, Action.ERROR)
        elif draft.found is None:
            if self.choices.mode == Mode.UPDATE:
                self._drop(draft, Action.SKIP)
                return
            draft.action = Action.CREATE
            draft.writes[label(Customer)] = {"id": None, "new": True, **owner, **derived(Customer, owner)}
        elif self.choices.mode == Mode.ADD:
            self._drop(draft, Action.SKIP)
        elif draft.changed or draft.writes:
            draft.action = Action.UPDATE
            if draft.changed:
                draft.writes[label(Customer)] = {
                    "id": draft.found.pk,
                    "new": False,
                    **draft.changed,
                    **derived(Customer, owner, draft.changed),
                }
        else:
            draft.action = Action.UNCHANGED

    def _number(self, drafts: list[Draft]) -> None:
        """Give what will be new the ids it will have."""
        models: list[type[Model]] = [Customer, *(part.model for part in self.parts)]
        for model in models:
            new = [
                (draft, write)
                for draft in drafts
                if (write := draft.writes.get(label(model))) is not None and write["new"]
            ]
            for (draft, write), pk in zip(new, next_ids(model, len(new)), strict=True):
                write["id"] = pk
                if model is Customer:
                    draft.customer_id = pk
        for draft in drafts:
            for part in self.parts:
                write = draft.writes.get(label(part.model))
                if write is not None and write["new"]:
                    write[f"{part.owner}_id"] = draft.customer_id
            if draft.action == Action.CREATE:
                customer, contact, address = map(draft.writes.get, (CUSTOMER, CONTACT, ADDRESS))
                assert customer is not None
                settle_new(customer, contact, address)
            for name, write in draft.writes.items():
                if write["new"]:
                    draft.writes[name] = self._slim(name, write)


def _pk(row: Any) -> int | None:
    return row.pk if row is not None else None
