"""Who may change the lists: admins and owners. Strangers don't learn that they exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenants.models import Tenant, User
from tests.marketing.test_entries import entry_called, names, operations

SignIn = Callable[[User], Client]
ACTIONS = ["up", "down", "make-default", "retire", "reinstate", "edit", "delete"]


@pytest.mark.parametrize("slug", ["segments", "statuses", "channels"])
@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_others_may_not_open_the_lists(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str, slug: str
) -> None:
    assert signed_in(people[role]).get(f"/acme/settings/{slug}/").status_code == 403


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_others_may_not_change_them(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str
) -> None:
    client, entry = signed_in(people[role]), entry_called(acme, "Private")
    before = (names(acme), operations(acme))
    assert client.post("/acme/settings/segments/add/", {"name": "New", "colour": "red"}).status_code == 403
    for action in ACTIONS:
        address = f"/acme/settings/segments/{entry.pk}/{action}/"
        assert client.post(address, {"name": "New", "colour": "red"}).status_code == 403
    assert (names(acme), operations(acme)) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_another_companys_entry_is_not_found(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User, signed_in: SignIn, action: str
) -> None:
    entry = entry_called(acme, "Private")
    assert signed_in(bob).post(f"/acme/settings/segments/{entry.pk}/{action}/").status_code == 404
    assert signed_in(bob).post(f"/globex/settings/segments/{entry.pk}/{action}/").status_code == 404
    assert "Private" in names(acme)


@pytest.mark.parametrize("action", ["up", "down", "make-default", "retire", "reinstate"])
def test_a_link_changes_nothing(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, action: str
) -> None:
    entry = entry_called(acme, "Private")
    before = (names(acme), operations(acme))
    address = f"/acme/settings/segments/{entry.pk}/{action}/"
    assert signed_in(people["owner"]).get(address).status_code == 405
    assert (names(acme), operations(acme)) == before
