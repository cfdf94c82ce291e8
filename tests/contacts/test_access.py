"""Who gives access to an address: /customers/<id>/access/, and the key that leads there."""

from typing import Any

from django.test import Client

from contacts.models import Address
from customers.models import Customer
from tenants.context import tenant
from tenants.models import User
from tests.contacts.conftest import add_address
from tests.contacts.test_tab import add_many, show


def access_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/access/"


def test_the_page_tells_how_to_get_in(alder: Customer, depot: Address, agent: Client) -> None:
    page = agent.get(access_url(alder)).content.decode()
    for expected in [
        f'id="address-{depot.pk}"',
        "Access to <bdi>Depot</bdi>",
        "Karl Key",
        "Neighbour",
        '<a href="tel:+49309876543">+49 30 9876543</a>',
        "Ring twice.",
    ]:
        assert expected in page


def test_only_addresses_with_access_are_there_the_billing_address_first(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    add_address(alder, people["agent"], label="Nobody's")
    add_address(alder, people["agent"], label="Flat", access_email="k+key@flat.example")
    add_address(alder, people["agent"], label="Office", access_instructions="Code 1", is_billing=True)
    page = agent.get(access_url(alder)).content.decode()
    assert "Nobody" not in page
    assert page.index("Office") < page.index("Flat")
    assert 'href="mailto:k%2Bkey@flat.example"' in page


def test_a_popover_is_about_one_address(alder: Customer, people: dict[str, User], agent: Client) -> None:
    flat = add_address(alder, people["agent"], label="Flat", access_name="Fred")
    add_address(alder, people["agent"], label="Shop", access_name="Sue")
    page = agent.get(
        f"{access_url(alder)}?address={flat.pk}", headers={"HX-Request": "true"}
    ).content.decode()
    assert "Fred" in page
    assert "Sue" not in page
    assert f'id="address-{flat.pk}"' not in page  # which the page below it has


def test_the_address_of_a_popover_opened_as_a_page_shows_all(
    alder: Customer, people: dict[str, User], agent: Client
) -> None:
    flat = add_address(alder, people["agent"], label="Flat", access_name="Fred")
    add_address(alder, people["agent"], label="Shop", access_name="Sue")
    page = agent.get(f"{access_url(alder)}?address={flat.pk}").content.decode()
    assert "Fred" in page
    assert "Sue" in page


def test_what_is_no_address_of_the_customer_is_said_to_have_none(
    alder: Customer, bobs: Customer, depot: Address, agent: Client
) -> None:
    for number in ["0", "x", "9" * 30, "-1", str(depot.pk + 1), str(depot.pk + 2)]:
        page = agent.get(f"{access_url(alder)}?address={number}", headers={"HX-Request": "true"})
        assert page.status_code == 200
        assert "No access information" in page.content.decode()


def test_nothing_known_is_said(alder: Customer, agent: Client) -> None:
    assert "No access information" in agent.get(access_url(alder)).content.decode()


def test_viewers_are_refused(alder: Customer, depot: Address, viewer: Client) -> None:
    assert viewer.get(access_url(alder)).status_code == 403
    asked = viewer.get(f"{access_url(alder)}?address={depot.pk}", headers={"HX-Request": "true"})
    assert asked.status_code == 403
    assert "Karl" not in asked.content.decode()


def test_strangers_find_nothing(
    alder: Customer, depot: Address, bobs: Customer, bob: User, agent: Client, signed_in: Any
) -> None:
    stranger = signed_in(bob)
    assert stranger.get(access_url(alder)).status_code == 404
    assert stranger.get(f"/globex/customers/{alder.pk}/access/").status_code == 404
    assert agent.get(access_url(bobs)).status_code == 404


def test_what_people_typed_is_escaped(alder: Customer, people: dict[str, User], agent: Client) -> None:
    add_address(
        alder,
        people["agent"],
        label="<b>l</b>",
        access_name="<i>n</i>",
        access_phone="<u>p</u>",
        access_instructions="<s>one</s>\ntwo",
    )
    page = agent.get(access_url(alder)).content.decode()
    assert not {tag for tag in ("<b>l", "<i>n", "<u>p", "<s>one") if tag in page}
    assert "one&lt;/s&gt;\ntwo" in page


def test_more_than_fifty_are_on_pages(alder: Customer, people: dict[str, User], agent: Client) -> None:
    add_many(alder, 60, people["agent"])
    page = show(agent, access_url(alder))
    assert len(page.xpath("//main//h2")) == 50
    assert page.xpath("//a[@rel='next']/@href") == [f"{access_url(alder)}?page=2"]
    assert len(show(agent, f"{access_url(alder)}?page=2").xpath("//main//h2")) == 10
    with tenant(alder.tenant):
        last = Address.objects.order_by("pk").last()
    assert last
    page = show(agent, f"{access_url(alder)}?address={last.pk}")
    assert page.get_element_by_id(f"address-{last.pk}") is not None
