"""Whose a row of a sheet of contacts or addresses is, and which of the customer's it stands for.

The customer is told by its reference, and where a row has none by its name, if only one is called like that. Which
contact it is, the e-mail address tells, or where that is blank or new the name; which address, the label, or the
street and postal code. What several share is told by both. So a file can be imported twice.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from django.db.models import Q

from contacts.sheets import OF_CUSTOMER, Entry
from customers.models import Customer, reference_key
from imports.drafting import Draft, Words
from imports.fields import Field, ManyField
from imports.finding import Found, asked, name_key, part_columns
from lists.parts import Values
from tenants.fields import fold
from tenants.queries import AmongMany

REFERENCE, NAME = OF_CUSTOMER
OWNER = ("id", "kind", "name", "reference", "reference_key", "sort_name", "disabled_at")
UNKNOWN = "No customer has this reference. Correct it, or import the customer first."
UNNAMED = "No customer is called like this. Correct it, or import the customer first."
SEVERAL_OWNERS = "Several customers are called like this. Give the row the reference of the one meant."
NOBODYS = "Nothing says whose this is. Give the row the customer's reference."
KNOWN = "is:"  # how the key of a row begins that stands for one who is there; its id follows


@dataclass(slots=True)
class EntryDraft(Draft):
    """`found` is the contact or address who is there, `owner` the customer."""

    owner: Values | None = None

    @property
    def seen(self) -> int | None:
        """The customer's own is not written, and so may have changed meanwhile."""
        return None


@dataclass(frozen=True, slots=True)
class EntryIdentity:
    """What tells a row's customer and which of the customer's it is, as compared; all of it may be ''."""

    reference: str
    name: str
    first: str
    then: str

    @property
    def owner(self) -> str:
        return f"r:{self.reference}" if self.reference else f"n:{self.name}" if self.name else ""

    @property
    def tells_first(self) -> int:
        """What rows share that are told first by the same, at one customer."""
        return hash((self.owner, self.first))


class EntryFinder:
    """`own` are the given columns of the entry itself; `said` makes '' of a text that counts as blank in a column."""

    def __init__(
        self,
        entry: Entry,
        fields: dict[str, Field],
        own: Sequence[Field],
        said: Callable[[str, str], str],
    ) -> None:
        self.entry = entry
        self.said = said
        self.fields = fields
        self.own = own
        self.many = [one for one in own if isinstance(one, ManyField)]
        keys = {one.attribute: one.key for one in fields.values() if one.part is entry}
        self.told_by = [keys[name] for name in entry.told_by]
        given = {one.attribute for one in own}
        self.first_is_given, self.flag_is_given = entry.told_by[0] in given, entry.flag in given
        self.columns = part_columns(entry)
        self.given = array("q")  # what rows are told by first, sorted
        self.shared: frozenset[int] = frozenset()  # of it, what several rows give
        self.rivals: dict[
            int, int
        ] = {}  # rows that want the flag, though another row of the customer's does first
        self.taken: set[int] = (
            set()
        )  # of those that can't be told apart, those for which a row stands already
        self.holders: dict[int, Found] = {}  # who has the flag, by customer; of this batch

    def identities(self, cells: dict[str, list[str]], number: int, words: Words) -> list[EntryIdentity]:
        """Where nothing else says whose a row is, words for blank are what they say: somebody may be called so."""
        none = [""] * number
        references, names, *told = (cells.get(key, none) for key in (REFERENCE, NAME, *self.told_by))
        owners = [
            (reference, name)
            if reference or name
            else tuple(words.get(key, {}).get(at, "") for key in OF_CUSTOMER)
            for at, (reference, name) in enumerate(zip(references, names, strict=True))
        ]
        return [
            EntryIdentity(
                reference_key(asked(reference)) if reference else "",
                name_key(asked(name)) if name else "",
                *self._tell(map(asked, values)),
            )
            for (reference, name), *values in zip(owners, *told, strict=True)
        ]

    def _tell(self, values: Iterable[str]) -> tuple[str, str]:
        """What tells an entry. One that is called as what counts as blank is told by nothing: a file can't name it."""
        return self.entry.tell(
            dict(zip(self.entry.told_by, map(self.said, values, self.told_by), strict=True))
        )

    def look_through(self, rows: Iterable[tuple[int, EntryIdentity, bool]]) -> None:
        """See what the rows have in common: each by its number, and whether it wants the flag. Some thirty bytes for
        each of them."""
        given, wanting, numbers, who = (array("q") for _ in range(4))
        for number, identity, wants in rows:
            if identity.first:
                given.append(identity.tells_first)
            if wants:
                wanting.append(hash(identity.owner))
                numbers.append(number)
                who.append(hash((identity.first, identity.then)))
        self.given = array("q", sorted(given))
        self.shared = frozenset(one for one, other in pairwise(self.given) if one == other)
        for _, places in groupby(
            sorted(range(len(wanting)), key=wanting.__getitem__), key=wanting.__getitem__
        ):
            first, *others = places
            self.rivals |= {numbers[at]: numbers[first] for at in others if who[at] != who[first]}

    def _is_given(self, owner: Values, first: str) -> bool:
        """Whether a row of the file is told by that."""
        keys = (f"r:{owner['reference_key']}", f"n:{name_key(owner['name'])}")
        return any(
            at < len(self.given) and self.given[at] == one
            for one in (hash((key, first)) for key in keys)
            for at in (bisect_left(self.given, one),)
        )

    # A batch

    def find(self, drafts: Sequence[EntryDraft], cells: dict[str, list[str]], words: Words) -> None:
        """Tell each draft its customer, and which of the customer's it is, or why that can't be told."""
        identities = self.identities(cells, len(drafts), words)
        customers = _Customers(identities)
        told = [
            self._customers(at, draft, identity, cells, customers)
            for at, (draft, identity) in enumerate(zip(drafts, identities, strict=True))
        ]
        there = self._load({one["id"] for owners in told for one in owners}, identities)
        self.holders = there.holders
        for at, (draft, identity, owners) in enumerate(zip(drafts, identities, told, strict=True)):
            self._find(at, draft, identity, owners, there, cells)

    def _customers(
        self,
        at: int,
        draft: EntryDraft,
        identity: EntryIdentity,
        cells: dict[str, list[str]],
        known: _Customers,
    ) -> list[Values]:
        """Those whose it may be."""
        called = known.called(identity)
        for key in OF_CUSTOMER:
            one, cell = self.fields[key], cells[key][at] if key in cells else ""
            wrong = one.read(cell, "").error if cell else ""
            if wrong and not any(one.shows(cell, there[one.attribute]) for there in called):
                draft.problems.append((key, cell, wrong))
                return []
        if not any(cells[key][at] for key in OF_CUSTOMER if key in cells):
            if called:
                return called
            draft.problems.append((REFERENCE, "", NOBODYS))
            return []
        if identity.reference:
            found = known.by_reference.get(identity.reference)
            if found is None:
                draft.problems.append((REFERENCE, cells[REFERENCE][at], UNKNOWN))
                return []
            if identity.name and identity.name != name_key(found["name"]):
                message = (
                    f"The customer with this reference is called “{found['name']}”. Check that it is meant."
                )
                draft.warnings.append((NAME, cells[NAME][at], message))
            return [found]
        if identity.name not in known.by_name:
            draft.problems.append((NAME, cells[NAME][at], UNNAMED))
        return known.by_name.get(identity.name, [])

    def _find(
        self,
        at: int,
        draft: EntryDraft,
        identity: EntryIdentity,
        owners: list[Values],
        there: _Entries,
        cells: dict[str, list[str]],
    ) -> None:
        found = [one for owner in owners for one in self._matching(identity, owner, there)]
        is_told = len(owners) == 1 and (identity.first or identity.then)
        if not is_told or len(found) > 1:
            found = self._as_in(at, cells, found) or (found if is_told else [])
        if len(found) > 1:
            message = (
                f"Several of the customer's may be meant. Give the row the {self.entry.tells} of the one."
            )
            draft.problems.append(("", "", message))
        elif found:
            draft.found = found[0]
            owners = [one for one in owners if one["id"] == found[0].values["customer_id"]]
        if len(owners) > 1:
            draft.problems.append((NAME, cells[NAME][at], SEVERAL_OWNERS))
        elif owners:
            [draft.owner] = owners
            draft.customer_id = owners[0]["id"]
            if draft.found:
                draft.key = f"{KNOWN}{draft.found.pk}"
            elif identity.first or identity.then:
                draft.key = f"{draft.customer_id}\n{identity.first}\n{identity.then}"

    def _matching(self, identity: EntryIdentity, owner: Values, there: _Entries) -> list[Found]:
        """Those of the customer that the row may stand for."""
        like_then = there.by_then.get((owner["id"], identity.then), [])
        if not identity.first:
            without = [one for one in like_then if not there.first[one.pk]]
            return without if self.first_is_given and without else like_then
        found = there.by_first.get((owner["id"], identity.first), [])
        if len(found) > 1 or identity.tells_first in self.shared:
            found = [one for one in found if there.then[one.pk] == identity.then]
        if found or not identity.then:
            return found
        return [one for one in like_then if self._may_be(there.first[one.pk], owner)]

    def _may_be(self, first: str, owner: Values) -> bool:
        """Whether one that is told by something else first may be meant all the same."""
        return not first or (self.entry.renamed and not self._is_given(owner, first))

    def _as_in(self, at: int, cells: dict[str, list[str]], found: list[Found]) -> list[Found]:
        """One of several that no row stands for yet and that is as the row says: it changes nothing."""
        for one in found:
            if one.pk not in self.taken and all(
                self._says(given, cells[given.key][at], one.values[given.attribute]) for given in self.own
            ):
                self.taken.add(one.pk)
                return [one]
        return []

    def _says(self, given: Field, cell: str, value: Any) -> bool:
        """Whether the cell is what is there; one that says nothing is, where nothing is there, or what counts so."""
        return given.shows(cell, value) if cell else not self.said(given.shown(value), given.key)

    def _load(self, owners: Collection[int], identities: Sequence[EntryIdentity]) -> _Entries:
        """Those of the customers that the rows may stand for, or that have the flag. Two queries: what tells the
        customers' own is looked at one by one, for a customer may have very many."""
        firsts, thens = {one.first for one in identities} - {""}, {one.then for one in identities}
        entry, kept = self.entry, []
        rows = entry.rows().filter(AmongMany("customer_id", owners)) if owners else entry.rows().none()
        for pk, has_flag, *values in rows.values_list("id", entry.flag, *entry.told_by).iterator():
            first, then = self._tell(values)
            if first in firsts or then in thens or (has_flag and self.flag_is_given):
                kept.append(pk)
        there = _Entries()
        for row in (
            entry.rows().filter(AmongMany("pk", kept)).order_by("pk").values(*self.columns) if kept else ()
        ):
            row |= {one.key: one.of(row) for one in self.many}
            found = Found(row["id"], row["last_operation_id"], row)
            there.add(found, *self._tell(row[name] for name in entry.told_by))
            if row[entry.flag]:
                there.holders[row["customer_id"]] = found
        return there


class _Customers:
    """Those that the rows name. One query."""

    def __init__(self, identities: Iterable[EntryIdentity]) -> None:
        references, names = set(), set()
        for one in identities:
            if one.reference:
                references.add(one.reference)
            elif one.name:
                names.add(fold(one.name))
        wanted = Q(AmongMany("reference_key", references)) if references else Q(pk__in=[])
        if names:
            wanted |= Q(AmongMany("sort_name", names))
        self.by_reference: dict[str, Values] = {}
        self.by_name: dict[str, list[Values]] = {}
        found: Any = Customer.objects.filter(wanted).order_by("pk").values(*OWNER)
        for values in found:
            if values["reference_key"]:
                self.by_reference[values["reference_key"]] = values
            self.by_name.setdefault(name_key(values["name"]), []).append(values)

    def called(self, identity: EntryIdentity) -> list[Values]:
        """Those with that reference and name, or that name where there is no reference."""
        if not identity.reference:
            return self.by_name.get(identity.name, []) if identity.name else []
        found = self.by_reference.get(identity.reference)
        return [found] if found and name_key(found["name"]) == identity.name else []


class _Entries:
    """Those who are there, by their customer and what tells them."""

    def __init__(self) -> None:
        self.by_first: dict[tuple[int, str], list[Found]] = {}
        self.by_then: dict[tuple[int, str], list[Found]] = {}
        self.first: dict[int, str] = {}
        self.then: dict[int, str] = {}
        self.holders: dict[int, Found] = {}

    def add(self, found: Found, first: str, then: str) -> None:
        owner: int = found.values["customer_id"]
        self.first[found.pk], self.then[found.pk] = first, then
        if first:
            self.by_first.setdefault((owner, first), []).append(found)
        self.by_then.setdefault((owner, then), []).append(found)
