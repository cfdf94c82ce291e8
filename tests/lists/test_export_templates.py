"""Templates of exports: saved from the export's page, chosen there, shared, renamed, deleted, and brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from history.models import Operation
from lists.models import ExportTemplate
from tenants.context import tenant
from tenants.models import Tenant, User
from tenants.roles import PERMISSIONS, Role

pytestmark = pytest.mark.django_db

People = dict[str, User]
EXPORT = "/acme/customers/export/"
LAYOUT = {"order": ["email", "name", "phone"], "chosen": ["name", "email"], "format": "csv", "delimiter": ";"}


@pytest.fixture
def manager(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


@pytest.fixture
def admin(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["admin"])


def save(client: Client, name: str = "For the mailing", **more: Any) -> Any:
    return client.post(EXPORT, {**LAYOUT, "save": "1", "name": name, **more})


def templates(company: Tenant) -> list[ExportTemplate]:
    with tenant(company):
        return list(ExportTemplate.objects.order_by("pk"))


def starts(client: Client, address: str = EXPORT) -> list[str]:
    return [label for label, _, _ in client.get(address).context["starts"]]


def test_a_saved_template_fills_the_form(acme: Tenant, manager: Client) -> None:
    answer = save(manager)
    (template,) = templates(acme)
    assert answer.headers["Location"] == f"{EXPORT}?template={template.pk}"
    page = manager.get(answer.headers["Location"])
    assert [choice.key for choice in page.context["choices"] if choice.chosen] == ["email", "name"]
    assert [page.context["form"][name].value() for name in ("format", "delimiter", "bom")] == [
        "csv",
        ";",
        False,
    ]
    assert "Template “For the mailing” is saved." in page.content.decode()
    with tenant(acme):
        kept = Operation.objects.get(kind="keep")
        assert kept.summary == "Saved template “For the mailing”"


def test_the_lists_filters_stay_while_a_template_is_saved_and_chosen(acme: Tenant, manager: Client) -> None:
    answer = manager.post(f"{EXPORT}?q=alder", {**LAYOUT, "save": "1", "name": "Mine"})
    assert answer.headers["Location"].startswith(f"{EXPORT}?q=alder&template=")
    assert manager.get(answer.headers["Location"]).context["listing"].filterset.chosen == {"q": ["alder"]}


def test_the_same_name_replaces_what_was_under_it(acme: Tenant, manager: Client) -> None:
    save(manager)
    save(manager, "for the MAILING", format="json")
    (template,) = templates(acme)
    assert (template.name, template.format) == ("for the MAILING", "json")


def test_a_template_needs_a_name_and_what_was_chosen_stays(acme: Tenant, manager: Client) -> None:
    answer = save(manager, "  ", format="xlsx")
    assert answer.status_code == 422
    assert answer.context["form"]["format"].value() == "xlsx"
    assert [choice.key for choice in answer.context["choices"] if choice.chosen] == ["email", "name"]
    assert templates(acme) == []


def test_only_shared_ones_are_offered_to_others(
    acme: Tenant, manager: Client, admin: Client, bob: User, signed_in: Callable[[User], Client]
) -> None:
    save(manager, "Mine")
    save(manager, "Everybody's", is_shared="on")
    assert starts(manager) == ["Columns of the list", "All columns", "Everybody's", "Mine"]
    assert starts(admin) == ["Columns of the list", "All columns", "Everybody's"]
    assert starts(admin, "/acme/contacts/export/") == ["Columns of the list", "All columns"]
    mine, shared = templates(acme)
    assert admin.get(f"{EXPORT}?template={mine.pk}").status_code == 404
    assert admin.get(f"{EXPORT}?template={shared.pk}").status_code == 200
    assert admin.get(f"/acme/exports/templates/{mine.pk}/").status_code == 404
    stranger = signed_in(bob)
    assert stranger.get(f"/globex/customers/export/?template={shared.pk}").status_code == 404
    assert stranger.get(f"/globex/exports/templates/{shared.pk}/").status_code == 404


@pytest.mark.parametrize("wanted", ["0", "x", "9" * 30, "²"])
def test_a_template_that_is_none_is_not_found(manager: Client, wanted: str) -> None:
    assert manager.get(f"{EXPORT}?template={wanted}").status_code == 404


def test_a_template_is_renamed_and_shared(acme: Tenant, manager: Client) -> None:
    save(manager)
    save(manager, "Other")
    first, other = templates(acme)
    address = f"/acme/exports/templates/{first.pk}/"
    taken = manager.post(address, {"name": "OTHER"})
    assert taken.status_code == 422
    assert "another template with this name" in taken.content.decode()
    sent = {"name": "Quarter", "is_shared": "on", "seen": first.last_operation_id}
    answer = manager.post(address, sent)
    assert answer.headers["Location"] == EXPORT
    renamed = templates(acme)[0]
    assert (renamed.name, renamed.is_shared, renamed.columns) == ("Quarter", True, ["email", "name"])
    assert other.name == "Other"


def test_admins_look_after_what_others_share_and_managers_use_it(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    save(admin, "Quarter", is_shared="on")
    (found,) = templates(acme)
    address = f"/acme/exports/templates/{found.pk}/"
    assert "Rename or delete Quarter" in admin.get(f"{EXPORT}?template={found.pk}").content.decode()
    assert "Rename or delete" not in manager.get(f"{EXPORT}?template={found.pk}").content.decode()
    assert manager.post(address, {"name": "Mine"}).status_code == 403
    assert manager.post(f"{address}delete/").status_code == 403
    assert [one.name for one in templates(acme)] == ["Quarter"]
    save(manager, "Ours", is_shared="on")
    save(manager, "Mine")
    ours = next(one for one in templates(acme) if one.name == "Ours")
    taken = admin.post(
        f"/acme/exports/templates/{ours.pk}/", {"name": "mine", "seen": ours.last_operation_id}
    )
    assert "Whoever made it has another template with this name." in taken.content.decode()


def test_two_people_who_change_a_template_are_told(acme: Tenant, manager: Client, admin: Client) -> None:
    save(manager, is_shared="on")
    (template,) = templates(acme)
    address, seen = f"/acme/exports/templates/{template.pk}/", template.last_operation_id
    assert manager.post(address, {"name": "Quarter", "is_shared": "on", "seen": seen}).status_code == 302
    answer = admin.post(address, {"name": "Year", "is_shared": "on", "seen": seen})
    assert answer.status_code == 422
    assert "Manager saved this while you were typing" in answer.content.decode()
    assert [one.name for one in templates(acme)] == ["Quarter"]


def test_who_may_share_no_longer_can_still_stop_it(
    acme: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(manager, is_shared="on")
    (template,) = templates(acme)
    monkeypatch.setitem(PERMISSIONS, Role.MANAGER, PERMISSIONS[Role.MANAGER] - {"lists.share_savedview"})
    address, seen = f"/acme/exports/templates/{template.pk}/", template.last_operation_id
    assert manager.post(address, {"name": template.name, "seen": seen}).status_code == 302
    (template,) = templates(acme)
    assert not template.is_shared
    manager.post(address, {"name": "Mine", "is_shared": "on", "seen": template.last_operation_id})
    (template,) = templates(acme)
    assert not template.is_shared


def test_a_deleted_template_comes_back(acme: Tenant, manager: Client, admin: Client) -> None:
    save(manager, is_shared="on")
    (template,) = templates(acme)
    question = manager.get(f"/acme/exports/templates/{template.pk}/delete/").content.decode()
    assert "Everybody in the company may use it now." in question
    assert admin.post(f"/acme/exports/templates/{template.pk}/delete/").status_code == 302
    assert templates(acme) == []
    page = admin.get(EXPORT).content.decode()
    with tenant(acme):
        done = Operation.objects.order_by("-pk")[0]
    assert f"/acme/operations/{done.pk}/undo/" in page
    assert admin.post(f"/acme/operations/{done.pk}/undo/").status_code == 302
    assert [found.name for found in templates(acme)] == ["For the mailing"]


def test_columns_that_one_may_not_see_are_not_in_ones_file(
    acme: Tenant, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(manager, order=["name", "billing_access_name"], chosen=["name", "billing_access_name"])
    (template,) = templates(acme)
    monkeypatch.setitem(PERMISSIONS, Role.MANAGER, PERMISSIONS[Role.MANAGER] - {"contacts.view_access"})
    page = manager.get(f"{EXPORT}?template={template.pk}")
    assert [choice.key for choice in page.context["choices"] if choice.chosen] == ["name"]
