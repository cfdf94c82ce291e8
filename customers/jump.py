"""The jump box: the ten customers whom somebody who types this most probably means.

Its cost does not grow with the tenant, whatever is typed: names and references that begin with it are read from
their indexes, a window of each; only what they leave empty is looked for elsewhere, and that only for so long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.module_loading import import_string

from customers.filters import ALL
from customers.models import Customer, reference_key
from lists.search import readings, wanted_exactly
from tenants.database import TooSlow, at_most, by_index
from tenants.fields import fold
from tenants.models import User

SHOWN = 10
WINDOW = 100  # rows of an index whose beginning was typed, of which the best are taken
MANY = 200  # rows in which what was typed stands somewhere, the first by name
FEWEST_LETTERS = 3  # with fewer a trigram index has to be read whole
MILLISECONDS = 250  # for those in which it stands somewhere
MILLISECONDS_MORE = 80  # for those of them in whose name a word begins so, when they are many
LAST = "\U0010ffff"  # no text goes on after it

EXACT, BEGINS, WORD_BEGINS, REFERENCE_BEGINS, ELSEWHERE = range(5)


@dataclass(frozen=True)
class Reason:
    """Why a customer was found, when its name does not say it: "Contact", "Anna Müller"."""

    label: str
    text: str


# (the words to explain by customer, who asks) → what another app's rows have of them. Asks one query at most.
Explanation = Callable[[Mapping[int, Sequence[str]], User], Mapping[int, Reason]]


@dataclass
class Hit:
    """A customer that was found."""

    pk: int
    name: str
    kind: str
    reference: str
    email: str
    phone: str
    disabled_at: Any
    status_name: str | None
    status_colour: str | None
    search: str
    reasons: list[Reason] = field(default_factory=list)

    def unexplained(self, sought: Sequence[Sequence[str]]) -> list[str]:
        """Those of the words that the name does not hold."""
        words: Sequence[str] = next((all_ for all_ in sought if _in(all_, self.search)), [])
        return [word for word in words if word not in fold(self.name)]

    def explain(self, sought: Sequence[Sequence[str]]) -> list[str]:
        """Say what of the customer itself, besides the name, holds the words. Returns those that nothing holds."""
        words = self.unexplained(sought)
        own = [
            ("Reference", self.reference, fold),
            ("E-mail", self.email, fold),
            ("Phone", self.phone, _digits),
        ]
        for label, value, compared in own:
            left = [word for word in words if word not in compared(value)]
            if len(left) < len(words):
                self.reasons.append(Reason(label, value))
            words = left
        return words


@dataclass(frozen=True)
class Found:
    """The best hits for `text`, the best first; `complete` when there are no others."""

    text: str
    hits: list[Hit]
    complete: bool

    @property
    def exact(self) -> str | None:
        """What was asked for with "=" first."""
        return wanted_exactly(self.text)

    @property
    def address(self) -> str:
        """The query string of the list that shows them all."""
        state = {"state": ALL} if any(hit.disabled_at for hit in self.hits) else {}
        return f"?{urlencode({'q': self.text, **state})}"


@dataclass(frozen=True, order=True)
class _Candidate:
    is_disabled: bool
    rank: int
    sort_name: str
    pk: int


def find(text: str, user: User) -> Found:
    """At most three queries for the hits and one to load them; others for why they were found."""
    exact = wanted_exactly(text)
    wanted = text if exact is None else exact
    if not fold(wanted):
        return Found(text, [], complete=False)
    candidates, complete = _nearest(text) if exact is None else _exactly(exact)
    hits = _loaded([candidate.pk for candidate in sorted(candidates)[:SHOWN]])
    _explain(hits, readings(text) if exact is None else [[fold(exact)], *readings(exact)[1:]], user)
    return Found(text, hits, complete and len(candidates) <= SHOWN)


def _exactly(wanted: str) -> tuple[set[_Candidate], bool]:
    begin = _candidates(_beginning(fold(wanted), reference_key(wanted)), wanted)
    found = _in_time(Customer.objects.search(f"={wanted}"), wanted, MILLISECONDS)
    return {one for one in begin if one.rank == EXACT} | (found or set()), found is not None


def _nearest(text: str) -> tuple[set[_Candidate], bool]:
    """Enough candidates for the ten best, and whether they are all there are."""
    typed = fold(text)
    found = _candidates(_beginning(typed, reference_key(text)), text)
    if _enough(found, BEGINS) or max(map(len, typed.split())) < FEWEST_LETTERS:
        return found, False
    anywhere = _in_time(Customer.objects.search(text), text, MILLISECONDS)
    if anywhere is not None and len(anywhere) < MANY:
        return found | anywhere, True
    found |= anywhere or set()
    if _enough(found, WORD_BEGINS):
        return found, False
    begun = f" {typed}"
    word = Customer.objects.filter(search__contains=begun, sort_name__contains=begun)
    return found | (_in_time(word, text, MILLISECONDS_MORE) or set()), False


def _in_time(customers: QuerySet[Customer], text: str, milliseconds: int) -> set[_Candidate] | None:
    """MANY of them; None when finding them takes too long.

    In no order: asked for the first by name, the database would walk along all names wherever it takes a word for
    more frequent than it is in this tenant, and read every match wherever it does not.
    """
    try:
        with at_most(milliseconds), by_index():
            return _candidates(customers.order_by()[:MANY], text)
    except TooSlow:
        return None


def _enough(candidates: Collection[_Candidate], worst: int) -> bool:
    """Whether ten of them are enabled and rank no lower than `worst`."""
    better = [found for found in candidates if not found.is_disabled and found.rank <= worst]
    return len(better) >= SHOWN


def _beginning(name: str, reference: str) -> QuerySet[Any, Any]:
    """Customers whose name or reference begins so. One query, which reads a window of each index."""
    return _from("sort_name", name).union(_from("reference_key", reference), all=True)


def _from(column: str, start: str) -> QuerySet[Any, Any]:
    # Both ends are named: under row-level security the database may not always take them from LIKE by itself.
    ends = {f"{column}__gte": start, f"{column}__lt": f"{start}{LAST}"}
    return _compared(Customer.objects.filter(**ends).order_by(column, "id")[:WINDOW])


def _compared(customers: QuerySet[Customer]) -> QuerySet[Any, Any]:
    return customers.values_list("disabled_at", "sort_name", "reference_key", "pk")


def _candidates(customers: QuerySet[Any, Any], text: str) -> set[_Candidate]:
    rows = customers if customers.query.combinator else _compared(customers)
    typed, reference = fold(text), reference_key(text)
    return {
        _Candidate(disabled_at is not None, _rank(name, key, typed, reference), name, pk)
        for disabled_at, name, key, pk in rows
    }


def _rank(name: str, key: str, typed: str, reference: str) -> int:
    if typed == name or reference == key:
        return EXACT
    if name.startswith(typed):
        return BEGINS
    if f" {typed}" in name:
        return WORD_BEGINS
    return REFERENCE_BEGINS if key.startswith(reference) else ELSEWHERE


def _loaded(pks: Sequence[int]) -> list[Hit]:
    """In this order. One query."""
    names = ("pk", "name", "kind", "reference", "email", "phone", "disabled_at", "search")
    marks = {"status_name": F("status__name"), "status_colour": F("status__colour")}
    rows = Customer.objects.filter(pk__in=pks).order_by().values(*names, **marks) if pks else []
    by_pk = {row["pk"]: Hit(**row) for row in rows}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _explain(hits: Sequence[Hit], sought: Sequence[Sequence[str]], user: User) -> None:
    """Say of each hit what holds those of the words that are not in its name."""
    left = {hit.pk: words for hit in hits if (words := hit.explain(sought))}
    explanations: list[Explanation] = [import_string(path) for path in settings.CUSTOMER_MATCHES]
    for explain in explanations if left else []:
        reasons = explain(left, user)
        for hit in hits:
            if hit.pk in reasons:
                hit.reasons.append(reasons[hit.pk])


def _in(words: Iterable[str], text: str) -> bool:
    return all(word in text for word in words)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)
