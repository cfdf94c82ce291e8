"""A company with a person of every role, each signed in, and rows to act upon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Invitation, Tenant, User
from tenants.roles import Role
from tests.isolation.catalogue import tenant_tables
from tests.people import add_member, make_user, sign_in
from tests.project.permission_table import DESK
from tests.world import World


@dataclass
class Office:
    acme: Tenant
    globex: Tenant
    people: dict[Role, User]
    browsers: dict[Role, Client]  # of Acme's people, signed in
    stranger: Client  # of Bob, who owns Globex

    @cached_property
    def before(self) -> dict[str, list[str] | None]:
        """Everything both companies have when a test begins; the same for each, as each is taken back."""
        return self.contents()

    def contents(self) -> dict[str, list[str] | None]:
        """Everything both companies have, to see whether something changed."""
        return {**_rows(self.acme), **_rows(self.globex)}


def _rows(company: Tenant) -> dict[str, list[str] | None]:
    """The company's rows, whole, by table."""
    tables = [*tenant_tables(), "tenants_membership", "tenants_invitation"]
    selects = [
        f"SELECT '{table}', array_agg(t::text ORDER BY t::text) FROM {table} t WHERE tenant_id = {company.pk}"
        for table in tables
    ]
    with tenant(company), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects))
        return {f"{company}: {table}": rows for table, rows in cursor.fetchall()}


def _invite(company: Tenant, by: User) -> None:
    invitation = Invitation(tenant=company, email="new@example.com", invited_by=by, created_at=timezone.now())
    invitation.renew()
    invitation.save()


@pytest.fixture(scope="module")
def built_office(built_world: World) -> Office:
    acme, globex = built_world.acme, built_world.globex
    owners = {company: User.objects.get(memberships__tenant=company) for company in (acme, globex)}
    people = {Role.OWNER: owners[acme]}
    for role in (Role.ADMIN, Role.MANAGER, Role.AGENT, Role.VIEWER):
        people[role] = make_user(f"{role}@acme.example")
        add_member(acme, people[role], role)
    for company, owner in owners.items():
        _invite(company, owner)
        with tenant(company), operation("edit", by=None, source=DESK):
            Customer.objects.update(language="de")
    browsers = {role: sign_in(person) for role, person in people.items()}
    office = Office(acme, globex, people, browsers, sign_in(owners[globex]))
    assert office.before
    return office


@pytest.fixture
def office(built_office: Office) -> Iterator[Office]:
    with transaction.atomic():
        yield built_office
        transaction.set_rollback(True)
