"""The contacts of a customer on the page that edits it: /customers/<id>/edit/#contacts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import COMMUNICATIONS, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_contact
from tests.contacts.entries import edit_url, sent, shown, text, without
from tests.customers.conftest import add_customer

People = dict[str, User]


def contacts(company: Tenant, customer: Customer) -> list[Contact]:
    with tenant(company):
        return list(Contact.objects.filter(customer=customer).primary_first())


def test_adding_the_first_contact(acme: Tenant, alder: Customer, agent: Client) -> None:
    page = agent.get(edit_url(alder))
    assert "Nobody yet." in text(page)
    page = agent.post(edit_url(alder), {**sent(page), "add": "contact"})
    data = sent(page)
    assert (data["contacts-0-id"], data["contacts-0-relation"], data["contacts-0-is_primary"]) == (
        "",
        "employee",
        "on",
    )
    typed = {
        "contacts-0-name": "Maria Anders",
        "contacts-0-job_title": "Buyer",
        "contacts-0-email": "maria@alder.example",
        "contacts-0-phone": "030 23125-000",
        "contacts-0-language": "Deutsch",
        "contacts-0-notes": "Prefers mornings.",
    }
    answer = agent.post(edit_url(alder), {**data, **typed}, follow=True)
    assert "Alder Bikes was saved." in text(answer)
    (contact,) = contacts(acme, alder)
    assert (contact.name, contact.job_title, contact.email) == (
        "Maria Anders",
        "Buyer",
        "maria@alder.example",
    )
    assert (contact.phone, contact.language, contact.notes) == ("+493023125000", "de", "Prefers mornings.")
    assert contact.is_primary
    assert contact.relation == "employee"


def test_what_a_contact_receives_is_chosen(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = shown(agent, alder)
    assert data["contacts-0-receives_invoices"] == "on"
    changes = {"contacts-0-receives_promotions": "on", "contacts-0-receives_service_notices": "on"}
    agent.post(edit_url(alder), {**without(data, "contacts-0-receives_invoices"), **changes})
    (contact,) = contacts(acme, alder)
    assert contact.communications == ["Service notices", "Promotions"]
    assert [name for name in COMMUNICATIONS if getattr(contact, name)] == [
        "receives_service_notices",
        "receives_promotions",
    ]


def test_any_number_of_contacts_is_added_at_once(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = shown(agent, alder)
    for number in range(1, 4):
        data = sent(agent.post(edit_url(alder), {**data, "add": "contact"}))
        data[f"contacts-{number}-name"] = f"Contact {number}"
    with tenant(acme):
        operations = Operation.objects.count()
    agent.post(edit_url(alder), data)
    assert [contact.name for contact in contacts(acme, alder)] == [
        "Maria Anders",
        "Contact 1",
        "Contact 2",
        "Contact 3",
    ]
    with tenant(acme):
        assert Operation.objects.count() == operations + 1


def test_asking_for_another_one_saves_nothing_and_keeps_what_was_typed(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = {**shown(agent, alder), "name": "", "contacts-0-name": "", "contacts-0-email": "nonsense"}
    answer = agent.post(edit_url(alder), {**data, "add": "contact"})
    assert answer.status_code == 200
    assert "needs attention" not in text(answer)
    assert 'aria-invalid="true"' not in text(answer)
    again = sent(answer)
    assert (again["name"], again["contacts-0-name"], again["contacts-0-email"]) == ("", "", "nonsense")
    assert again["contacts-1-id"] == ""
    assert "contacts-1-is_primary" not in again, "there is a primary contact already"
    assert contacts(acme, alder)[0].email == "maria@alder.example"


def test_entries_left_blank_are_ignored(acme: Tenant, alder: Customer, agent: Client) -> None:
    data = sent(agent.post(edit_url(alder), {**shown(agent, alder), "add": "contact"}))
    answer = agent.post(edit_url(alder), data, follow=True)
    assert "Nothing was changed." in text(answer)
    assert contacts(acme, alder) == []


def test_the_address_asks_for_one_more_or_for_one_of_them(
    alder: Customer, maria: Contact, agent: Client
) -> None:
    one_more = text(agent.get(edit_url(alder, "?add=contact")))
    assert "New contact" in one_more
    assert one_more.count("autofocus") == 1
    page = text(agent.get(edit_url(alder)))
    assert f'<details class="entry" id="contact-{maria.pk}">' in page
    page = text(agent.get(edit_url(alder, f"?contact={maria.pk}")))
    assert f'<details class="entry" id="contact-{maria.pk}" open>' in page


@pytest.mark.parametrize("asked", ["0", "x", "9" * 30, "-1", "%00", ""])
def test_an_address_that_asks_for_nobody_opens_the_page(
    alder: Customer, maria: Contact, agent: Client, asked: str
) -> None:
    assert agent.get(edit_url(alder, f"?contact={asked}&address={asked}")).status_code == 200


def test_contacts_of_individuals_are_no_employees(acme: Tenant, people: People, agent: Client) -> None:
    person = add_customer(acme, people["manager"], kind="individual")
    data = shown(agent, person, "?add=contact")
    assert data["contacts-0-relation"] == "other"
    assert "contacts-0-is_primary" not in data, "an individual is their own primary contact"


def test_removing(acme: Tenant, alder: Customer, maria: Contact, agent: Client) -> None:
    data = shown(agent, alder)
    answer = agent.post(
        edit_url(alder), {**data, "contacts-0-remove": "on", "contacts-0-email": "wrong"}, follow=True
    )
    assert "Alder Bikes was saved." in text(answer)
    assert contacts(acme, alder) == []


def test_asking_for_more_keeps_what_is_to_be_removed(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = {**shown(agent, alder), "contacts-0-remove": "on"}
    assert sent(agent.post(edit_url(alder), {**data, "add": "contact"}))["contacts-0-remove"] == "on"
    assert contacts(acme, alder) == [maria]


def test_an_entry_that_is_wrong_is_named_and_stays_as_typed(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = shown(agent, alder, "?add=contact")
    data |= {"contacts-0-email": "maria@", "contacts-1-name": "", "contacts-1-notes": "Who is this?"}
    answer = agent.post(edit_url(alder), data)
    assert answer.status_code == 422
    mistakes = [(mistake.href, mistake.label) for mistake in answer.context["mistakes"]]
    assert mistakes == [
        ("#id_contacts-0-email", "Contact 1, E-mail"),
        ("#id_contacts-1-name", "Contact 2, Name"),
    ]
    assert "2 fields need attention" in text(answer)
    assert '<a href="#id_contacts-0-email">Contact 1, E-mail</a>: Enter a valid email address.' in text(
        answer
    )
    again = sent(answer)
    assert (again["contacts-0-email"], again["contacts-1-notes"]) == ("maria@", "Who is this?")
    assert contacts(acme, alder)[0].email == "maria@alder.example"


@pytest.mark.parametrize("typed", ["klingon", "xx"])
def test_an_unknown_language_is_refused(alder: Customer, maria: Contact, agent: Client, typed: str) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "contacts-0-language": typed})
    assert [mistake.label for mistake in answer.context["mistakes"]] == ["Contact 1, Language"]


def test_a_language_from_elsewhere_stays(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    add_contact(alder, people["manager"], language="pt-BR")
    agent.post(edit_url(alder), {**shown(agent, alder), "contacts-0-name": "New name"})
    assert [(found.name, found.language) for found in contacts(acme, alder)] == [("New name", "pt-BR")]


# Whose contact it is


@pytest.fixture
def other(acme: Tenant, people: People) -> Contact:
    """A contact of another customer of Acme."""
    return add_contact(
        add_customer(acme, people["manager"], name="Birch"), people["manager"], name="Olga Outsider"
    )


def test_a_contact_of_another_customer_is_not_reached(
    acme: Tenant,
    alder: Customer,
    maria: Contact,
    other: Contact,
    bobs: Customer,
    globex: Tenant,
    agent: Client,
) -> None:
    with tenant(globex):
        stranger = Contact.objects.get(customer=bobs)
    for company, taken in ((acme, other), (globex, stranger)):
        page = text(agent.get(edit_url(alder, f"?contact={taken.pk}")))
        assert taken.name not in page
        data = {**shown(agent, alder), "contacts-0-id": str(taken.pk), "contacts-0-name": "Mine now"}
        answer = agent.post(edit_url(alder), data)
        assert answer.status_code == 422
        assert "Somebody deleted this contact meanwhile." in text(answer)
        removed = agent.post(edit_url(alder), {**data, "contacts-0-remove": "on"}, follow=True)
        assert "Nothing was changed." in text(removed)
        with tenant(company):
            assert Contact.objects.get(pk=taken.pk).name == taken.name


def test_viewers_and_strangers_reach_nothing(
    acme: Tenant, alder: Customer, maria: Contact, viewer: Client, bob: User, signed_in: Any
) -> None:
    data = {"contacts-0-id": str(maria.pk), "contacts-0-name": "Mine"}
    assert viewer.post(edit_url(alder), data).status_code == 403
    assert signed_in(bob).post(edit_url(alder), data).status_code == 404
    assert contacts(acme, alder)[0].name == "Maria Anders"


# What is saved with a warning


def test_a_phone_number_that_is_none_is_kept_with_a_warning(
    acme: Tenant, alder: Customer, maria: Contact, agent: Client
) -> None:
    data = {**shown(agent, alder), "contacts-0-phone": "ask at the desk"}
    answer = agent.post(edit_url(alder), data, follow=True)
    assert "Maria Anders: the phone number is kept as typed: “ask at the desk”" in text(answer)
    assert contacts(acme, alder)[0].phone == "ask at the desk"


def test_the_same_email_twice_warns(acme: Tenant, alder: Customer, maria: Contact, agent: Client) -> None:
    data = shown(agent, alder, "?add=contact")
    data |= {"contacts-1-name": "Max", "contacts-1-email": "MARIA@alder.example"}
    answer = agent.post(edit_url(alder), data, follow=True)
    assert "2 contacts have the same e-mail address: maria@alder.example." in text(answer)
    assert len(contacts(acme, alder)) == 2
    again = agent.post(edit_url(alder), {**shown(agent, alder), "contacts-0-job_title": "Boss"}, follow=True)
    assert "same e-mail" not in text(again), "only who typed it is told"


def test_an_idn_address_is_accepted(acme: Tenant, alder: Customer, maria: Contact, agent: Client) -> None:
    agent.post(edit_url(alder), {**shown(agent, alder), "contacts-0-email": "maria@münchen.example"})
    assert contacts(acme, alder)[0].email == "maria@münchen.example"


# Many


def test_fifty_are_shown_and_the_one_that_is_asked_for(
    acme: Tenant, alder: Customer, people: People, agent: Client
) -> None:
    with tenant(acme), operation("import", by=None):
        Contact.objects.bulk_create(Contact(customer=alder, name=f"Contact {n:03}") for n in range(60))
        last = Contact.objects.get(name="Contact 059")
    answer = agent.get(edit_url(alder, f"?contact={last.pk}"))
    data = sent(answer)
    assert sum(name.endswith("-id") for name in data) == 51
    assert "9 more:" in text(answer)
    assert data["contacts-50-name"] == "Contact 059"
    assert agent.post(edit_url(alder), {**data, "contacts-50-name": "Changed"}).status_code == 302
    assert len(contacts(acme, alder)) == 60


def test_more_than_can_be_taken_at_once_is_refused(acme: Tenant, alder: Customer, agent: Client) -> None:
    data = {f"contacts-{n}-id": "" for n in range(250)} | {f"contacts-{n}-name": "X" for n in range(250)}
    answer = agent.post(edit_url(alder), {**shown(agent, alder), **data})
    assert answer.status_code == 422
    assert "At most 200 at once." in text(answer)
    assert contacts(acme, alder) == []
