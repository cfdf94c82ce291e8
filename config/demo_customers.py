"""Customers for the demonstration company Globex: any number, the same ones every time, with a past."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import models
from django.utils import timezone

from config import demo_contacts
from config.demo_countries import Country, choose_country, slug
from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from marketing.models import Channel, Entry, Segment, Status
from tenants.models import Membership, User
from tenants.roles import Role

DAYS = 900  # how long Globex has had customers
BATCH = 1000


TRADES = [
    "Logistics", "Optics", "Foods", "Energy", "Textiles", "Robotics", "Dental", "Press", "Timber", "Travel",
    "Software", "Pharma", "Brewing", "Ceramics", "Marine", "Steel", "Media", "Farms", "Motors", "Design",
]  # fmt: skip

# How often an entry of the tenant's list is chosen; the rest share what is left.
SHARES = {
    "Small business": 55, "Mid-market": 25, "Enterprise": 8, "Private": 0,
    "Active": 68, "Lead": 18, "Paused": 6, "Former": 8,
    "Direct": 30, "Website": 34, "Referral": 20, "Trade fair": 9, "Partner": 7,
}  # fmt: skip
# How many people work there, from and to, by segment; of others it is not known.
STAFF = {"Small business": (2, 49), "Mid-market": (50, 249), "Enterprise": (250, 24_000)}
MANAGING = {Role.MANAGER: 45, Role.AGENT: 40, Role.ADMIN: 12, Role.OWNER: 3}
EDITED_DAYS_AGO = [0.03, 0.08, 0.2, 0.9, 1.1, 2, 2.9, 4, 6, 7.2, 9, 13, 14, 20, 27, 31, 45, 58]
REASONS = ["Insolvent", "Went to a competitor", "Asked to be left alone", "Duplicate of another customer"]


def generate(count: int, *, by: User) -> None:
    """Adds `count` customers to the active tenant, with contacts and addresses, as if they had come in over the
    last two years and a half.

    Set-based: some statements for every thousand. A few are edited or disabled afterwards, for their history.
    """
    dice = random.Random(20261121)  # noqa: S311 - the same customers every time
    beside = random.Random(20261122)  # noqa: S311 - and the same contacts and addresses
    now = timezone.now()
    customers = _customers(count, dice)
    files = max(1, min(40, count // 40), -(-count // BATCH))
    for number in range(files):
        share = list(islice(customers, count * (number + 1) // files - count * number // files))
        if share:
            day = now - timedelta(days=DAYS * (files - number - 0.5) / files, minutes=dice.randrange(600))
            with operation(Operation.Kind.IMPORT, by=by, source=f"globex-{day:%Y-%m}.csv") as running:
                _add(share, beside)
                running.keep(rows=len(share), created=len(share), updated=0, unchanged=0, failed=0)
            _backdate(running, day)
    _live_a_little(dice, now, by)


def _add(share: list[tuple[Customer, Country]], dice: random.Random) -> None:
    Customer.objects.bulk_create([customer for customer, _ in share], batch_size=BATCH)
    contacts = [each for pair in share for each in demo_contacts.people_at(*pair, dice)]
    addresses = [each for pair in share for each in demo_contacts.places_of(*pair, dice)]
    Contact.objects.bulk_create(contacts, batch_size=BATCH)
    Address.objects.bulk_create(addresses, batch_size=BATCH)


def _customers(count: int, dice: random.Random) -> Iterator[tuple[Customer, Country]]:
    choose = {model: _weighted(model) for model in (Segment, Status, Channel)}
    private = next((entry for entry, _ in choose[Segment] if entry.name == "Private"), None)
    members = [
        (member, MANAGING[Role(member.role)])
        for member in Membership.objects.current()
        if Role(member.role) in MANAGING
    ]
    heads = random.Random(20261123)  # noqa: S311 - and as many people at each
    for number in range(1, count + 1):
        company = dice.random() < 0.8
        country = choose_country(dice)
        customer = (_company if company else _individual)(number, country, dice)
        customer.segment = _pick(choose[Segment], dice) if company or private is None else private
        customer.status = _pick(choose[Status], dice)
        customer.channel = _pick(choose[Channel], dice)
        customer.responsible_manager = _pick(members, dice)
        customer.service_manager = _pick(members, dice) if dice.random() < 0.4 else None
        customer.receive_promotional_emails = bool(customer.email) and dice.random() < 0.55
        if dice.random() < 0.6:
            customer.customer_since = date(2008, 1, 1) + timedelta(days=dice.randrange(6_000))
        staff = STAFF.get(customer.segment.name) if customer.segment else None
        if company and staff and heads.random() < 0.7:
            customer.employees = heads.randint(*staff)
        yield customer, country


def _company(number: int, country: Country, dice: random.Random) -> Customer:
    trade = dice.choice(TRADES)
    if dice.random() < 0.2:
        stem = " & ".join(dice.sample(country.last_names, 2))
    else:
        stem = f"{dice.choice(country.places + country.last_names)} {trade}"
    domain = f"{slug(stem.split()[0])}{number}.example"
    office = dice.choice(["info", "office", "accounts", "hello", "purchasing"])
    return Customer(
        kind=Customer.Kind.COMPANY,
        name=f"{stem} {dice.choice(country.forms)}",
        reference=f"GX-{number:06}" if dice.random() < 0.94 else "",
        email=f"{office}@{domain}" if dice.random() < 0.9 else "",
        phone=country.telephone(dice) if dice.random() < 0.8 else "",
        website=f"https://www.{domain}" if dice.random() < 0.6 else "",
        language=country.language,
        timezone=country.timezone,
    )


def _individual(number: int, country: Country, dice: random.Random) -> Customer:
    name = country.name(dice)
    return Customer(
        kind=Customer.Kind.INDIVIDUAL,
        name=name,
        reference=f"GX-{number:06}" if dice.random() < 0.8 else "",
        email=f"{slug(name)}{number}@mail.example" if dice.random() < 0.95 else "",
        phone=country.telephone(dice) if dice.random() < 0.6 else "",
        language=country.language,
        timezone=country.timezone,
    )


def _weighted(model: type[Entry]) -> list[tuple[Any, int]]:
    return [(entry, SHARES.get(entry.name, 5)) for entry in model.offered()]


def _pick(weighted: list[tuple[Any, int]], dice: random.Random) -> Any:
    """One of them, by weight; None where there is nothing to choose."""
    if not any(weight for _, weight in weighted):
        return None
    return dice.choices([item for item, _ in weighted], [weight for _, weight in weighted])[0]


def _live_a_little(dice: random.Random, now: datetime, by: User) -> None:
    """A few customers are disabled, and some change their status, in the weeks before today."""
    ids = list(Customer.objects.order_by("id").values_list("pk", flat=True))
    statuses = _weighted(Status)
    members = [member.user for member in Membership.objects.current() if Role(member.role) in MANAGING] or [
        by
    ]
    edits = [(days, Operation.Kind.EDIT) for days in EDITED_DAYS_AGO]
    disables = [(dice.uniform(0.1, 60), Operation.Kind.DISABLE) for _ in range(min(100, len(ids) // 40))]
    # From the oldest to the latest, as they would have been written.
    for days, kind in sorted(edits + disables, reverse=True):
        at = now - timedelta(days=days)
        known = Customer.objects.active().filter(
            pk__in=dice.sample(ids, min(12, len(ids))), created_at__lt=at
        )
        reason = dice.choice(REASONS) if kind == Operation.Kind.DISABLE else ""
        with operation(kind, by=dice.choice(members), summary=reason) as running:
            if reason:
                if customer := known.first():
                    customer.disable(by=by, reason=reason)
            else:
                for customer in known[: dice.randrange(1, 6)]:
                    customer.status = _pick([each for each in statuses if each[0] != customer.status], dice)
                    customer.save()
        if running.touched:
            _backdate(running, at)


def _backdate(running: Operation, at: datetime) -> None:
    """Moves an operation, and what it wrote, to the time when it is meant to have happened.

    The one place that writes past the history, on purpose: it makes the history.
    """
    values: dict[str, datetime] = {"updated_at": at}
    if running.kind == Operation.Kind.IMPORT:
        values["created_at"] = at
    if running.kind == Operation.Kind.DISABLE:
        values["disabled_at"] = at
    of_tenant = {"tenant_id": running.tenant_id}
    for model in running.touched:
        models.QuerySet(model).filter(**of_tenant, last_operation=running).update(**values)
        written: models.QuerySet[models.Model] = models.QuerySet(model.history.model)  # type: ignore[attr-defined]
        written.filter(**of_tenant, operation=running).update(history_date=at, **values)
    models.QuerySet(Operation).filter(**of_tenant, pk=running.pk).update(at=at)
