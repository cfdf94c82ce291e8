"""The cards of contacts and addresses on a customer's home."""

from typing import Any

from django.test import Client

from contacts.models import Address, Contact
from customers.cards import Card
from customers.models import Customer
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.contacts.test_tab import Page, show, words
from tests.customers.conftest import add_customer


def home(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/"


def card(page: Page, title: str) -> Page:
    return page.xpath(f"//aside/section[.//h2[.='{title}']]")[0]


def test_the_primary_ones_are_first_and_three_at_most(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    for name in ("Adam", "Bea", "Cleo", "Zoe"):
        add_contact(alder, people["agent"], name=name, job_title="Buyer", is_primary=name == "Zoe")
    for label in ("First", "Second", "Third", "Fourth"):
        add_address(alder, people["agent"], label=label, is_billing=label == "Fourth")
    page = show(agent, home(alder))
    contacts, addresses = card(page, "Contacts"), card(page, "Addresses")
    assert [words(link) for link in contacts.xpath(".//li//a")] == ["Zoe", "Adam", "Bea"]
    assert words(contacts.xpath(".//li//small")[0]) == "Primary contact · Buyer"
    assert [words(link) for link in addresses.xpath(".//h3/a")] == ["Fourth", "First", "Second"]
    assert words(contacts.xpath("./p[@class='card-foot']")[0]) == "All 4 contacts"
    assert addresses.xpath("./p[@class='card-foot']/a/@href") == [f"{home(alder)}contacts/#addresses"]


def test_a_name_leads_to_the_tab(alder: Customer, maria: Contact, depot: Address, agent: Client) -> None:
    page = show(agent, home(alder))
    assert card(page, "Contacts").xpath(".//li//a/@href") == [
        f"{home(alder)}contacts/?contact={maria.pk}#contact-{maria.pk}"
    ]
    assert card(page, "Addresses").xpath(".//h3/a/@href") == [
        f"{home(alder)}contacts/?address={depot.pk}#address-{depot.pk}"
    ]
    assert not page.xpath("//aside//p[@class='card-foot']")


def test_the_primary_address_has_its_key(
    alder: Customer, people: dict[str, User], depot: Address, agent: Client
) -> None:
    add_address(alder, people["agent"], label="Shop")
    keys = card(show(agent, home(alder)), "Addresses").xpath(".//a[contains(@class, 'is-key')]")
    assert [key.get("href") for key in keys] == [
        f"{home(alder)}access/?address={depot.pk}#address-{depot.pk}"
    ]
    assert words(keys[0].xpath("./ancestor::li//h3")[0]) == "Depot"


def test_each_has_add(alder: Customer, agent: Client, viewer: Client) -> None:
    page = show(agent, home(alder))
    assert card(page, "Contacts").xpath("./header/a/@href") == [f"{home(alder)}edit/?add=contact#contacts"]
    assert card(page, "Addresses").xpath("./header/a/@href") == [f"{home(alder)}edit/?add=address#addresses"]
    assert "No contacts yet" in words(card(page, "Contacts"))
    assert "No addresses yet" in words(card(page, "Addresses"))
    assert not card(show(viewer, home(alder)), "Contacts").xpath(".//a")


def test_an_individual_is_their_own_primary_contact(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    olga = add_customer(acme, people["manager"], name="Olga Own", kind="individual")
    assert [words(item) for item in card(show(agent, home(olga)), "Contacts").xpath(".//li//a")] == [
        "Olga Own"
    ]
    for name in ("Adam", "Bea", "Cleo"):
        add_contact(olga, people["agent"], name=name)
    contacts = card(show(agent, home(olga)), "Contacts")
    assert [words(link) for link in contacts.xpath(".//li//a")] == ["Olga Own", "Adam", "Bea"]
    assert "All 3 contacts" in words(contacts)


def nothing(customer: Customer, user: User) -> Card | None:
    return None


def greeting(customer: Customer, user: User) -> Card:
    return Card("customers/manager.html", {"role": customer.name})


def test_another_app_adds_a_card(alder: Customer, agent: Client, settings: Any) -> None:
    settings.CUSTOMER_CARDS = [f"{__name__}.nothing", f"{__name__}.greeting"]
    page = show(agent, home(alder))
    assert not page.xpath("//aside//h2[.='Contacts']")
    assert "Nobody" in words(page.xpath("//aside")[0])
