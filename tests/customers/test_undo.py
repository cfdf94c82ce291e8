"""The Undo button of a message, and the page that asks first: /operations/<id>/undo/."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import asked

DISABLED = {"reason": "Unpaid"}


def kept(company: Tenant) -> Customer:
    with tenant(company):
        return Customer.objects.get()


def change(company: Tenant, by: User, **values: Any) -> Operation:
    with tenant(company), operation("edit", by=by) as running:
        Customer.objects.filter().update(**values)
    return running


def undo_url(found: Operation) -> str:
    return f"/acme/operations/{found.pk}/undo/"


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def button(answer: Any) -> str | None:
    """Where the Undo button of the page's message leads."""
    html = " ".join(answer.content.decode().split())
    found = re.search(r'role="status".*?<form method="post" action="([^"]*)">.*?Undo</button>', html)
    return found[1] if found else None


def shown(client: Client, address: str) -> dict[str, Any]:
    form = client.get(address).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


# -- the button in a message ------------------------------------------------------------------------------


def test_disabling_is_undone_from_its_message(acme: Tenant, alder: Customer, agent: Client) -> None:
    page = f"/acme/customers/{alder.pk}/"
    answer = agent.post(f"{page}disable/", DISABLED, follow=True)
    address = button(answer)
    assert address
    undone = agent.post(address, headers={"Referer": f"http://testserver{page}?tab=1"}, follow=True)
    assert undone.redirect_chain == [(f"{page}?tab=1", 302)]
    assert "Undone: 1 customer went back to what it was." in words(undone)
    assert not kept(acme).is_disabled


def test_enabling_and_saving_have_the_button_too(acme: Tenant, alder: Customer, agent: Client) -> None:
    page = f"/acme/customers/{alder.pk}/"
    agent.post(f"{page}disable/", DISABLED)
    assert button(agent.post(f"{page}enable/", follow=True))
    marketing = {**shown(agent, f"{page}marketing/"), "receive_promotional_emails": "on"}
    assert button(agent.post(f"{page}marketing/", marketing, follow=True))
    edited = agent.post(f"{page}edit/", {**shown(agent, f"{page}edit/"), "name": "Birch"}, follow=True)
    address = button(edited)
    assert address
    assert kept(acme).name == "Birch"
    agent.post(address)
    assert kept(acme).name == "Alder Bikes"


def test_a_save_without_a_change_has_no_button(alder: Customer, agent: Client) -> None:
    page = f"/acme/customers/{alder.pk}/edit/"
    answer = agent.post(page, shown(agent, page), follow=True)
    assert "Nothing was changed." in words(answer)
    assert button(answer) is None


# -- the page -----------------------------------------------------------------------------------------------


def test_it_says_in_numbers_what_would_be_undone_and_kept(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client
) -> None:
    with tenant(acme), operation("add", by=people["agent"]):
        Customer.objects.bulk_create(Customer(name=f"Birch {n}") for n in range(9))
    edit = change(acme, people["manager"], language="de")
    with tenant(acme), operation("edit", by=people["agent"]):
        Customer.objects.filter(name__in=[f"Birch {n}" for n in range(7)]).update(language="fr")
    page = words(manager.get(undo_url(edit)))
    assert "Undo what Manager did?" in page
    assert "3 customers go back to what they were" in page
    assert "7 stay as they are: Birch" in page
    assert "edited since by Agent" in page
    assert "and 2 more" in page
    assert kept_languages(acme) == ["de"] * 3 + ["fr"] * 7

    answer = manager.post(undo_url(edit), {"next": "/acme/customers/?q=x"}, follow=True)
    assert answer.redirect_chain == [("/acme/customers/?q=x", 302)]
    text = words(answer)
    assert "Undone: 3 customers went back to what they were. Kept as they are: Birch" in text
    named = re.search(r"Kept as they are: (.*) \(edited since by Agent, .*\); and 2 more\.", text)
    assert named
    assert len(named[1].split(", ")) == 5
    assert kept_languages(acme) == [""] * 3 + ["fr"] * 7


def test_it_says_before_who_stays_for_what_others_added(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    with tenant(acme), operation("import", by=people["manager"]) as added:
        cedar, _ = Customer.objects.bulk_create(Customer(name=name) for name in ("Cedar", "Dogwood"))
    with tenant(acme), operation("edit", by=people["agent"]):
        Contact.objects.create(customer=cedar, name="Ben")
    page = words(manager.get(undo_url(added)))
    assert "1 customer is deleted" in page
    assert "1 stays as it is: Cedar: still used by 1 contact" in page
    answer = words(manager.post(undo_url(added), follow=True))
    assert "Undone: 1 customer was deleted. Kept as it is: Cedar (still used by 1 contact)." in answer


def kept_languages(company: Tenant) -> list[str]:
    with tenant(company):
        return sorted(Customer.objects.values_list("language", flat=True))


def test_the_history_offers_to_undo_what_can_be_undone(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client, viewer: Client
) -> None:
    history = f"/acme/customers/{alder.pk}/history/"
    change(acme, people["manager"], language="de")
    page = manager.get(history)
    links = re.findall(r'href="(/acme/operations/\d+/undo/[^"]*)"', page.content.decode())
    assert [link.partition("?")[2] for link in links] == [f"next={history}", "next=/acme/customers/"]
    assert "/undo/" not in viewer.get(history).content.decode()
    answer = manager.post(links[0], follow=True)
    assert answer.redirect_chain == [(history, 302)]
    entries = answer.context["timeline"].entries
    assert [entry.is_undone for entry in entries] == [False, True, False]
    assert "Undone: Edited" in words(answer)
    assert manager.post(links[1], follow=True).redirect_chain == [("/acme/customers/", 302)]


def test_what_was_undone_already_is_told(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client
) -> None:
    edit = change(acme, people["manager"], language="de")
    manager.post(undo_url(edit))
    before = kept(acme).last_operation_id
    for send in (manager.get, manager.post):
        assert "This was undone already, by Manager, " in words(send(undo_url(edit), follow=True))
    assert kept(acme).last_operation_id == before


def test_where_everything_is_kept_nothing_is_said_to_be_undone(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client
) -> None:
    edit = change(acme, people["manager"], language="de")
    change(acme, people["agent"], language="fr")
    page = words(manager.get(undo_url(edit)))
    assert "There is nothing left that could be undone." in page
    assert "1 stays as it is: Alder Bikes: edited since by Agent" in page
    assert "Nothing was undone: Alder Bikes (edited since by Agent" in words(
        manager.post(undo_url(edit), follow=True)
    )


def test_settings_cannot_be_undone(acme: Tenant, people: dict[str, User], signed_in: Any) -> None:
    with tenant(acme):
        opened = Operation.objects.get(kind="open")
    answer = signed_in(people["owner"]).get(undo_url(opened), follow=True)
    assert answer.redirect_chain == [("/acme/", 302)]
    assert "This can't be undone: opened the company." in words(answer)


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_companys_operation_is_not_found(
    acme: Tenant, alder: Customer, people: dict[str, User], bob: User, signed_in: Any, method: str
) -> None:
    edit = change(acme, people["manager"], language="de")
    stranger = signed_in(bob)
    for address in (undo_url(edit), f"/globex/operations/{edit.pk}/undo/"):
        assert getattr(stranger, method)(address).status_code == 404
    assert kept(acme).language == "de"


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_edit_may_not_undo(
    acme: Tenant, alder: Customer, people: dict[str, User], viewer: Client, method: str
) -> None:
    edit = change(acme, people["manager"], language="de")
    assert getattr(viewer, method)(undo_url(edit)).status_code == 403
    assert kept(acme).language == "de"


@pytest.mark.parametrize(
    "outside",
    [
        "https://elsewhere.example/acme/customers/",
        "//elsewhere.example/acme/customers/",
        "/globex/customers/",
        "/acme/../globex/",
        "/acme/%2e%2e/globex/",
        "/acme/no-such-page/",
        "/accounts/logout/",
        "javascript:alert(1)",
        "/acme/customers/\r\nX: y",
        "http://[",
        "",
    ],
)
def test_it_leads_nowhere_outside_the_company(
    acme: Tenant, alder: Customer, people: dict[str, User], manager: Client, outside: str
) -> None:
    for number, name in enumerate(("next", "query", "referer")):
        edit = change(acme, people["manager"], language=f"d{number}")
        address = undo_url(edit) + (f"?next={quote(outside)}" if name == "query" else "")
        data = {"next": outside} if name == "next" else {}
        headers = {"Referer": outside} if name == "referer" and "\n" not in outside else {}
        answer = manager.post(address, data, headers=headers)
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/acme/"


@pytest.mark.parametrize("number", [1, 40])
def test_the_page_costs_few_queries(
    acme: Tenant, alder: Customer, people: dict[str, User], signed_in: Callable[[User], Client], number: int
) -> None:
    with tenant(acme), operation("add", by=people["agent"]):
        Customer.objects.bulk_create(Customer(name=f"Birch {n}") for n in range(number))
    edit = change(acme, people["manager"], language="de")
    with tenant(acme), operation("edit", by=people["agent"]):
        Customer.objects.filter(name__startswith="Birch").update(language="fr")
    client = signed_in(people["manager"])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(undo_url(edit)).status_code == 200
    assert len(asked(queries)) <= 14, "\n".join(asked(queries))
