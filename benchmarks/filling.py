"""The benchmark's companies: one with many customers, one with few of the same kind, and others beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from benchmarks.loading import BATCH, load, refresh, reserved, without_indexes
from benchmarks.rows import Shape, rows_an_import
from company.opening import open_tenant
from config import embedded
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from marketing.models import Channel, Entry, Segment, Status
from tenants.context import tenant
from tenants.database import as_owner
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

BIG, SMALL = "big", "few"
# Everybody of a company, by the local part of their address.
STAFF = {
    "admin": Role.ADMIN,
    **{f"manager{number}" if number else "manager": Role.MANAGER for number in range(4)},
    **{f"agent{number}" if number else "agent": Role.AGENT for number in range(10)},
    "viewer": Role.VIEWER,
}
MORE_SEGMENTS = ["Public sector", "Non-profit", "Education"]
Tell = Callable[[str], None]


class CannotFill(Exception):
    """The database is not as it must be; the message says what to do."""


@dataclass(frozen=True)
class Sizes:
    """How many customers each company gets."""

    big: int = 1_000_000
    small: int = 1_000
    others: int = 10
    others_each: int = 20_000

    @property
    def companies(self) -> dict[str, int]:
        beside = {f"other-{number}": self.others_each for number in range(1, self.others + 1)}
        return {SMALL: self.small, **beside, BIG: self.big}


def start_over() -> None:
    """Deletes the benchmark's database. Raises CannotFill while somebody uses it."""
    postgres = Path(settings.EMBEDDED_POSTGRES["data"])
    if postgres.exists() and embedded.is_in_use(postgres):
        raise CannotFill(f"Another process uses the data in {settings.DATA_DIR}. End it first.")
    shutil.rmtree(postgres, ignore_errors=True)


def prepare() -> None:
    """The database with the present migrations, and the static files as a server has them."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def is_filled() -> bool:
    return Tenant.objects.filter(slug=BIG).exists()


def fill(sizes: Sizes, tell: Tell = lambda line: None, *, batch: int = BATCH) -> None:
    """All companies with all their rows, in one transaction: a fill that is stopped leaves nothing.

    A company with more customers than a batch has them made by another process, a batch ahead.
    """
    started = monotonic()
    with as_owner():
        with transaction.atomic():
            opened = {slug: _open(slug) for slug in sizes.companies}
            with without_indexes():
                for slug, count in sizes.companies.items():
                    _fill_company(opened[slug], count, batch)
                    tell(f"{slug}: {count:,} customers ({monotonic() - started:.0f} s)")
            tell(f"indexes and foreign keys ({monotonic() - started:.0f} s)")
        refresh()
        tell(f"statistics ({monotonic() - started:.0f} s)")
    connections.close_all()


def _open(slug: str) -> Tenant:
    owner = User.objects.create_user(f"owner@{slug}.example", first_name="Olga", last_name="Owner")
    company = open_tenant(slug=slug, name=slug.title(), owner=owner, country="DE", timezone="Europe/Berlin")
    with tenant(company), operation(Operation.Kind.PEOPLE, by=owner):
        for name, role in STAFF.items():
            user = User.objects.create_user(
                f"{name}@{slug}.example", first_name=name.title(), last_name="Berg"
            )
            Membership.objects.create(tenant=company, user=user, role=role)
        for position, name in enumerate(MORE_SEGMENTS, 10):
            Segment.objects.create(name=name, position=position)
    return company


def _fill_company(company: Tenant, count: int, batch: int) -> None:
    with tenant(company):
        members = list(Membership.objects.current().exclude(role=Role.VIEWER).order_by("pk"))
        manager = User.objects.get(email=f"manager@{company.slug}.example")
        shape = Shape(
            tenant=company.pk,
            count=count,
            now=timezone.now(),
            members=tuple(member.pk for member in members),
            users=tuple(member.user_id for member in members),
            segments=_entries(Segment),
            statuses=_entries(Status),
            channels=_entries(Channel),
            first=reserved(count, rows_an_import(count)),
        )
        load(shape, importer=manager.pk, batch=batch)


def _entries(model: type[Entry]) -> tuple[int, ...]:
    return tuple(model.objects.order_by("position").values_list("pk", flat=True))


def sizes_found() -> dict[str, int]:
    """How many customers the two compared companies have."""
    found = {}
    for slug in (SMALL, BIG):
        with tenant(Tenant.objects.get(slug=slug)):
            found[slug] = Customer.objects.count()
    return found
