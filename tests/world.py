"""Two companies with a row of every kind, built once for a module; each test works in a savepoint of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from company.opening import open_tenant
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant
from tests.isolation.rows import build_everything
from tests.people import make_user


@dataclass(frozen=True)
class World:
    acme: Tenant
    globex: Tenant


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        acme = open_tenant(slug="acme", name="Acme", owner=make_user("owner@acme.example"), country="DE")
        globex = open_tenant(slug="globex", name="Globex", owner=make_user("bob@globex.example"))
        for company in (acme, globex):
            with tenant(company), operation("edit", by=None):
                build_everything()
        yield World(acme, globex)
        transaction.set_rollback(True)


@pytest.fixture
def world(built_world: World) -> Iterator[World]:
    with transaction.atomic():
        yield built_world
        transaction.set_rollback(True)
