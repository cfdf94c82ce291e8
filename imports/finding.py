"""Which customer a row of a file stands for.

A row with a reference stands for the customer who has it. A row without one stands for the customer with its e-mail
address (where several share the address, or several rows give it: with that address and name), and without an address
either for the customer of that name. So a file can be imported twice. By e-mail address, the reference is not asked.
A word for blank is a reference or a name only where a customer is there with both as in the row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from customers.models import Customer, reference_key
from imports.choices import Choices, Match
from imports.fields import Field
from lists.cells_text import unescape
from lists.parts import Part, Values
from tenants.fields import DerivedTextField, fold, tidy
from tenants.queries import AmongMany

if TYPE_CHECKING:
    from imports.drafting import Draft, Words

ALWAYS = ("id", "last_operation_id", "kind", "name", "reference", "email", "phone")
ALIKE = "{} is there already with this {}. If it is the same customer, {}."
SEVERAL = "Several customers have this name and e-mail address. Give the row the reference of the one meant."


def name_key(name: str) -> str:
    return " ".join(tidy(name).casefold().split())


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a row's customer, as compared; all of it may be ''."""

    reference: str
    email: str
    name: str

    @property
    def key(self) -> str:
        """What two rows for one new customer share; '' where nothing tells."""
        if self.reference:
            return f"r:{self.reference}"
        return f"n:{self.email}\n{self.name}" if self.email or self.name else ""


@dataclass(slots=True)
class Found:
    """A customer who is there, and the rows beside it, as values by attribute. `seen` is its last operation."""

    pk: int
    seen: int
    values: Values
    parts: dict[Part, Values] = field(default_factory=dict)


class Finder:
    def __init__(self, choices: Choices, own: Sequence[Field], parts: dict[Part, list[Field]]) -> None:
        self.by_reference = choices.match == Match.REFERENCE
        self.own = own
        self.parts = parts
        self.columns = tuple(dict.fromkeys([*ALWAYS, *(one.attribute for one in own)]))
        self.shared: frozenset[int] = (
            frozenset()
        )  # hashes of e-mail addresses that several rows without reference give
        self.taken: set[int] = (
            set()
        )  # of customers who can't be told apart, those whom a row stands for already

    def identities(self, cells: dict[str, list[str]], number: int) -> list[Identity]:
        none = [""] * number
        references, emails, names = (cells.get(key, none) for key in ("reference", "email", "name"))
        return [
            Identity(
                reference_key(asked(reference)) if reference else "",
                tidy(asked(email)).casefold() if email else "",
                name_key(asked(name)) if name else "",
            )
            for reference, email, name in zip(references, emails, names, strict=True)
        ]

    def look_for_shared(self, identities: Iterable[Identity]) -> None:
        """Remember which e-mail addresses several rows of the file share. Eight bytes for each row."""
        seen = array("q", (hash(one.email) for one in identities if one.email and not self._reference(one)))
        self.shared = frozenset(one for one, other in pairwise(sorted(seen)) if one == other)

    def _reference(self, identity: Identity) -> str:
        return identity.reference if self.by_reference else ""

    def find(self, drafts: Sequence[Draft], cells: dict[str, list[str]], words: Words) -> None:
        """Tell each draft its customer, or why that can't be told."""
        identities = self.identities(cells, len(drafts))
        worded = self._worded(cells, words)
        candidates = _Candidates(self._load([*identities, *worded.values()]))
        for at, identity in worded.items():
            if self._called_so(identity, candidates):
                identities[at] = identity
        for at, (draft, identity) in enumerate(zip(drafts, identities, strict=True)):
            draft.key = identity.key
            found = self._matching(identity, candidates)
            if len(found) > 1:
                found = self._as_in(at, cells, found, words) or found
            if len(found) > 1:
                draft.problems.append(("", "", SEVERAL))
            elif found:
                draft.found = found[0]
            if not self.by_reference and identity.reference:
                self._refuse_taken(draft, identity, cells["reference"][at], candidates)
        self._warn_of_alike(drafts, identities, cells)

    def _worded(self, cells: dict[str, list[str]], words: Words) -> dict[int, Identity]:
        """By their places, who the rows are where words for blank are none."""
        places = sorted({at for key in ("reference", "name") for at in words.get(key, ())})
        as_written: dict[str, list[str]] = {
            key: [words.get(key, {}).get(at, cells[key][at]) for at in places]
            for key in ("reference", "email", "name")
            if key in cells
        }
        return dict(zip(places, self.identities(as_written, len(places)), strict=True))

    def _called_so(self, identity: Identity, candidates: _Candidates) -> bool:
        found = self._matching(identity, candidates)
        return any(name_key(one.values["name"]) == identity.name for one in found)

    def _warn_of_alike(
        self, drafts: Sequence[Draft], identities: Sequence[Identity], cells: dict[str, list[str]]
    ) -> None:
        """Who is there already and may be a new customer: one that has another reference, or none where several have
        its e-mail address. Two queries at the most."""
        new = [
            (at, draft, identity)
            for at, (draft, identity) in enumerate(zip(drafts, identities, strict=True))
            if draft.found is None and not draft.problems
        ]
        emails = self._called("email_key", {one.email for _, _, one in new})
        names = self._called("sort_name", {fold(one.name) for _, _, one in new})
        for at, draft, identity in new:
            key, other = "email", emails.get(identity.email)
            if other is None:
                key, other = "name", names.get(fold(identity.name))
            if other is not None:
                name, reference = other
                what = "e-mail address" if key == "email" else "name"
                draft.warnings.append(
                    (key, cells[key][at], ALIKE.format(name, what, self._if_same(reference)))
                )

    def _if_same(self, reference: str) -> str:
        if not self.by_reference:
            return "leave the row out"
        return f"give the row its reference{f', {reference}' if reference else ''}"

    @staticmethod
    def _called(column: str, keys: set[str]) -> dict[str, list[str]]:
        """By what they are compared with, name and reference of a customer who is there."""
        if not (wanted := keys - {""}):
            return {}
        rows = Customer.objects.filter(AmongMany(column, wanted)).order_by("-pk")
        return {key: told for key, *told in rows.values_list(column, "name", "reference")}

    def _matching(self, identity: Identity, candidates: _Candidates) -> list[Found]:
        if self._reference(identity):
            return candidates.by_reference.get(identity.reference, [])
        if identity.email:
            found = candidates.by_email.get(identity.email, [])
            if len(found) > 1 or hash(identity.email) in self.shared:
                found = [one for one in found if name_key(one.values["name"]) == identity.name]
            return found
        return candidates.by_name.get(identity.name, []) if identity.name else []

    def _refuse_taken(
        self, draft: Draft, identity: Identity, reference: str, candidates: _Candidates
    ) -> None:
        others = candidates.by_reference.get(identity.reference, [])
        if any(draft.found is None or other.pk != draft.found.pk for other in others):
            message = f"{others[0].values['name']} has this reference. Two customers can't share one."
            draft.problems.append(("reference", reference, message))

    def _load(self, identities: Sequence[Identity]) -> list[Found]:
        """Those that the rows may stand for. One query, and one for each kind of row beside them."""
        references = {one.reference for one in identities if one.reference}
        emails = {one.email for one in identities if one.email and not self._reference(one)}
        names = {
            fold(one.name) for one in identities if one.name and not one.email and not self._reference(one)
        }
        wanted = Q(AmongMany("reference_key", references)) if references else Q(pk__in=[])
        if emails:
            wanted |= Q(AmongMany("email_key", emails))
        if names:
            wanted |= Q(AmongMany("sort_name", names))
        rows = Customer.objects.filter(wanted).order_by("pk")
        found = [
            Found(values["id"], values.pop("last_operation_id"), values)
            for values in rows.values(*self.columns)
        ]
        by_id = {one.pk: one for one in found}
        for part in self.parts if found else ():
            owner = f"{part.owner}_id"
            for values in part.rows().filter(AmongMany(owner, by_id)).values(*part_columns(part)):
                by_id[values[owner]].parts[part] = values
        return found

    def _as_in(self, at: int, cells: dict[str, list[str]], found: list[Found], words: Words) -> list[Found]:
        """One of several that no row stands for yet and that is as the row says: it changes nothing. So an
        export can be imported again, also where customers can't be told apart."""
        for one in found:
            if one.pk not in self.taken and self._is_as_in(at, cells, one, words):
                self.taken.add(one.pk)
                return [one]
        return []

    def _is_as_in(self, at: int, cells: dict[str, list[str]], found: Found, words: Words) -> bool:
        return all(
            _says(one, cell, there)
            or (at in words.get(one.key, ()) and _says(one, words[one.key][at], there))
            for part, fields in [(None, self.own), *self.parts.items()]
            for there in [found.values if part is None else found.parts.get(part)]
            for one in fields
            for cell in [cells[one.key][at]]
        )


def asked(cell: str) -> str:
    """As the database may be asked for it."""
    return unescape(cell).replace("\x00", "")


class _Candidates:
    """Customers by what may tell them."""

    def __init__(self, found: Iterable[Found]) -> None:
        self.by_reference: dict[str, list[Found]] = {}
        self.by_email: dict[str, list[Found]] = {}
        self.by_name: dict[str, list[Found]] = {}
        for one in found:
            if one.values["reference"]:
                self.by_reference.setdefault(reference_key(one.values["reference"]), []).append(one)
            if one.values["email"]:
                self.by_email.setdefault(one.values["email"].casefold(), []).append(one)
            self.by_name.setdefault(name_key(one.values["name"]), []).append(one)


def _says(one: Field, cell: str, there: Values | None) -> bool:
    """Whether the cell is what is there; one that says nothing is, where nothing is there."""
    if there is None:
        return not cell
    value: Any = there[one.attribute]
    return one.shows(cell, value) if cell else one.shown(value) == ""


def part_columns(part: Part) -> list[str]:
    """What is read of a row beside a customer: all that people fill, what tells whose it is, and who wrote it last."""
    return [
        one.attname
        for one in part.model._meta.concrete_fields
        if one.name in ("id", "last_operation", part.owner)
        or (one.editable and not one.is_relation and not isinstance(one, DerivedTextField))
    ]
