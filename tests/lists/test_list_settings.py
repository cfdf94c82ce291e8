"""What each person chooses for a list: columns, filters, page size and density."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from customers.models import Customer
from lists.models import ListSettings
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import alder

__all__ = ["alder"]

LIST, COLUMNS, FILTERS = (
    "/acme/customers/",
    "/acme/lists/customers/columns/",
    "/acme/lists/customers/filters/",
)
LOOK = {"size": "50", "density": "comfortable"}
SignIn = Callable[[User], Client]
DEFAULT = [
    "Customer name",
    "Status",
    "Reference",
    "Segment",
    "City",
    "E-mail",
    "Responsible manager",
    "Changed",
]


def headings(client: Client, address: str = LIST) -> list[str]:
    html = client.get(address).content.decode()
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html, re.DOTALL)
    return [re.sub(r"<svg.*?</svg>|<[^>]+>", "", cell, flags=re.DOTALL).strip() for cell in found]


def pills(client: Client, address: str = LIST) -> list[str]:
    """Those that are to be seen."""
    html = client.get(address).content.decode()
    return re.findall(r'<div class="chip">.*?<legend class="menu-head">(.*?)</legend>', html, re.DOTALL)


@pytest.fixture
def agent(people: dict[str, User], signed_in: SignIn, alder: Customer) -> Client:
    return signed_in(people["agent"])


def test_the_chosen_columns_are_shown_in_the_chosen_order(agent: Client) -> None:
    assert headings(agent) == DEFAULT
    answer = agent.post(
        COLUMNS,
        {**LOOK, "order": ["phone", "email", "name"], "chosen": ["email", "phone", "kind"]},
    )
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert headings(agent) == ["Customer name", "Phone", "E-mail", "Kind"]


def test_the_column_that_leads_to_the_customer_is_always_there(agent: Client) -> None:
    agent.post(COLUMNS, {**LOOK, "order": ["name"], "chosen": []})
    assert headings(agent) == ["Customer name"]
    assert "/acme/customers/" in agent.get(LIST).content.decode()


def test_a_choice_is_ones_own(agent: Client, people: dict[str, User], signed_in: SignIn) -> None:
    agent.post(COLUMNS, {**LOOK, "chosen": ["phone"]})
    assert headings(signed_in(people["viewer"])) == DEFAULT


def test_a_choice_holds_in_one_company_only(agent: Client, people: dict[str, User], globex: Tenant) -> None:
    agent.post(COLUMNS, {**LOOK, "chosen": ["phone"]})
    with tenant(globex):
        assert not ListSettings.objects.exists()


@pytest.mark.parametrize(
    ("direction", "expected"), [("up", ["reference", "status"]), ("down", ["status", "segment"])]
)
def test_without_scripts_a_button_moves_a_column_and_saves_nothing(
    agent: Client, direction: str, expected: list[str]
) -> None:
    sent = {**LOOK, "order": ["name", "status", "reference", "segment"], "chosen": ["status", "segment"]}
    answer = agent.post(COLUMNS, {**sent, "move": f"{direction}:reference"})
    assert answer.status_code == 200
    order = [choice.key for choice in answer.context["choices"]]
    assert order[1 : 1 + len(expected)] == expected
    assert {choice.key for choice in answer.context["choices"] if choice.chosen} == {
        "name",
        "status",
        "segment",
    }
    assert headings(agent) == DEFAULT


@pytest.mark.parametrize("move", ["up:nothing", "up:name", "down:", "sideways", "up:status"])
def test_a_move_that_is_none_changes_nothing(agent: Client, move: str) -> None:
    sent = {**LOOK, "order": ["name", "status", "reference"], "chosen": ["status"]}
    answer = agent.post(COLUMNS, {**sent, "move": move})
    assert [choice.key for choice in answer.context["choices"]][:3] == ["name", "status", "reference"]


def test_the_size_of_a_page_is_kept_and_the_list_stays_as_it_is(agent: Client) -> None:
    here = f"http://testserver{LIST}?q=alder&size=100&after=x&columns=email%2Cphone"
    answer = agent.post("/acme/lists/customers/size/", {"size": "25"}, headers={"Referer": here})
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?q=alder&columns=email,phone")
    assert agent.get(LIST).context["listing"].size == 25
    answer = agent.post("/acme/lists/customers/size/", {"size": "7"}, headers={"Referer": here}, follow=True)
    assert "A page has 25, 50 or 100 rows." in answer.content.decode()
    assert agent.get(LIST).context["listing"].size == 25


def test_rows_on_a_page_and_density(agent: Client) -> None:
    agent.post(COLUMNS, {"size": "25", "density": "compact", "chosen": ["email"]})
    answer = agent.get(LIST)
    assert answer.context["listing"].size == 25
    assert 'data-density="compact"' in answer.content.decode()
    assert answer.context["listing"].address() == "?"


def test_what_the_address_names_wins(agent: Client) -> None:
    agent.post(COLUMNS, {"size": "25", "density": "compact", "chosen": ["email"]})
    assert headings(agent, f"{LIST}?columns=phone,kind") == ["Customer name", "Phone", "Kind"]
    listing = agent.get(f"{LIST}?columns=phone,kind&size=100").context["listing"]
    assert listing.size == 100
    assert "columns=name%2Cphone%2Ckind" in listing.address()


def test_a_copied_link_shows_a_colleague_the_same(
    agent: Client, people: dict[str, User], signed_in: SignIn
) -> None:
    agent.post(
        COLUMNS, {"size": "25", "density": "compact", "order": ["phone"], "chosen": ["phone", "email"]}
    )
    link = agent.get(f"{LIST}?q=alder&sort=-email").context["listing"].link
    viewer = signed_in(people["viewer"])
    assert headings(viewer, LIST + link) == headings(agent, f"{LIST}?sort=-email")
    shown = viewer.get(LIST + link).context["listing"]
    assert (shown.size, shown.order.key, shown.filterset.chosen) == (25, "-email", {"q": ["alder"]})


def test_columns_in_the_address_that_are_none_are_named(agent: Client) -> None:
    listing = agent.get(f"{LIST}?columns=phone,salary").context["listing"]
    assert [column.key for column in listing.shown] == ["name", "phone"]
    assert listing.ignored_words == "columns = salary"


def test_columns_that_the_person_may_not_see_are_neither_offered_nor_shown(
    people: dict[str, User], signed_in: SignIn, alder: Customer
) -> None:
    viewer = signed_in(people["viewer"])
    assert "access" not in viewer.get(COLUMNS).content.decode().lower()
    viewer.post(COLUMNS, {**LOOK, "chosen": ["access_instructions", "billing_access_name", "email"]})
    assert headings(viewer) == ["Customer name", "E-mail"]


def test_chosen_filters_stand_above_the_list_and_others_while_they_are_set(agent: Client) -> None:
    assert "Kind" not in pills(agent)
    agent.post(FILTERS, {"chosen": ["kind", "status"]})
    assert pills(agent) == ["Kind", "Status"]
    assert "Attracting channel" not in pills(agent)
    assert len(pills(agent, f"{LIST}?channel=none")) == 3


def test_no_filter_at_all_is_a_choice_too(agent: Client) -> None:
    agent.post(FILTERS, {})
    assert pills(agent) == []


@pytest.mark.parametrize(
    ("address", "sent"), [(COLUMNS, {**LOOK, "chosen": ["kind"]}), (FILTERS, {"chosen": ["kind"]})]
)
def test_reset_brings_the_default_back(agent: Client, address: str, sent: dict[str, object]) -> None:
    before = (headings(agent), pills(agent))
    agent.post(address, sent)
    assert (headings(agent), pills(agent)) != before
    assert agent.post(address, {"reset": "1"}).status_code == 302
    assert (headings(agent), pills(agent)) == before


def test_resetting_the_columns_leaves_the_filters_alone(agent: Client) -> None:
    agent.post(FILTERS, {"chosen": ["kind"]})
    agent.post(COLUMNS, {"reset": "1"})
    assert pills(agent) == ["Kind"]


def test_a_wrong_size_is_refused_and_the_ticks_stay(agent: Client) -> None:
    answer = agent.post(COLUMNS, {"size": "7", "density": "compact", "order": ["phone"], "chosen": ["phone"]})
    assert answer.status_code == 422
    assert [c.key for c in answer.context["choices"] if c.chosen] == ["name", "phone"]
    assert headings(agent) == DEFAULT


def test_the_export_offers_the_columns_that_are_shown(
    people: dict[str, User], signed_in: SignIn, alder: Customer
) -> None:
    manager = signed_in(people["manager"])
    manager.post(COLUMNS, {**LOOK, "chosen": ["phone", "email"]})
    choices = manager.get("/acme/customers/export/").context["choices"]
    assert [choice.key for choice in choices if choice.chosen] == ["name", "email", "phone"]


def test_settings_go_with_the_person(people: dict[str, User], acme: Tenant, agent: Client) -> None:
    agent.post(COLUMNS, {**LOOK, "chosen": ["phone"]})
    agent.post("/acme/lists/contacts/columns/", {**LOOK, "chosen": ["email"]})
    with tenant(acme):
        assert set(ListSettings.objects.values_list("list", flat=True)) == {"customers", "contacts"}


@pytest.mark.parametrize("page", ["columns", "filters"])
def test_a_list_that_is_none_is_not_found(agent: Client, page: str) -> None:
    assert agent.get(f"/acme/lists/invoices-of-mars/{page}/").status_code == 404


def test_a_filter_that_is_added_stands_above_the_list_for_who_added_it(
    agent: Client, people: dict[str, User], signed_in: SignIn
) -> None:
    before = pills(agent)
    assert "Phone" not in before
    here = f"{LIST}?status=none&sort=-name"
    answer = agent.post(
        f"{FILTERS}add/", {"filter": "phone"}, headers={"Referer": f"http://testserver{here}"}
    )
    assert (answer.status_code, answer["Location"]) == (302, here)
    assert sorted(pills(agent)) == sorted([*before, "Phone"])
    agent.post(FILTERS, {"chosen": ["status"]})
    agent.post(f"{FILTERS}add/", {"filter": "phone"})
    assert pills(agent) == ["Phone", "Status"]
    assert pills(signed_in(people["viewer"])) == before


@pytest.mark.parametrize("wanted", ["", "colour", "q"])
def test_only_what_is_a_filter_of_the_list_is_added(agent: Client, wanted: str) -> None:
    answer = agent.post(f"{FILTERS}add/", {"filter": wanted}, follow=True)
    assert "There is no such filter. Choose one of the list’s." in answer.content.decode().replace(
        "&#x27;", "’"
    )
