"""The customers of one company, with their contacts and addresses, as lines for COPY.

The same ones every time, whatever the company's size: each batch has dice of its own. What the models derive from
a row (its folded name, the words it is found by) is put together from the folded words it is made of, which is
several times faster; tests/benchmarks compares it with what the models make of it.

The nth customer has the nth reference. 20 have the rare word in their name and 2,000 the medium one (in a small
company a fifth), 30 % the broad one; nine tenths as many are in the rare, the medium and the broad city.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from benchmarks import words
from benchmarks.sheets import NULL
from benchmarks.words import Place, Word
from contacts import traits
from contacts.models import COMMUNICATIONS
from customers.models import ALONE, LACKS_ADDRESS, LACKS_BILLING, LACKS_CONTACT, LACKS_PRIMARY

YEARS = 5
RARE, MEDIUM = 20, 2_000  # how many customers have those words
BROAD, COMPANIES, EDITED, DISABLED = 0.3, 0.85, 0.25, 0.05  # shares of all customers
MOST_CONTACTS, MOST_ADDRESSES = 5, 3
EARLIEST, OLDER_DAYS = date(2002, 1, 1), 8_000  # since when they are customers

CUSTOMER = (
    *("id", "kind", "name", "reference", "email", "phone", "segment_id", "status_id", "channel_id"),
    *("responsible_manager_id", "service_manager_id", "receive_promotional_emails", "disabled_at"),
    *("disabled_reason", "created_at", "updated_at", "last_operation_id", "reference_key", "sort_name"),
    *("own_words", "contributed_words", "traits", "language"),
    *("contact_count", "address_count", "billing_city", "billing_country", "email_key", "customer_since"),
    "employees",
)
CONTACT = (
    *("id", "customer_id", "name", "job_title", "relation", "email", "phone", "is_primary"),
    *("receives_invoices", "receives_payment_reminders", "receives_service_notices"),
    *("receives_product_news", "receives_promotions", "created_at", "updated_at", "last_operation_id"),
    *("sort_name", "own_words", "customer_words", "customer_disabled", "email_key"),
)
ADDRESS = (
    *("id", "customer_id", "label", "country", "street", "city", "postal_code", "is_billing", "is_site"),
    *("access_name", "access_phone", "access_relation", "access_instructions", "created_at", "updated_at"),
    *("last_operation_id", "own_words"),
)
OPERATION = ("id", "kind", "by_id", "at", "source", "summary")


def since(number: int) -> str:
    """Since when the nth is a customer: two in three have brought that along, from the years before."""
    if number % 3 == 0:
        return NULL
    return (EARLIEST + timedelta(days=number * 7_919 % OLDER_DAYS)).isoformat()


def employees(number: int, company: bool) -> str:
    """How many people work at the nth: of three companies in four that is known, and the larger the rarer."""
    if not company or number % 4 == 0:
        return NULL
    return str(1 + int(9 * 1.0009 ** (number * 7_919 % 9_000)))


def rows_an_import(count: int) -> int:
    """Of `count` customers, how many came with each import."""
    return max(1, min(5_000, count // 20))


class Ids(NamedTuple):
    """The first id of each kind of row."""

    customer: int
    contact: int
    address: int
    operation: int


@dataclass(frozen=True)
class Shape:
    """One company to be filled: its own rows' ids, and the first ids of the new rows.

    Operations come in two rows: first the imports, then one for each customer that was edited, by its number.
    """

    tenant: int
    count: int
    now: datetime
    first: Ids
    segments: tuple[int, ...]
    statuses: tuple[int, ...]
    channels: tuple[int, ...]
    members: tuple[int, ...]
    users: tuple[int, ...]

    @cached_property
    def rows_an_import(self) -> int:
        return rows_an_import(self.count)

    @property
    def imports(self) -> int:
        return -(-self.count // self.rows_an_import)

    @property
    def first_edit(self) -> int:
        return self.first.operation + self.imports

    def import_of(self, number: int) -> int:
        return self.first.operation + number // self.rows_an_import

    def created(self, number: int) -> datetime:
        """The time of its import, a millisecond a row; the company grew ever faster."""
        batch, row = divmod(number, self.rows_an_import)
        age = 1 - ((batch + 0.7) / self.imports) ** 0.6
        return self.now - timedelta(days=365 * YEARS * age) + timedelta(milliseconds=row)


@dataclass(frozen=True)
class Tails:
    """What each line ends with: the columns that no row gives. See benchmarks.sheets."""

    customer: str
    contact: str
    address: str
    operation: str


@dataclass
class Lines:
    """Of some customers; each a piece of a COPY."""

    customers: list[str]
    contacts: list[str]
    addresses: list[str]
    operations: list[str]


def lines(shape: Shape, tails: Tails, first: int, last: int) -> Lines:
    """Of the customers numbered `first` to `last` - 1, from 0."""
    maker = _Maker(shape, tails, random.Random(f"{first} of {shape.count}"))
    for number in range(first, last):
        maker.make(number)
    return maker.made


class _Past(NamedTuple):
    """What happened to one customer: its number, id, times and operations."""

    number: int
    customer: int
    created: str
    updated: str
    imported: str
    operation: str  # the latest
    disabled: bool


class _Maker:
    def __init__(self, shape: Shape, tails: Tails, dice: random.Random) -> None:
        self.shape, self.tails, self.dice = shape, tails, dice
        self.made = Lines([], [], [], [])
        self.rare_step = max(1, shape.count // min(RARE, shape.count))
        self.medium_step = max(5, shape.count // MEDIUM)

    def make(self, number: int) -> None:
        dice, shape = self.dice, self.shape
        special = self.word_of(number)
        company = special is not None or dice.random() < COMPANIES
        name = self.company_name(special) if company else self.person_name()
        past = self.past(number)
        reference = f"C-{number + 1:06}"
        domain = f"{''.join(filter(str.isalnum, name.folded.split()[0]))}.example"
        email = f"{'office' if company else dice.choice(BOXES)}@{domain}" if dice.random() < 0.75 else ""
        phone = self.phone() if dice.random() < 0.6 else ""
        carried = f"{name.folded}\\n{reference.lower()}"
        behind, marks, people, places, city, country = self.behind(past, company, domain, carried)
        self.made.customers.append(
            "\t".join(
                (
                    str(past.customer),
                    "company" if company else "individual",
                    name.text,
                    reference,
                    email,
                    phone,
                    self.skewed(shape.segments, 0.1),
                    self.skewed(shape.statuses, 0.3),
                    self.skewed(shape.channels, 0.15),
                    self.skewed(shape.members, 0.1),
                    self.skewed(shape.members, 0.6),
                    self.yes(0.4),
                    past.updated if past.disabled else NULL,
                    "Went to a competitor" if past.disabled else "",
                    past.created,
                    past.updated,
                    past.operation,
                    reference.lower(),
                    name.folded,
                    found_by(name.folded, reference.lower(), email, phone[1:]),
                    behind,
                    marks,
                    "de" if dice.random() < 0.4 else "",
                    people,
                    places,
                    city,
                    country,
                    email,
                    since(past.number),
                    employees(past.number, company),
                )
            )
            + self.tails.customer
        )

    def past(self, number: int) -> _Past:
        """When it was imported, and perhaps edited; then it has an operation of its own."""
        shape, dice = self.shape, self.dice
        created, imported = shape.created(number), str(shape.import_of(number))
        updated = shape.now - timedelta(days=dice.expovariate(1 / 60))
        if dice.random() >= EDITED or updated <= created:
            moment = created.isoformat()
            return _Past(number, shape.first.customer + number, moment, moment, imported, imported, False)
        operation, disabled = str(shape.first_edit + number), dice.random() < DISABLED / EDITED
        moment = updated.isoformat()
        kind = "disable" if disabled else "edit"
        self.made.operations.append(
            "\t".join((operation, kind, str(dice.choice(shape.users)), moment, "", "")) + self.tails.operation
        )
        return _Past(
            number, shape.first.customer + number, created.isoformat(), moment, imported, operation, disabled
        )

    def yes(self, share: float) -> str:
        return "t" if self.dice.random() < share else "f"

    def skewed(self, choices: Sequence[int], nothing: float) -> str:
        """One of them, the first ones more often, or none."""
        if self.dice.random() < nothing:
            return NULL
        return str(choices[int(len(choices) * self.dice.random() ** 2)])

    def word_of(self, number: int) -> Word | None:
        """The rare or the medium word, if this customer has it."""
        if number % self.rare_step == self.rare_step // 2 and number // self.rare_step < RARE:
            return RARE_WORD
        if number % self.medium_step == self.medium_step - 1 and number // self.medium_step < MEDIUM:
            return MEDIUM_WORD
        return None

    def company_name(self, special: Word | None) -> Word:
        dice = self.dice
        parts = words.STEMS.draw(dice, 2 if dice.random() < 0.5 else 1)
        if special:
            parts.insert(1, special)
        parts += words.TRADE.draw(dice, 1)
        parts.append(BROAD_WORD if dice.random() < BROAD / COMPANIES else dice.choice(words.FORMS))
        return Word(" ".join(part.text for part in parts), " ".join(part.folded for part in parts))

    def person_name(self) -> Word:
        first, last = words.FIRST.draw(self.dice, 1)[0], words.LAST_NAMES.draw(self.dice, 1)[0]
        return Word(f"{first.text} {last.text}", f"{first.folded} {last.folded}")

    def phone(self) -> str:
        return f"+4930{self.dice.randrange(2_000_000, 9_999_999)}"

    def behind(self, past: _Past, company: bool, domain: str, carried: str) -> tuple[str, ...]:
        """What the customer is found by through its contacts and addresses, its traits, how many of each there are,
        and the city and country of its billing address, ready for COPY."""
        received: set[str] = set()
        people = self.contacts(past, company, domain, carried, received)
        (city, country), places = self.addresses(past)
        if not people and not places:
            return "", json.dumps([ALONE]), "0", "0", "", ""
        marks = [
            *([] if people else [LACKS_CONTACT]),
            *([] if people and company else [LACKS_PRIMARY]),
            *([] if places else [LACKS_ADDRESS, LACKS_BILLING]),
            *(f"receives:{traits.short(field)}" for field in COMMUNICATIONS if field in received),
        ]
        found = "\\n".join([*people, *places])
        return found, json.dumps(marks), str(len(people)), str(len(places)), city, country

    def contacts(
        self, past: _Past, company: bool, domain: str, carried: str, received: set[str]
    ) -> list[str]:
        """What the customer is found by through its contacts. What they receive is added to `received`."""
        dice = self.dice
        chances = CONTACTS_OF_A_COMPANY if company else CONTACTS_OF_A_PERSON
        found = []
        for place in range(dice.choices(range(MOST_CONTACTS + 1), cum_weights=chances)[0]):
            name = self.person_name()
            email = f"{name.folded.replace(' ', '.')}@{domain}" if dice.random() < 0.8 else ""
            phone = self.phone() if dice.random() < 0.5 else ""
            own = found_by(name.folded, email, phone[1:])
            found.append(own)
            receives = [self.yes(share) for share in RECEIVES]
            received.update(field for field, yes in zip(COMMUNICATIONS, receives, strict=True) if yes == "t")
            together = not place and dice.random() < 0.4  # edited in the same operation as its customer
            self.made.contacts.append(
                "\t".join(
                    (
                        str(self.shape.first.contact + past.number * MOST_CONTACTS + place),
                        str(past.customer),
                        name.text,
                        dice.choice(words.JOBS),
                        "employee" if company else "letting_agent",
                        email,
                        phone,
                        "t" if company and not place else "f",
                        *receives,
                        past.created,
                        past.updated if together else past.created,
                        past.operation if together else past.imported,
                        name.folded,
                        own,
                        carried,
                        "t" if past.disabled else "f",
                        email,
                    )
                )
                + self.tails.contact
            )
        return found

    def addresses(self, past: _Past) -> tuple[tuple[str, str], list[str]]:
        """City and country of the billing address, and what the customer is found by through its addresses: none, or
        a billing address and up to two sites."""
        dice = self.dice
        found, billed = [], ("", "")
        for place in range(dice.choices((0, 1, 2, 3), (10, 72, 13, 5))[0]):
            town = self.anywhere() if place else self.town(past.number)
            billed = billed if place else (town.folded, town.country)
            street = dice.choice(words.STREETS)
            house = dice.randrange(1, 190)
            code = f"{town.prefix}{dice.randrange(100, 999)}"
            keeper = self.person_name().text if place and dice.random() < 0.6 else ""
            found.append(found_by(f"{street.folded} {house}", code.lower(), town.folded))
            self.made.addresses.append(
                "\t".join(
                    (
                        str(self.shape.first.address + past.number * MOST_ADDRESSES + place),
                        str(past.customer),
                        "Warehouse" if place else "",
                        town.country,
                        f"{street.text} {house}",
                        town.city,
                        code,
                        "f" if place else "t",
                        "t" if place else "f",
                        keeper,
                        self.phone() if keeper else "",
                        "neighbour" if keeper else "",
                        "Ring twice, the bell is quiet." if keeper else "",
                        past.created,
                        past.created,
                        past.imported,
                        found[-1],
                    )
                )
                + self.tails.address
            )
        return billed, found

    def town(self, number: int) -> Place:
        """Of the billing address."""
        if number % self.rare_step == 0 and number // self.rare_step < RARE:
            return words.HARDLY
        if number % self.medium_step == 1 and number // self.medium_step < MEDIUM:
            return words.SOMEWHERE
        return words.EVERYWHERE if self.dice.random() < BROAD else self.anywhere()

    def anywhere(self) -> Place:
        return self.dice.choices(words.PLACES, cum_weights=words.PLACE_WEIGHTS)[0]


def found_by(*values: str) -> str:
    """As lists.search.searchable() puts folded values together, ready for COPY."""
    return "\\n".join(filter(None, values))


RARE_WORD, MEDIUM_WORD, BROAD_WORD = words.words([words.RARE, words.MEDIUM, words.BROAD])
CONTACTS_OF_A_COMPANY = (12, 52, 78, 91, 97, 100)
CONTACTS_OF_A_PERSON = (90, 100, 100, 100, 100, 100)
RECEIVES = (0.3, 0.15, 0.45, 0.1, 0.002)
BOXES = ("mail", "me", "hello", "post")
