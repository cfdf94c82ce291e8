"""Changes of contacts and addresses in the customer's timeline."""

import pytest
from django.test import Client

from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address
from tests.contacts.test_delete import delete_url
from tests.contacts.test_tab import Page, show, words


def entries(client: Client, customer: Customer) -> list[Page]:
    """The timeline's entries, newest first."""
    page = show(client, f"/acme/customers/{customer.pk}/history/")
    return list(page.xpath("//ol[@class='timeline']/li"))


def rows(entry: Page) -> list[str]:
    return [words(row) for row in entry.xpath(".//*[@class='timeline-row']")]


def changes(entry: Page) -> dict[str, str]:
    """Label → the new value, or the old one of what is gone."""
    found = entry.xpath(".//*[@class='changes']/div")
    return {
        words(line.xpath("./dt")[0]): words(line.xpath("./dd/*[self::ins or self::del]")[-1])
        for line in found
    }


def test_what_was_added_is_told_in_words(
    alder: Customer, maria: Contact, people: dict[str, User], agent: Client
) -> None:
    add_address(
        alder,
        people["agent"],
        street="大手町1-1",
        city="千代田区",
        region="東京都",
        country="JP",
        phone="+81312345678",
        is_site=True,
    )
    address, contact = entries(agent, alder)[:2]
    assert rows(contact) == ["Contact Maria Anders added"]
    told = changes(contact)
    assert told["Name"] == "Maria Anders"
    assert told["Phone"] == "+49 30 1234567"
    assert told["Primary contact"] == "Yes"
    assert told["Receives invoices"] == "Yes"
    assert "Receives promotions" not in told
    assert "Customer" not in told
    assert rows(address) == ["Address 大手町1-1, 千代田区, JP added"]
    told = changes(address)
    assert (told["Country"], told["Region"]) == ("Japan", "Tokyo")
    assert told["Phone"] == "+81 3-1234-5678"


def test_one_operation_is_one_entry(
    acme: Tenant, alder: Customer, maria: Contact, depot: Address, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        alder.name = "Alder & Oak"
        alder.save()
        maria.language = "fr"
        maria.save()
        depot.label = "Old depot"
        depot.save()
    entry = entries(agent, alder)[0]
    assert "Edited" in words(entry)
    assert rows(entry) == ["Contact Maria Anders changed", "Address Old depot changed"]
    assert changes(entry) == {
        "Customer name": "Alder & Oak",
        "Language": "French",
        "Label": "Old depot",
    }


def test_what_was_deleted_is_told_too(alder: Customer, maria: Contact, depot: Address, agent: Client) -> None:
    agent.post(delete_url(maria))
    agent.post(delete_url(depot))
    address, contact = entries(agent, alder)[:2]
    assert "Deleted" in words(contact)
    assert rows(contact) == ["Contact Maria Anders deleted"]
    assert changes(contact)["E-mail"] == "maria@alder.example"
    assert rows(address) == ["Address Depot deleted"]
    assert changes(address)["Access instructions"] == "Ring twice."


def test_the_homes_latest_changes_tell_of_them(alder: Customer, maria: Contact, agent: Client) -> None:
    page = show(agent, f"/acme/customers/{alder.pk}/")
    assert "Contact Maria Anders added" in words(page.xpath("//ol[@class='timeline']")[0])


def test_the_home_tells_only_some_of_what_was_changed_together(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        for name in "ABCDEF":
            Contact.objects.create(customer=alder, name=name, relation="employee")
    home = show(agent, f"/acme/customers/{alder.pk}/").xpath("//ol[@class='timeline']/li")[0]
    assert len(rows(home)) == 4
    assert words(home).endswith("and more: 6 were changed together")
    assert len(rows(entries(agent, alder)[0])) == 6


@pytest.mark.parametrize("path", ["", "history/"])
def test_viewers_read_nothing_of_access(
    acme: Tenant,
    alder: Customer,
    depot: Address,
    people: dict[str, User],
    viewer: Client,
    agent: Client,
    path: str,
) -> None:
    with tenant(acme), operation("edit", by=people["agent"]):
        depot.access_name = "Kim Keeper"
        depot.save()
    agent.post(delete_url(depot))
    text = viewer.get(f"/acme/customers/{alder.pk}/{path}").content.decode()
    assert "Depot" in text
    for secret in ("Karl", "Kim", "Ring twice", "9876543", "Neighbour", "Access"):
        assert secret not in text
    text = agent.get(f"/acme/customers/{alder.pk}/{path}").content.decode()
    assert "Kim Keeper" in text


def test_another_customers_are_not_told(
    acme: Tenant, alder: Customer, maria: Contact, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("add", by=people["agent"]):
        birch = Customer.objects.create(name="Birch")
        Contact.objects.create(customer=birch, name="Boris Birch")
    assert "Boris" not in words(entries(agent, alder)[0])
    assert rows(entries(agent, birch)[0]) == ["Contact Boris Birch added"]


def test_names_are_escaped(alder: Customer, people: dict[str, User], agent: Client) -> None:
    add_address(alder, people["agent"], label="<b>l</b>", access_name="<i>n</i>")
    text = agent.get(f"/acme/customers/{alder.pk}/history/").content.decode()
    assert "<b>l" not in text
    assert "<i>n" not in text
