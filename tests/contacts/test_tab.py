"""The tab Contacts & addresses: everyone and every place behind a customer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from contacts.models import Address, Contact
from customers.models import Customer
from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.conftest import add_address, add_contact
from tests.customers.conftest import add_customer, asked

Page = Any  # an element of lxml, which has no types


def tab_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/contacts/"


def show(client: Client, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def words(element: Page) -> str:
    return " ".join(element.text_content().split())


def entry(page: Page, key: str) -> Page:
    return page.get_element_by_id(key)


def names(page: Page, section: str) -> list[str]:
    """The entries of a section, in order."""
    return [words(name) for name in page.xpath(f"//section[@id='{section}']//li//h3")]


def add_many(customer: Customer, number: int, by: User) -> None:
    with tenant(customer.tenant), operation("import", by=by):
        Contact.objects.bulk_create(
            Contact(
                customer=customer,
                name=f"Contact {at:03}",
                email=f"c{at}@x.example",
                phone="+49301234567",
                receives_invoices=True,
            )
            for at in range(1, number + 1)
        )
        Address.objects.bulk_create(
            Address(customer=customer, label=f"Address {at:03}", city="Berlin", country="DE", access_name="K")
            for at in range(1, number + 1)
        )


def test_a_contact_is_shown_with_all_that_is_known(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    contact = add_contact(
        alder,
        people["agent"],
        name="Maria Anders",
        job_title="Buyer",
        relation="letting_agent",
        email="maria+x@alder.example",
        phone="+49301234567",
        language="de",
        notes="Away on Fridays.\nRing first.",
        is_primary=True,
        receives_invoices=True,
        receives_promotions=True,
    )
    shown = entry(show(agent, tab_url(alder)), f"contact-{contact.pk}")
    for expected in [
        "Maria Anders Primary contact",
        "Buyer Letting agent",
        "maria+x@alder.example",
        "+49 30 1234567",
        "German",
        "Receives Invoices Promotions",
        "Away on Fridays. Ring first.",
    ]:
        assert expected in " ".join(shown.xpath(".//text()[normalize-space()]")).replace("\n", " ")
    hrefs = shown.xpath(".//a/@href")
    assert "mailto:maria%2Bx@alder.example" in hrefs
    assert "tel:+49301234567" in hrefs


def test_contacts_hold_tenants_and_letting_agents(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    add_contact(alder, people["agent"], name="Tina", relation="tenant")
    add_contact(alder, people["agent"], name="Otto", relation="other")
    page = show(agent, tab_url(alder))
    roles = [words(role) for role in page.xpath("//section[@id='contacts']//*[@class='detail-role']")]
    assert roles == ["Other", "Tenant"]


def test_an_address_is_written_as_in_its_country(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    office = add_address(alder, people["agent"], label="Office", phone="030 1 <b>", is_billing=True)
    london = add_address(
        alder,
        people["agent"],
        street="1 High Street",
        city="London",
        postal_code="SW1A 1AA",
        country="GB",
        is_site=True,
    )
    page = show(agent, tab_url(alder))
    shown = entry(page, f"address-{office.pk}")
    assert shown.xpath(".//address")[0].text_content().splitlines() == ["Obere Str. 57", "12209 Berlin"]
    assert words(shown.xpath(".//*[@class='detail-title']")[0]) == "Office Billing"
    assert "030 1 <b>" in words(shown)
    shown = entry(page, f"address-{london.pk}")
    assert shown.xpath(".//address")[0].text_content().splitlines() == [
        "1 High Street",
        "London",
        "SW1A 1AA",
        "United Kingdom",
    ]
    assert words(shown.xpath(".//*[@class='detail-title']")[0]) == "Address in London Site"


def test_of_an_address_without_anything_else_the_country_is_shown(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    bare = {"street": "", "city": "", "postal_code": ""}
    for country, written in {"GB": "United Kingdom", "DE": "Germany", "": ""}.items():
        place = add_address(alder, people["agent"], **bare, country=country, label="As imported")
        shown = entry(show(agent, tab_url(alder)), f"address-{place.pk}")
        assert words(shown.xpath(".//address")[0]) == written


def test_the_envelope_is_copied_with_the_customers_name(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    office = add_address(alder, people["agent"])
    button = entry(show(agent, tab_url(alder)), f"address-{office.pk}").xpath(".//button[@data-copy]")[0]
    assert button.get("data-copy").splitlines() == ["Alder Bikes", "Obere Str. 57", "12209 BERLIN"]


def test_the_map_is_a_plain_link_that_tells_nobody_where_it_was(
    alder: Customer, depot: Address, agent: Client
) -> None:
    link = entry(show(agent, tab_url(alder)), f"address-{depot.pk}").xpath(".//a[contains(., 'Map')]")[0]
    assert link.get("href").startswith("https://www.openstreetmap.org/search?query=Obere")
    assert (link.get("rel"), link.get("hx-boost")) == ("noreferrer", "false")


def test_the_order_is_primary_first_then_by_name(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    for name in ("Zoe", "Émile", "Adam"):
        add_contact(alder, people["agent"], name=name, is_primary=name == "Zoe")
    for label in ("First", "Second", "Third"):
        add_address(alder, people["agent"], label=label, is_billing=label == "Third")
    page = show(agent, tab_url(alder))
    assert names(page, "contacts") == ["Zoe", "Adam", "Émile"]
    assert names(page, "addresses") == ["Third", "First", "Second"]


def test_edit_is_beside_each_name_and_leads_to_the_edit_page(
    alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    page = show(agent, tab_url(alder))
    edit = f"/acme/customers/{alder.pk}/edit/"
    assert entry(page, f"contact-{maria.pk}").xpath(".//a[normalize-space()='Edit']/@href") == [
        f"{edit}?contact={maria.pk}#contact-{maria.pk}"
    ]
    assert entry(page, f"address-{depot.pk}").xpath(".//a[normalize-space()='Edit']/@href") == [
        f"{edit}?address={depot.pk}#address-{depot.pk}"
    ]


def test_the_first_time_there_is_something_to_do(alder: Customer, agent: Client) -> None:
    page = show(agent, tab_url(alder))
    edit = f"/acme/customers/{alder.pk}/edit/"
    empty = page.xpath("//*[@class='empty']")
    assert [words(part.xpath("./h2")[0]) for part in empty] == ["No contacts yet", "No addresses yet"]
    assert [part.xpath("./a/@href") for part in empty] == [
        [f"{edit}?add=contact#contacts"],
        [f"{edit}?add=address#addresses"],
    ]
    heads = page.xpath("//header[@class='card-head']//a")
    assert [words(link) for link in heads] == ["Add contact", "Add address"]


def test_an_individual_is_their_own_primary_contact_until_one_is_ticked(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    olga = add_customer(
        acme,
        people["manager"],
        name="Olga Own",
        kind="individual",
        email="olga@x.example",
        phone="+493012345",
    )
    add_contact(olga, people["agent"], name="Adam")
    page = show(agent, tab_url(olga))
    assert names(page, "contacts") == ["Olga Own", "Adam"]
    own = entry(page, "contact-own")
    assert "Primary contact" in words(own)
    assert "olga@x.example" in words(own)
    assert own.xpath(".//a[normalize-space()='Edit']/@href") == [f"/acme/customers/{olga.pk}/edit/"]
    add_contact(olga, people["agent"], name="Zoe", is_primary=True)
    assert names(show(agent, tab_url(olga)), "contacts") == ["Zoe", "Adam"]


def test_a_company_without_a_primary_contact_has_none(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    add_contact(alder, people["agent"], name="Adam")
    page = show(agent, tab_url(alder))
    assert names(page, "contacts") == ["Adam"]
    assert "Primary contact" not in words(page.get_element_by_id("contacts"))


def test_the_tab_stands_after_home_and_counts_both(
    alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    for path in ("", "contacts/", "history/"):
        tabs = show(agent, f"/acme/customers/{alder.pk}/{path}").xpath("//nav[@id='tabs']/a")
        assert words(tabs[1]) == "Contacts & addresses2"


def test_a_fragment_for_htmx_has_the_tab_alone(alder: Customer, maria: Contact, agent: Client) -> None:
    page = agent.get(tab_url(alder), headers={"HX-Request": "true"}).content.decode()
    assert "Maria Anders" in page
    assert "<html" not in page
    assert 'hx-swap-oob="true"' in page


def test_fifty_of_each_are_on_a_page(alder: Customer, people: dict[str, User], agent: Client) -> None:
    add_many(alder, 73, people["agent"])
    page = show(agent, tab_url(alder))
    assert (len(names(page, "contacts")), len(names(page, "addresses"))) == (50, 50)
    pager = page.xpath("//section[@id='contacts']/nav")[0]
    assert "1–50 of 73" in words(pager)
    assert pager.xpath("./a/@href") == [f"{tab_url(alder)}?contacts=2#contacts"]
    page = show(agent, f"{tab_url(alder)}?contacts=2&addresses=2")
    assert names(page, "contacts")[0] == "Contact 051"
    assert names(page, "addresses")[-1] == "Address 073"
    pager = page.xpath("//section[@id='addresses']/nav")[0]
    assert "51–73 of 73" in words(pager)
    assert pager.xpath("./a/@href") == [f"{tab_url(alder)}?addresses=1&contacts=2#addresses"]


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 40, "1.5", "٢"])
def test_a_page_that_there_is_not_is_the_first(alder: Customer, agent: Client, number: str) -> None:
    page = show(agent, f"{tab_url(alder)}?contacts={number}&addresses={number}&contact={number}")
    assert "No contacts yet" in words(page)


def test_a_contact_is_shown_on_its_page_and_marked(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    add_many(alder, 60, people["agent"])
    with tenant(alder.tenant):
        contact = Contact.objects.get(name="Contact 055")
        address = Address.objects.get(label="Address 058")
    page = show(agent, f"{tab_url(alder)}?contact={contact.pk}")
    assert "is-wanted" in entry(page, f"contact-{contact.pk}").get("class")
    assert len(page.xpath("//li[contains(@class, 'is-wanted')]")) == 1
    assert names(page, "addresses")[0] == "Address 001"
    page = show(agent, f"{tab_url(alder)}?address={address.pk}")
    assert "is-wanted" in entry(page, f"address-{address.pk}").get("class")


def test_one_that_is_gone_is_not_looked_for(
    alder: Customer, maria: Contact, bobs: Customer, agent: Client
) -> None:
    page = show(agent, f"{tab_url(alder)}?contact={maria.pk + 1}")
    assert names(page, "contacts") == ["Maria Anders"]
    assert not page.xpath("//li[contains(@class, 'is-wanted')]")


@pytest.mark.parametrize("role", ["viewer", "owner"])
@pytest.mark.parametrize("path", ["", "contacts/", "marketing/", "history/"])
def test_a_page_with_fifty_of_each_costs_few_queries(
    alder: Customer, people: dict[str, User], signed_in: Any, path: str, role: str
) -> None:
    add_many(alder, 55, people["manager"])
    with tenant(alder.tenant):
        with operation("edit", by=people["manager"]):  # of all three, with a name that is gone by now
            alder.segment = Segment.objects.create(name="Gone")
            alder.save()
            Contact.objects.update(job_title="Buyer")
            Address.objects.update(is_site=True)
        with operation("edit", by=people["manager"]):
            alder.segment = None
            alder.save()
            Segment.objects.get(name="Gone").delete()
        alder.disable(by=people["manager"], reason="Unpaid")
    client = signed_in(people[role])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/acme/customers/{alder.pk}/{path}").status_code == 200
    assert len(asked(queries)) <= 12, "\n".join(asked(queries))


def test_viewers_read_and_are_offered_no_change(
    alder: Customer, maria: Contact, depot: Address, viewer: Client
) -> None:
    for path in (tab_url(alder), f"/acme/customers/{alder.pk}/"):
        text = viewer.get(path).content.decode()
        assert "Maria Anders" in text
        assert "Obere Str. 57" in text
        for word in ("/edit/", "/delete/", "Karl", "/access/", "key-round", "Ring twice"):
            assert word not in text


def test_who_may_finds_the_key_beside_the_address(
    alder: Customer, people: dict[str, User], depot: Address, agent: Client
) -> None:
    plain = add_address(alder, people["agent"], label="Shop")
    page = show(agent, tab_url(alder))
    key = entry(page, f"address-{depot.pk}").xpath("./a[contains(@class, 'is-key')]")[0]
    assert key.get("href") == f"/acme/customers/{alder.pk}/access/?address={depot.pk}#address-{depot.pk}"
    assert key.get("aria-label") == "Access information: Depot"
    assert not entry(page, f"address-{plain.pk}").xpath(".//a[contains(@class, 'is-key')]")
    assert "Karl" not in words(page)


def test_strangers_find_nothing(alder: Customer, maria: Contact, bob: User, signed_in: Any) -> None:
    stranger = signed_in(bob)
    assert stranger.get(tab_url(alder)).status_code == 404
    assert stranger.get(f"/globex/customers/{alder.pk}/contacts/").status_code == 404


def test_what_people_typed_is_escaped(alder: Customer, people: dict[str, User], agent: Client) -> None:
    add_contact(
        alder,
        people["agent"],
        name="<b>n</b>",
        job_title="<i>j</i>",
        notes="<script>x</script>",
        phone="<u>p",
    )
    add_address(alder, people["agent"], label='"><b>l</b>', street="<s>s</s>", city='"><em>')
    for path in (tab_url(alder), f"/acme/customers/{alder.pk}/"):
        text = agent.get(path).content.decode()
        assert not {
            tag for tag in ("<b>n", "<i>j", "<script>x", "<u>p", "<b>l", "<s>s", "<em>") if tag in text
        }
