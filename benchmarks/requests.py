"""Every request of the lists that is measured: derived from the declarations, with the values below.

A list that gains a filter needs a value for it here: without one nothing is measured, and a test fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from benchmarks import words
from benchmarks.asking import Visitor
from lists.declaration import ListDeclaration, list_named
from lists.filters import ChoicesFilter
from lists.listing import Listing
from lists.paging import END, SIZE, Cursor
from tenants.models import User

PAGES = 100  # forward; half of the pages where there are fewer
ADDRESSES = {"customers": "/customers/", "contacts": "/contacts/"}

SEARCHES = {
    "rare": words.RARE,
    "medium": words.MEDIUM,
    "broad": words.BROAD,
    "none": words.NOWHERE,
    "none, of common letters": words.NOWHERE_OF_COMMON_LETTERS,
    "two letters": "ör",
    "broad and medium": f"{words.BROAD} {words.MEDIUM}",
    "two broad words": f"{words.BROAD} {words.BROAD_CITY}",
    "reference": "C-000123",
    "e-mail": "office@alberg",
    "phone": "+49 30 5000",
}
EXACT = {
    "exactly a reference": "=C-000123",
    "exactly an e-mail": "=office@alenwick.example",
    "exactly a phone": "=+49 30 5000123",
    "exactly a phone, as at home": "=030 5000123",
    "exactly a city": f"={words.MEDIUM_CITY}",
    "exactly a letter": "=Ö",
}
# What each filter is set to, by list: the labels of what it offers, or the text that stands in an address.
VALUES: dict[str, dict[str, list[str]]] = {
    "customers": {
        "name": [f"contains:{words.MEDIUM}", f"contains:{words.BROAD}", "starts:mar", "starts:zanwick"],
        "kind": ["Company", "Individual"],
        "reference": ["contains:0123", "starts:c-0001", "empty", "filled"],
        "email": ["contains:office", "contains:hello@al", "starts:post@", "empty", "filled"],
        "phone": ["contains:493050", "contains:55555", "starts:+49 30 50", "empty", "filled"],
        "billing_city": [f"contains:{words.MEDIUM_CITY}", f"starts:{words.BROAD_CITY}", "empty", "filled"],
        "receive_promotional_emails": ["Yes", "No"],
        "employees": ["..9", "50..249", "250..", "37"],
        "customer_since": ["2023-03-01..2023-03-31", "2015-01-01..2019-12-31", "..2009-12-31"],
        "disabled_at": ["last30", "lastyear"],
        "segment": ["Mid-market", "Education", "Not set"],
        "status": ["Active", "Former", "Not set"],
        "channel": ["Direct", "Partner"],
        "responsible_manager": ["Me", "Nobody"],
        "service_manager": ["Me", "Nobody"],
        "created_at": ["last30", "year", "2023-01-01..2023-12-31"],
        "updated_at": ["last7", "last30", "2023-01-01..2023-12-31"],
        "receiving": ["Invoices", "Promotions"],
        "missing": ["Contact", "Primary contact", "Billing address"],
        "country": ["Germany", "Sweden", "Iceland"],
        "contact_count": ["0", "1..", "2..3", "5"],
        "address_count": ["0", "1..", "3.."],
        "state": ["Only these", "Shown too"],
        "q": [],  # SEARCHES
    },
    "contacts": {
        "name": ["contains:berg", "contains:zyg", "starts:anna"],
        "customer": [f"contains:{words.MEDIUM}", "starts:mar"],
        "email": ["contains:anna.al", "starts:maria", "empty", "filled"],
        "phone": ["contains:493050", "starts:+49 30 50", "empty", "filled"],
        "created_at": ["last30", "2023-01-01..2023-12-31"],
        "updated_at": ["last7", "lastyear"],
        "relation": ["Employee", "Letting agent"],
        "primary": ["Primary contacts", "Others"],
        "receives": ["Invoices", "Product news", "Promotions"],
        "segment": ["Mid-market", "Education"],
        "status": ["Active", "Former", "Not set"],
        "state": ["Only these", "Shown too"],
        "q": [],
    },
}
# Two filters, words to search for, and an order.
COMBINED: dict[str, list[tuple[str, dict[str, str]]]] = {
    "customers": [
        ("active Germans", {"status": "Active", "country": "Germany", "sort": "-updated_at"}),
        ("my leads", {"responsible_manager": "Me", "status": "Lead", "sort": "-created_at"}),
        ("mid-market without status", {"segment": "Mid-market", "status": "Not set", "sort": "email"}),
        ("Swedes added lately", {"country": "Sweden", "created_at": "year", "sort": "-reference"}),
        ("many contacts, Germans", {"contact_count": "3..", "country": "Germany", "sort": "-contact_count"}),
        (
            "rare word, active, Germans",
            {"status": "Active", "country": "Germany", "q": words.RARE, "sort": "-updated_at"},
        ),
        (
            "medium word, active, mid-market",
            {"status": "Active", "segment": "Mid-market", "q": words.MEDIUM, "sort": "-updated_at"},
        ),
        (
            "broad word, active, mid-market",
            {"status": "Active", "segment": "Mid-market", "q": words.BROAD, "sort": "-updated_at"},
        ),
        (
            "broad word, mine, Swedes",
            {"responsible_manager": "Me", "country": "Sweden", "q": words.BROAD, "sort": "name"},
        ),
        (
            "broad word, former, disabled",
            {"status": "Former", "state": "Only these", "q": words.BROAD, "sort": "-created_at"},
        ),
        (
            "broad word, changed lately, no address",
            {"updated_at": "last30", "missing": "Billing address", "q": words.BROAD, "sort": "reference"},
        ),
        (
            "broad city, individuals, partners",
            {"kind": "Individual", "channel": "Partner", "q": words.BROAD_CITY, "sort": "-name"},
        ),
        (
            "broad city, get invoices, enterprise",
            {"receiving": "Invoices", "segment": "Enterprise", "q": words.BROAD_CITY, "sort": "email"},
        ),
        (
            "two broad words, name begins, all",
            {"name": "starts:mar", "state": "Shown too", "q": "group berlin", "sort": "-email"},
        ),
        (
            "nothing, active, Germans",
            {"status": "Active", "country": "Germany", "q": words.NOWHERE_OF_COMMON_LETTERS, "sort": "name"},
        ),
        (
            "a phone, no contact, last year",
            {
                "missing": "Contact",
                "created_at": "2023-01-01..2025-12-31",
                "q": "493055",
                "sort": "-created_at",
            },
        ),
        (
            "medium city, no manager, changed lately",
            {
                "responsible_manager": "Nobody",
                "updated_at": "2023-01-01..2026-12-31",
                "q": words.MEDIUM_CITY,
                "sort": "-updated_at",
            },
        ),
    ],
    "contacts": [
        (
            "broad word, primary, get invoices",
            {"primary": "Primary contacts", "receives": "Invoices", "q": words.BROAD, "sort": "-updated_at"},
        ),
        (
            "medium word, active customers, others",
            {"primary": "Others", "status": "Active", "q": words.MEDIUM, "sort": "email"},
        ),
    ],
}
# The last pages of some lists that are narrowed.
LAST: dict[str, list[dict[str, str]]] = {
    "customers": [{"status": "Active"}, {"country": "Germany"}, {"q": words.BROAD}, {"state": "Shown too"}],
    "contacts": [{"status": "Active"}, {"q": words.BROAD}],
}


class NoValue(Exception):
    """A filter is declared that the benchmark does not know how to set."""


@dataclass(frozen=True)
class Request:
    """One request at one company. The requests of two companies have the same labels in the same order."""

    list: str
    label: str
    query: str

    @property
    def path(self) -> str:
        return f"{ADDRESSES[self.list]}?{self.query}"

    @property
    def name(self) -> str:
        return f"{self.list}: {self.label}"

    def declared(self, visitor: Visitor) -> tuple[ListDeclaration, User, QueryDict]:
        """What a Listing of it is made of."""
        declaration = list_named(self.list)
        assert declaration
        return declaration, visitor.user, QueryDict(self.query)


def requests(visitor: Visitor, pattern: str = "") -> list[Request]:
    """All of them, or those in whose name `pattern` occurs. Raises NoValue, or ValueError for one that the list
    does not understand."""
    found = []
    with visitor.inside():
        for name in ADDRESSES:
            made = _Maker(visitor, name)
            wanted = [one for one in made.requests() if pattern.casefold() in one.name.casefold()]
            found += [made.placed(one) for one in wanted]
    return found


class _Maker:
    def __init__(self, visitor: Visitor, name: str) -> None:
        declaration = list_named(name)
        assert declaration, f"No list is named {name}."
        offered = declaration.options(visitor.user)  # asked for once
        self.declaration = replace(declaration, options=lambda user: offered)
        self.name, self.user = name, visitor.user
        self.filters = self.listing("").filterset.filters

    def listing(self, query: str) -> Listing:
        return Listing(self.declaration, self.user, QueryDict(query))

    def requests(self) -> Iterator[Request]:
        yield self.request("as it opens", {})
        yield self.request("as it opens, last page", {"before": END})
        yield from self.by_filter()
        yield from self.by_order()
        for label, text in (SEARCHES | EXACT).items():
            yield self.request(f"search, {label}", {"q": text})
        for label, values in COMBINED[self.name]:
            yield self.request(f"combined, {label}", values)
        for values in LAST[self.name]:
            said = ", ".join(f"{name} {value}" for name, value in values.items())
            yield self.request(f"last page, {said}", {**values, "before": END})

    def by_filter(self) -> Iterator[Request]:
        for name, values in filter_values(self.declaration, list(self.filters)).items():
            for value in values:
                yield self.request(f"{name} {value}", {name: value})

    def by_order(self) -> Iterator[Request]:
        orders = [column.key for column in self.listing("").columns.values() if column.order]
        for key in (f"{sign}{key}" for key in orders for sign in ("", "-")):
            yield self.request(f"sort {key}", {"sort": key})
            yield self.request(f"sort {key}, {PAGES} pages on", {"sort": key, "after": ""})
            yield self.request(f"sort {key}, last page", {"sort": key, "before": END})

    def request(self, label: str, values: Mapping[str, str]) -> Request:
        return Request(
            self.name, label, urlencode({key: self.value(key, text) for key, text in values.items()})
        )

    def value(self, name: str, text: str) -> str:
        """As it stands in an address: of a choice its value instead of its label."""
        declared = self.filters.get(name)
        if not isinstance(declared, ChoicesFilter):
            return text
        found = [option.value for option in declared.by_value.values() if option.label == text]
        if not found:
            raise NoValue(f"The filter {name} of {self.name} offers no “{text}”.")
        return found[0]

    def placed(self, request: Request) -> Request:
        """With the cursor, where it is one of the pages further on."""
        placed = Request(
            request.list, request.label, request.query.replace("after=", f"after={self.after(request)}")
        )
        ignored = self.listing(placed.query).ignored
        if ignored:
            raise ValueError(f"{request.name} is not understood: {'; '.join(ignored)}")
        return placed

    def after(self, request: Request) -> str:
        if "after=" not in request.query:
            return ""
        listing = self.listing(request.query)
        count = listing.matches.queryset.count()
        position = min(PAGES * SIZE, count // 2 // SIZE * SIZE)
        if not position:
            return ""
        order = listing.order
        rows = listing.matches.queryset.order_by(*order.fields()).values_list(order.column.order, "pk")
        value, pk = rows[position - 1]
        return Cursor(order.key, value, pk, position).encode()


def filter_values(declaration: ListDeclaration, names: Sequence[str]) -> dict[str, list[str]]:
    """What each of the filters is set to. Raises NoValue."""
    values = VALUES[declaration.name]
    unknown = [name for name in names if name not in values]
    if unknown:
        raise NoValue(
            f"The list of {declaration.name} has filters that benchmarks/requests.py gives no value: "
            f"{', '.join(unknown)}"
        )
    return {name: values[name] for name in names}
