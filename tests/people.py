"""The people and companies of the tests: one person of each role in Acme, and Bob from Globex."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
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
    """As Client.force_login leaves it, without the nine queries of which that makes sure."""
    client = Client(raise_request_exception=raise_request_exception)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            SESSION_KEY: user._meta.pk.value_to_string(user),
            BACKEND_SESSION_KEY: "company.accounts.EmailBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
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
    owner = User.objects.get(email="owner@acme.example")
    roles = (Role.ADMIN, Role.MANAGER, Role.AGENT, Role.VIEWER)
    # Thousands of tests begin with them: written at once, and with one password for all.
    users = [
        User(email=email, email_key=email, first_name=role.title(), password=owner.password)
        for role in roles
        if (email := f"{role}@acme.example")
    ]
    User.objects.bulk_create(users)
    with tenant(acme), operation("people", by=owner):
        for user, role in zip(users, roles, strict=True):
            Membership.objects.create(tenant=acme, user=user, role=role)
    return {str(Role.OWNER): owner, **dict(zip(map(str, roles), users, strict=True))}


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
