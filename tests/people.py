"""The people and companies of the tests: one person of each role in Acme, and Bob from Globex."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from company.opening import open_tenant
from history.operations import operation
from marketing.models import Channel, Segment, Status
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

PASSWORD = "correct horse battery"


def make_user(email: str, **fields: Any) -> User:
    first_name = email.partition("@")[0].title()
    return User.objects.create_user(email, PASSWORD, first_name=first_name, **fields)


def add_member(company: Tenant, user: User, role: str) -> Membership:
    with tenant(company), operation("people", by=user):
        return Membership.objects.create(tenant=company, user=user, role=role)


def sign_in(user: User, *, raise_request_exception: bool = True) -> Client:
    client = Client(raise_request_exception=raise_request_exception)
    client.force_login(user, backend="company.accounts.EmailBackend")
    return client


@pytest.fixture
def acme(db: None) -> Tenant:
    """A company with its owner, its lists and no customers."""
    return open_tenant(slug="acme", name="Acme", owner=make_user("owner@acme.example"), country="DE")


@pytest.fixture
def globex(db: None) -> Tenant:
    return open_tenant(slug="globex", name="Globex", owner=make_user("bob@globex.example"), country="US")


@pytest.fixture
def people(acme: Tenant) -> dict[str, User]:
    """Everybody of Acme by role: people["agent"] is agent@acme.example."""
    found = {str(Role.OWNER): User.objects.get(email="owner@acme.example")}
    for role in (Role.ADMIN, Role.MANAGER, Role.AGENT, Role.VIEWER):
        found[str(role)] = make_user(f"{role}@acme.example")
        add_member(acme, found[str(role)], role)
    return found


@pytest.fixture
def bob(globex: Tenant) -> User:
    """The owner of Globex, a stranger at Acme."""
    return User.objects.get(email="bob@globex.example")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """`signed_in(user)` is a browser in which that person has signed in."""
    return sign_in


@pytest.fixture
def in_acme(acme: Tenant, people: dict[str, User]) -> Iterator[Tenant]:
    """The test's own code runs inside Acme, as part of an operation of its manager."""
    with tenant(acme), operation("edit", by=people["manager"]):
        yield acme


def lists_of(company: Tenant) -> dict[str, Any]:
    """The first entry of each of the company's lists; to be called inside the tenant."""
    return {"segment": Segment.default(), "status": Status.default(), "channel": Channel.default()}
