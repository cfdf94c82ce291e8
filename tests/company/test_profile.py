"""The company profile: what is kept, what is refused, and what it changes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User

SignIn = Callable[[User], Client]
ADDRESS = "/acme/settings/company/"


@pytest.fixture
def admin(people: dict[str, User], signed_in: SignIn) -> Client:
    return signed_in(people["admin"])


def typed(**changed: Any) -> dict[str, Any]:
    """The form as Acme's is shown, with some fields typed over."""
    return {
        "name": "Acme",
        "country": "DE",
        "currency": "USD",
        "timezone": "UTC",
        "language": "en",
        "customer_link_template": "",
        "mandatory_fields": ["segment", "status", "channel", "responsible_manager"],
        **changed,
    }


def change_profile(company: Tenant, **values: Any) -> None:
    """As if it had been set before the choices were what they are."""
    with tenant(company), operation("settings", by=None):
        for name, value in values.items():
            setattr(company, name, value)
        company.save(update_fields=list(values))


def settings_operations(company: Tenant) -> list[Operation]:
    with tenant(company):
        return list(Operation.objects.filter(kind="settings").order_by("id"))


def test_the_page_shows_the_profile_and_the_address_that_stays(admin: Client) -> None:
    answer = admin.get(ADDRESS)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<code>testserver/acme/</code>" in page
    assert '<option value="DE" selected>Germany</option>' in page
    assert '<option value="USD" selected>USD – US Dollar</option>' in page
    assert 'name="slug"' not in page


def test_a_changed_profile_is_kept_in_one_operation_with_its_history(
    acme: Tenant, people: dict[str, User], admin: Client
) -> None:
    change = typed(currency="EUR", timezone="Europe/Berlin", language="en-gb", mandatory_fields=["email"])
    answer = admin.post(ADDRESS, change, follow=True)
    assert "The company profile is saved." in answer.content.decode()
    acme.refresh_from_db()
    assert (acme.currency, acme.timezone, acme.language) == ("EUR", "Europe/Berlin", "en-gb")
    assert acme.mandatory_fields == ["name", "email"]
    (done,) = settings_operations(acme)
    assert done.by == people["admin"]
    assert done.summary.startswith("Currency: USD → EUR; Time zone: UTC → Europe/Berlin")
    assert "Segment, Status, Attracting channel, Responsible manager → E-mail" in done.summary
    with tenant(acme):
        newest, before = acme.history.all()[:2]  # type: ignore[attr-defined]
    assert (newest.operation_id, newest.currency, before.currency) == (done.pk, "EUR", "USD")
    assert done.summary.partition(";")[0] in answer.content.decode()


def test_dates_follow_the_new_setting(acme: Tenant, admin: Client) -> None:
    admin.post(ADDRESS, typed(language="en-gb"))
    page = admin.get("/acme/settings/people/").content.decode()
    assert f"{acme.created_at.day} {acme.created_at:%b %Y}" in page


def test_saving_without_a_change_writes_nothing(acme: Tenant, admin: Client) -> None:
    answer = admin.post(ADDRESS, typed(), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert settings_operations(acme) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 10_000),
        ("name", "a\x00b"),
        ("name", "a\x07b"),
        ("country", "XX"),
        ("currency", "DEM"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("language", "de"),
        ("mandatory_fields", ["tenant_id"]),
        ("customer_link_template", "crm.example/{reference}"),
        ("customer_link_template", "https://crm.example/accounts/"),
        ("customer_link_template", "https://{reference}/x"),
        ("customer_link_template", "https:///{reference}"),
        ("customer_link_template", "https://[{reference}"),
        ("customer_link_template", "javascript:alert('{reference}')"),
        ("customer_link_template", "https://crm.example/a b/{reference}"),
        ("customer_link_template", "https://crm.example/{reference}" + "x" * 500),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    acme: Tenant, admin: Client, field: str, value: Any
) -> None:
    answer = admin.post(ADDRESS, typed(**{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert f"{acme.name} · Clientele</title>" in answer.content.decode()
    unchanged = Tenant.objects.get(pk=acme.pk)
    assert getattr(unchanged, field) == getattr(acme, field)
    assert settings_operations(acme) == []


def test_a_refused_form_keeps_what_was_typed(admin: Client) -> None:
    page = admin.post(ADDRESS, typed(name="New name", currency="ZZZ")).content.decode()
    assert 'value="New name"' in page
    assert 'href="#id_currency"' in page


def test_the_page_previews_where_a_reference_would_lead(acme: Tenant, admin: Client) -> None:
    admin.post(ADDRESS, typed(customer_link_template="https://crm.example/a?id={reference}"))
    link = 'href="https://crm.example/a?id=C-1001"'
    assert link in admin.get(ADDRESS).content.decode()
    preview = admin.get(
        f"{ADDRESS}link-preview/", {"customer_link_template": "https://crm.example/a?id={reference}"}
    )
    assert link in preview.content.decode()
    assert b"<html" not in preview.content


@pytest.mark.parametrize("template", ["", "javascript:{reference}", "https://[", "\x00", "x" * 9_000])
def test_nothing_dangerous_is_previewed(admin: Client, template: str) -> None:
    preview = admin.get(f"{ADDRESS}link-preview/", {"customer_link_template": template})
    assert preview.status_code == 200
    assert b"href=" not in preview.content


def test_a_time_zone_from_before_that_is_not_offered_stays(acme: Tenant, admin: Client) -> None:
    change_profile(acme, timezone="US/Eastern", language="fr", currency="DEM")
    old = typed(timezone="US/Eastern", language="fr", currency="DEM")
    assert admin.post(ADDRESS, old | {"name": "Acme Trading"}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.timezone, acme.language) == ("Acme Trading", "US/Eastern", "fr")


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_others_may_neither_see_nor_change_it(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str
) -> None:
    client = signed_in(people[role])
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, typed(name="Hacked")).status_code == 403
    assert client.get(f"{ADDRESS}link-preview/").status_code == 403
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert settings_operations(acme) == []


def test_a_stranger_finds_nothing(acme: Tenant, bob: User, signed_in: SignIn) -> None:
    assert signed_in(bob).post(ADDRESS, typed(name="Hacked")).status_code == 404
    acme.refresh_from_db()
    assert acme.name == "Acme"


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 302), ("admin", 302), ("manager", 403), ("agent", 403), ("viewer", 403)]
)
def test_settings_lead_to_the_first_page_one_may_see(
    people: dict[str, User], signed_in: SignIn, role: str, status: int
) -> None:
    answer = signed_in(people[role]).get("/acme/settings/")
    assert answer.status_code == status
    if status == 302:
        assert answer.headers["Location"] == ADDRESS
