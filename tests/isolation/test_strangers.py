"""Whoever does not belong to a company can't tell that it exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from history.operations import operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User


@pytest.fixture
def owner(acme: Tenant, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(User.objects.get(email="owner@acme.example"))


def test_another_company_and_an_unknown_company_look_the_same(owner: Client, globex: Tenant) -> None:
    strange, unknown = owner.get("/globex/customers/"), owner.get("/nobody/customers/")
    assert strange.status_code == unknown.status_code == 404
    assert strange.content.replace(b"globex", b"?") == unknown.content.replace(b"nobody", b"?")


def test_a_person_who_was_removed_is_out_at_once(owner: Client, acme: Tenant) -> None:
    with tenant(acme), operation("people", by=None):
        Membership.objects.get(user__email="owner@acme.example").delete()
    assert owner.get("/acme/customers/").status_code == 404


def test_a_refusal_fills_no_log(
    people: dict[str, User],
    globex: Tenant,
    signed_in: Callable[[User], Client],
    caplog: pytest.LogCaptureFixture,
) -> None:
    viewer = signed_in(people["viewer"])
    assert viewer.get("/acme/settings/people/").status_code == 403
    assert viewer.get("/globex/").status_code == 404
    assert caplog.text == ""
