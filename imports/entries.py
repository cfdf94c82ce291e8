"""What the rows of a sheet of contacts or addresses come to: a row for each, many for a customer who is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from contacts.models import Address
from contacts.sheets import OF_CUSTOMER, Entry
from customers.models import Customer
from imports.choices import Choices, Mode
from imports.drafting import BATCH, Action, Draft, SheetPlanner, defaults_of, displaced, label, next_ids
from imports.entry_finding import KNOWN, EntryDraft, EntryFinder, EntryIdentity
from imports.fields import Field, ManyField
from lists.parts import Values
from lists.sheets import Row
from tenants.models import Membership

# In place of a customer who is not known: whatever else is wrong with the row is told all the same.
NOBODY: Values = {
    "id": None,
    "kind": Customer.Kind.COMPANY,
    "name": "",
    "reference": "",
    "sort_name": "",
    "reference_key": "",
    "disabled_at": None,
}


class EntryPlanner(SheetPlanner):
    """Plans the rows of a file of `entry`."""

    named = OF_CUSTOMER[1]

    def __init__(self, entry: Entry, choices: Choices, fields: dict[str, Field], *, by: Membership) -> None:
        super().__init__(choices, fields, by=by)
        self.entry = entry
        self.own = [one for one in self.given if one.part is entry]
        self.many = [one for one in self.own if isinstance(one, ManyField)]
        self.flag = next(one for one in fields.values() if one.part and one.attribute == entry.flag)
        self.told = next((one for one in fields.values() if one.column.tells_country), None)
        self.label = label(entry.model)
        self.usual = {self.label: defaults_of(entry.model)}
        self.blank = {**self.usual[self.label], **{one.key: one.empty for one in self.many}}
        self.finder = EntryFinder(entry, fields, self.own, self._said)

    def look_through(self, rows: Iterator[Row]) -> None:
        self.finder.look_through(
            told for batch in iter(lambda: list(islice(rows, BATCH)), []) for told in self._wishes(batch)
        )

    def _wishes(self, rows: Sequence[Row]) -> Iterator[tuple[int, EntryIdentity, bool]]:
        """Of each row its number, who it is, and whether it wants the flag."""
        cells = self._cells(rows, {*OF_CUSTOMER, *self.finder.told_by, self.flag.key})
        wishes = cells.get(self.flag.key, [""] * len(rows))
        identities = self.finder.identities(cells, len(rows), self.words)
        for row, identity, cell in zip(rows, identities, wishes, strict=True):
            yield row.number, identity, bool(cell) and self.flag.read(cell, "").value is True

    def go_on(self, entries: dict[str, Any], unchanged: Any) -> None:
        keys = unchanged.filter(key__startswith=KNOWN).values_list("key", flat=True)
        self.finder.taken.update(int(key.removeprefix(KNOWN)) for key in keys.iterator())

    # A batch

    def plan(self, rows: Sequence[Row]) -> list[EntryDraft]:
        cells = self._cells(rows)
        drafts = [EntryDraft(row.number, found=None) for row in rows]
        self.finder.find(drafts, cells, self.words)
        self._put_words_back(drafts, cells)
        self._refuse_broken(rows, drafts, cells)
        self._tell_countries(drafts, cells)
        columns = [cells[one.key] for one in self.own]
        for at, draft in enumerate(drafts):
            self._put_together(draft, [column[at] for column in columns])
            self._decide(draft)
        self._leave_examples_out(drafts, cells)
        self._number(drafts)
        return drafts

    def _there(self, one: Field, draft: Draft) -> Values | None:
        assert isinstance(draft, EntryDraft)
        if one.part is not self.entry:
            return draft.owner
        return draft.found.values if draft.found else None

    def _tell_countries(self, drafts: Sequence[EntryDraft], cells: dict[str, list[str]]) -> None:
        """In which country the cells of a row are read: an address's own, or that of the customer's billing address."""
        if self.told is None:
            owners = {draft.customer_id for draft in drafts if draft.customer_id}
            billing = Address.objects.filter(is_billing=True, customer__in=owners).order_by()
            countries = dict(billing.values_list("customer_id", "country")) if owners else {}
            for draft in drafts:
                draft.country = countries.get(draft.customer_id or 0, "")
            return
        given = cells.get(self.told.key, [""] * len(drafts))
        for draft, cell in zip(drafts, given, strict=True):
            if cell:
                draft.country = str(self.told.read(cell, "").value or "")
            elif draft.found:
                draft.country = str(draft.found.values[self.told.attribute])

    # A row

    def _put_together(self, draft: EntryDraft, said: list[str]) -> None:
        owner = draft.owner or NOBODY
        if draft.found:
            self._change_part(self.entry, self.own, draft, owner, said, draft.found.values)
            row = {**draft.found.values, **draft.writes.get(self.label, {})}
        else:
            self._make_part(self.entry, self.own, draft, owner, said, self.blank)
            row = draft.writes.get(self.label, {})
            if not row and not draft.problems:
                message = f"The row says nothing of {self.entry.noun}. Fill it in, or leave the row out."
                draft.problems.append(("", "", message))
        called = self.entry.called(row) if row else ""
        draft.name = f"{called} ({owner['name']})" if called and draft.owner else called or owner["name"]
        if write := draft.writes.get(self.label):
            self._spread(write, draft.found.values if draft.found else None)
            if write.get(self.entry.flag):
                self._displace(draft)
        if draft.number in self.finder.rivals:
            message = (
                f"Row {self.finder.rivals[draft.number]} is {self.entry.flagged} of this customer already. "
                "Only one can be: write no in one of the rows."
            )
            draft.problems.append((self.flag.key, "", message))

    def _spread(self, write: Values, there: Values | None) -> None:
        """What a cell says of several attributes goes where it belongs; other cells may have said something, too."""
        for one in self.many:
            said = write.pop(one.key, None)
            for name in one.attributes if said is not None else ():
                if (name in said) != (there or self.blank)[name]:
                    write[name] = name in said

    def _displace(self, draft: EntryDraft) -> None:
        """Whoever has the flag now loses it."""
        holder = self.finder.holders.get(draft.customer_id or 0)
        if holder is None or (draft.found and holder.pk == draft.found.pk):
            return
        called, yes, no = self.entry.called(holder.values), self.flag.shown(True), self.flag.shown(False)
        draft.diff.append((self.flag.key, f"{called}: {yes}", f"{called}: {no}"))
        draft.writes[displaced(self.entry.model)] = {
            "id": holder.pk,
            "new": False,
            "seen": holder.seen,
            self.entry.flag: False,
        }

    def _decide(self, draft: EntryDraft) -> None:
        if draft.problems:
            self._drop(draft, Action.ERROR)
        elif draft.found is None:
            if self.choices.mode == Mode.UPDATE:
                self._drop(draft, Action.SKIP)
            else:
                draft.action = Action.CREATE
        elif self.choices.mode == Mode.ADD:
            self._drop(draft, Action.SKIP)
        elif draft.writes:
            draft.action = Action.UPDATE
        else:
            self._drop(draft, Action.UNCHANGED)

    def _number(self, drafts: Sequence[EntryDraft]) -> None:
        """Give what will be new the ids it will have."""
        new = [draft for draft in drafts if draft.action == Action.CREATE]
        for draft, pk in zip(new, next_ids(self.entry.model, len(new)), strict=True):
            write = {**draft.writes[self.label], "id": pk, "customer_id": draft.customer_id}
            draft.writes[self.label] = self._slim(self.label, write)
