"""One Save for a customer, its contacts and its addresses, and two people at the same customer."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Address, Contact
from contacts.sections import Contacts
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from history.undo import undo
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.contacts.entries import edit_url, sent, shown, text, without
from tests.customers.test_reference import wait_until_somebody_waits

People = dict[str, User]


def flags(company: Tenant, model: Any, flag: str) -> dict[str, bool]:
    """Name or label → whether it has the flag."""
    with tenant(company):
        return {str(row): getattr(row, flag) for row in model.objects.order_by("pk")}


def primary(company: Tenant) -> list[str]:
    return [name for name, ticked in flags(company, Contact, "is_primary").items() if ticked]


def billing(company: Tenant) -> list[str]:
    return [name for name, ticked in flags(company, Address, "is_billing").items() if ticked]


@contextmanager
def by_somebody_else(company: Tenant, by: User) -> Iterator[None]:
    with tenant(company), operation("edit", by=by):
        yield


# One operation


def test_everything_is_saved_in_one_operation(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client, people: People
) -> None:
    data = shown(agent, alder, "?add=contact")
    data = sent(agent.post(edit_url(alder), {**data, "add": "address"}))
    data |= {
        "name": "Alder Group",
        "contacts-0-job_title": "Head of buying",
        "contacts-1-name": "Max Muster",
        "addresses-0-label": "Old depot",
        "addresses-1-street": "Hauptstr. 1",
        "addresses-1-city": "Bonn",
        "addresses-1-postal_code": "53111",
    }
    with tenant(acme):
        before = Operation.objects.count()
    answer = agent.post(edit_url(alder), data, follow=True)
    assert "Alder Group was saved." in text(answer)
    with tenant(acme):
        assert Operation.objects.count() == before + 1
        last = Operation.objects.latest("pk")
        rows = [*Contact.objects.all(), *Address.objects.all(), Customer.objects.get()]
        assert len(rows) == 5
        assert {row.last_operation_id for row in rows} == {last.pk}
        assert last.by == people["agent"]


def test_when_one_entry_is_wrong_nothing_is_saved_and_everything_typed_stays(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    data = shown(agent, alder, "?add=contact")
    data = sent(agent.post(edit_url(alder), {**data, "add": "address"}))
    typed = {
        "name": "Alder Group",
        "contacts-0-job_title": "Head of buying",
        "contacts-1-name": "Max Muster",
        "contacts-1-email": "max@",
        "contacts-1-receives_invoices": "on",
        "addresses-0-access_instructions": "Ring three times.",
        "addresses-1-label": "Site",
    }
    with tenant(acme):
        before = Operation.objects.count()
    answer = agent.post(edit_url(alder), {**data, **typed})
    assert answer.status_code == 422
    labels = [mistake.label for mistake in answer.context["mistakes"]]
    assert labels == [
        "Contact 2, E-mail",
        "Address 2, Street address",
        "Address 2, Postal code",
        "Address 2, City",
    ]
    assert {name: value for name, value in sent(answer).items() if name in typed} == typed
    with tenant(acme):
        assert Operation.objects.count() == before
        assert Customer.objects.get().name == "Alder Bikes"
        assert (Contact.objects.count(), Address.objects.count()) == (1, 1)
        assert Contact.objects.get().job_title == "Buyer"


def test_an_entry_that_is_not_saved_is_not_said_to_be_wrong(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    with tenant(acme):
        incomplete = add_address(alder, people["manager"], label="As imported", city="", postal_code="")
    data = sent(agent.post(edit_url(alder), {**shown(agent, alder, "?add=contact"), "add": "address"}))
    answer = agent.post(edit_url(alder), {**data, "contacts-0-name": "Max", "contacts-0-email": "max@"})
    assert answer.status_code == 422
    assert [mistake.label for mistake in answer.context["mistakes"]] == ["Contact 1, E-mail"]
    assert text(answer).count('aria-invalid="true"') == 1
    answer = agent.post(edit_url(alder), {**sent(answer), "addresses-0-remove": "on"})
    assert text(answer).count('aria-invalid="true"') == 1
    with tenant(acme):
        assert list(Address.objects.all()) == [incomplete]


def test_the_customers_own_mistake_stands_beside_the_entries(
    alder: Customer, maria: Contact, agent: Client
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "name": "", "contacts-0-name": ""})
    assert "2 fields need attention" in text(answer)
    assert '<a href="#id_name">Customer name</a>' in text(answer)
    assert '<a href="#id_contacts-0-name">Contact 1, Name</a>' in text(answer)


def test_saving_without_a_change_says_so(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    with tenant(acme):
        before = Operation.objects.count()
    answer = agent.post(edit_url(alder), shown(agent, alder), follow=True)
    assert "Nothing was changed." in text(answer)
    with tenant(acme):
        assert Operation.objects.count() == before


def test_only_what_was_changed_is_written(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    agent.post(edit_url(alder), {**shown(agent, alder), "contacts-0-name": "Maria Neu"})
    with tenant(acme):
        assert Address.objects.get().last_operation_id == depot.last_operation_id
        assert Customer.objects.get().last_operation_id == alder.last_operation_id
        assert Contact.objects.get().last_operation_id != maria.last_operation_id


# The primary contact and the billing address


def test_ticking_another_moves_the_tick(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, people: People, agent: Client
) -> None:
    add_contact(alder, people["manager"], name="Max Muster")
    add_address(alder, people["manager"], label="Site")
    data = {**shown(agent, alder), "contacts-1-is_primary": "on", "addresses-1-is_billing": "on"}
    assert agent.post(edit_url(alder), data).status_code == 302
    assert (primary(acme), billing(acme)) == (["Max Muster"], ["Site"])


def test_a_new_entry_takes_the_tick(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    data = shown(agent, alder, "?add=contact")
    data |= {"contacts-1-name": "Max Muster", "contacts-1-is_primary": "on"}
    assert agent.post(edit_url(alder), data).status_code == 302
    assert primary(acme) == ["Max Muster"]


def test_unticking_leaves_nobody(acme: Tenant, alder: Customer, maria: Contact, agent: Client) -> None:
    data = without(shown(agent, alder), "contacts-0-is_primary")
    assert agent.post(edit_url(alder), data).status_code == 302
    assert primary(acme) == []


def test_the_tick_of_one_who_is_removed_may_move(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    add_contact(alder, people["manager"], name="Max Muster")
    data = {**shown(agent, alder), "contacts-0-remove": "on", "contacts-1-is_primary": "on"}
    assert agent.post(edit_url(alder), data).status_code == 302
    assert primary(acme) == ["Max Muster"]


def test_two_ticked_at_once_are_one_too_many(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    for name in ("Max", "Moritz"):
        add_contact(alder, people["manager"], name=name)
    data = {**shown(agent, alder), "contacts-1-is_primary": "on", "contacts-2-is_primary": "on"}
    answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    (mistake,) = answer.context["mistakes"]
    assert mistake.label == "Contact 3, Primary contact"
    assert mistake.message == "Only one can be the primary contact. Contact 2 is ticked as well: untick one."
    assert primary(acme) == ["Maria Anders"]


def test_the_tick_of_one_the_page_leaves_out_moves_too(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    data = shown(agent, alder, "?add=contact")
    with by_somebody_else(acme, people["manager"]):
        Contact.objects.create(customer=alder, name="Unseen", is_primary=True)
    data |= {"contacts-0-name": "Max", "contacts-0-is_primary": "on"}
    answer = agent.post(edit_url(alder), data)
    assert "“Unseen” was made the primary contact meanwhile." in text(answer)
    assert primary(acme) == ["Unseen"]
    assert agent.post(edit_url(alder), sent(answer)).status_code == 302
    assert primary(acme) == ["Max"]


def test_who_ticks_second_is_told_and_may_insist(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client, manager: Client
) -> None:
    for name in ("Max", "Moritz"):
        add_contact(alder, people["manager"], name=name)
    data = shown(agent, alder)
    assert manager.post(edit_url(alder), {**data, "contacts-1-is_primary": "on"}).status_code == 302
    answer = agent.post(edit_url(alder), {**data, "contacts-2-is_primary": "on", "name": "Alder Group"})
    assert answer.status_code == 422
    (mistake,) = answer.context["mistakes"]
    assert mistake.label == "Contact 3, Primary contact"
    assert mistake.message.startswith("“Max” was made the primary contact meanwhile.")
    assert primary(acme) == ["Max"]
    with tenant(acme):
        assert Customer.objects.get().name == "Alder Bikes"
    assert agent.post(edit_url(alder), sent(answer)).status_code == 302
    assert primary(acme) == ["Moritz"]


def test_who_leaves_the_ticks_alone_does_not_move_them_back(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client, manager: Client
) -> None:
    add_contact(alder, people["manager"], name="Max")
    data = shown(agent, alder)
    manager.post(edit_url(alder), {**data, "contacts-1-is_primary": "on"})
    answer = agent.post(edit_url(alder), {**data, "contacts-0-job_title": "Boss", "contacts-1-notes": "New"})
    assert answer.status_code == 302
    assert primary(acme) == ["Max"]


@contextmanager
def somebody_faster(company: Tenant, by: User, change: Callable[[], Any]) -> Iterator[None]:
    """Another connection has made the change, and commits only when ours waits for its lock."""
    changed = threading.Event()

    def make() -> None:
        try:
            with by_somebody_else(company, by):
                change()
                changed.set()
                wait_until_somebody_waits()
        finally:
            changed.set()
            connection.close()

    other = threading.Thread(target=make)
    other.start()
    changed.wait(timeout=20)
    yield
    other.join(timeout=30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("added", [True, False])
def test_of_two_who_tick_at_the_same_moment_the_slower_one_is_told(
    acme: Tenant, alder: Customer, people: People, agent: Client, added: bool
) -> None:
    data = shown(agent, alder, "?add=contact")
    data |= {"contacts-0-name": "Slow", "contacts-0-is_primary": "on", "name": "Alder Group"}
    if added:

        def change() -> None:
            Contact.objects.create(customer=alder, name="Fast", is_primary=True)

    else:
        fast = add_contact(alder, people["manager"], name="Fast")

        def change() -> None:
            Customer.objects.select_for_update().get(pk=alder.pk)  # as whoever changes its contacts does
            fast.is_primary = True
            fast.save()

    with somebody_faster(acme, people["manager"], change):
        answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    (mistake,) = answer.context["mistakes"]
    assert mistake.label == "Contact 1, Primary contact"
    assert primary(acme) == ["Fast"]
    with tenant(acme):
        assert Customer.objects.get().name == "Alder Bikes"
        assert Contact.objects.count() == 1
    again = sent(answer)
    assert again["contacts-0-id"] == ""
    assert agent.post(edit_url(alder), again).status_code == 302
    assert primary(acme) == ["Slow"]


def test_what_the_database_refuses_is_told_at_the_entry(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page finds nobody, the constraint a moment later does."""
    data = shown(agent, alder, "?add=contact")
    data |= {"contacts-1-name": "Max", "contacts-1-is_primary": "on", "name": "Alder Group"}
    with monkeypatch.context() as patched:
        patched.setattr(Contacts, "current", lambda section: None)
        answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    (mistake,) = answer.context["mistakes"]
    assert mistake.label == "Contact 2, Primary contact"
    assert mistake.message.startswith("Somebody made another contact the primary one just now.")
    assert (primary(acme), sent(answer)["contacts-1-id"]) == (["Maria Anders"], "")
    with tenant(acme):
        assert Customer.objects.get().name == "Alder Bikes"


# Two people at the same entry


def test_what_somebody_changed_meanwhile_is_shown_at_the_entry(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    data = shown(agent, alder)
    with by_somebody_else(acme, people["manager"]):
        maria.job_title, maria.email = "Theirs", "theirs@alder.example"
        maria.save()
    answer = agent.post(edit_url(alder), {**data, "contacts-0-job_title": "Mine"})
    assert answer.status_code == 422
    assert "Manager saved this while you were typing" in text(answer)
    (mistake,) = answer.context["mistakes"]
    assert (mistake.href, mistake.label) == (f"#contact-{maria.pk}", "Contact 1")
    assert agent.post(edit_url(alder), sent(answer)).status_code == 302
    with tenant(acme):
        contact = Contact.objects.get()
    assert (contact.job_title, contact.email) == ("Mine", "theirs@alder.example")


def test_an_entry_left_alone_keeps_what_somebody_else_saved(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    data = shown(agent, alder)
    with by_somebody_else(acme, people["manager"]):
        maria.job_title = "Theirs"
        maria.save()
    assert agent.post(edit_url(alder), {**data, "name": "Alder Group"}).status_code == 302
    with tenant(acme):
        assert (Contact.objects.get().job_title, Customer.objects.get().name) == ("Theirs", "Alder Group")


def test_what_somebody_deleted_meanwhile_is_told_and_can_be_added_again(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    data = {**shown(agent, alder), "contacts-0-job_title": "Mine"}
    with by_somebody_else(acme, people["manager"]):
        maria.delete()
    answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    assert "Manager deleted this contact meanwhile. Save again to add it as a new one" in text(answer)
    again = sent(answer)
    assert (again["contacts-0-id"], again["contacts-0-job_title"]) == ("", "Mine")
    assert agent.post(edit_url(alder), again).status_code == 302
    with tenant(acme):
        contact = Contact.objects.get()
    assert (contact.name, contact.job_title, contact.email) == ("Maria Anders", "Mine", "maria@alder.example")


@pytest.mark.parametrize("changes", [{}, {"contacts-0-remove": "on"}])
def test_what_somebody_deleted_meanwhile_and_nobody_typed_into_stays_deleted(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client, changes: dict[str, str]
) -> None:
    data = shown(agent, alder)
    with by_somebody_else(acme, people["manager"]):
        Contact.objects.all().delete()
    assert agent.post(edit_url(alder), {**data, **changes, "name": "Alder Group"}).status_code == 302
    with tenant(acme):
        assert (Contact.objects.count(), Customer.objects.get().name) == (0, "Alder Group")


def test_what_somebody_changed_meanwhile_is_not_deleted_unseen(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    data = {**shown(agent, alder), "contacts-0-remove": "on"}
    with by_somebody_else(acme, people["manager"]):
        maria.notes = "Keep her!"
        maria.save()
    answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    assert "Manager changed this meanwhile. Save again to delete it all the same." in text(answer)
    assert agent.post(edit_url(alder), sent(answer)).status_code == 302
    with tenant(acme):
        assert not Contact.objects.exists()


@pytest.mark.parametrize("seen", ["", "x", "0", "9" * 25])
def test_an_entry_that_saw_nothing_must_be_confirmed(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client, seen: str
) -> None:
    data = {**shown(agent, alder), "contacts-0-seen": seen, "contacts-0-name": "Mine"}
    answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    assert agent.post(edit_url(alder), sent(answer)).status_code == 302
    with tenant(acme):
        assert Contact.objects.get().name == "Mine"


# What the page says


def test_the_page_has_its_sections_and_a_list_of_them(alder: Customer, agent: Client) -> None:
    page = text(agent.get(edit_url(alder)))
    for slug, title in [
        ("customer-information", "Customer information"),
        ("contacts", "Contacts"),
        ("addresses", "Addresses"),
    ]:
        assert f'<a href="#{slug}">{title}</a>' in page
        assert re.search(rf'<section[^>]* id="{slug}"', page)
        assert re.search(rf"<h2[^>]*>{title}</h2>", page)


def test_the_forms_remind_that_details_are_to_be_the_same_everywhere(alder: Customer, agent: Client) -> None:
    for path in (edit_url(alder), "/acme/customers/add/"):
        assert "Type them exactly as they are there" in text(agent.get(path))


def test_the_short_form_leads_on_to_contacts_and_addresses(
    acme: Tenant, agent: Client, short_form: Callable[..., dict[str, Any]]
) -> None:
    answer = agent.post("/acme/customers/add/", {**short_form(), "advanced": "1"}, follow=True)
    for more, one in (("contacts", "contact"), ("addresses", "address")):
        assert f"Add another {one}" in text(answer)
        assert f'id="{more}-list"' in text(answer)
    customer = answer.context["customer"]
    data = sent(agent.post(edit_url(customer), {**sent(answer), "add": "address"}))
    data |= {"addresses-0-street": "1 Way", "addresses-0-city": "Bonn", "addresses-0-postal_code": "53111"}
    assert agent.post(edit_url(customer), data).status_code == 302
    assert billing(acme) == ["1 Way, Bonn, DE"]


@pytest.mark.parametrize("value", ["\x00", "9" * 400, "-1", "x" * 10_000, "\u202e\U0001f4a5"])
def test_asking_for_more_with_nonsense_shows_the_page(
    alder: Customer, maria: Contact, depot: Address, agent: Client, value: str
) -> None:
    data = dict.fromkeys(shown(agent, alder), value)
    for asked in ({"add": "contact"}, {"add": value}, {"refresh": "addresses-0"}, {"refresh": value}):
        assert agent.post(edit_url(alder), {**data, **asked}).status_code == 200


@pytest.mark.parametrize("place", ["007", "00", "99999", "-1", "x", "٣"])
def test_a_forged_number_of_an_entry_is_ignored(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client, place: str
) -> None:
    forged = {f"contacts-{place}-id": "", f"contacts-{place}-name": "Forged"}
    assert agent.post(edit_url(alder), {**shown(agent, alder), **forged}).status_code == 302
    with tenant(acme):
        assert Contact.objects.get() == maria


def test_who_deleted_it_last_is_named(
    acme: Tenant, alder: Customer, maria: Contact, people: People, agent: Client
) -> None:
    data = {**shown(agent, alder), "contacts-0-notes": "Mine"}
    with tenant(acme), operation("delete", by=people["manager"]) as deleted:
        Contact.objects.get(pk=maria.pk).delete()
    with tenant(acme):
        undo(deleted, by=people["manager"])
    with by_somebody_else(acme, people["admin"]):
        Contact.objects.get(pk=maria.pk).delete()
    assert "Admin deleted this contact meanwhile." in text(agent.post(edit_url(alder), data))
