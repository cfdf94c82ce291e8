"""The list of customers: who sees what, how it is narrowed, sorted, and read from the address bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from history.operations import operation
from marketing.models import Channel, Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.customers import add_customers, member

HTMX = {"HX-Request": "true"}


def names(response: Any) -> list[str]:
    """The customers on the page, in order."""
    return [
        unescape(name)
        for name in re.findall(r'class="row-link" href="[^"]*">([^<]*)<', response.content.decode())
    ]


def said(response: Any) -> str:
    """The sentence above the list."""
    found = re.search(r'id="list-said".*?<p>(.*?)</p>', response.content.decode(), re.DOTALL)
    assert found
    return unescape(re.sub(r"<[^>]*>", "", found[1]))


def text(response: Any) -> str:
    return re.sub(r"<[^>]*>", "", response.content.decode())


@pytest.fixture
def viewer(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["viewer"])


@pytest.fixture
def manager(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


def test_everybody_sees_the_customers_by_name(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Zeta", "Ärzte am Ring", "alder")
    response = viewer.get("/acme/customers/")
    assert names(response) == ["alder", "Ärzte am Ring", "Zeta"]
    assert said(response) == "3 customers. Sorted by customer name."


def test_customers_of_others_are_never_there(
    acme: Tenant, globex: Tenant, viewer: Client, bob: User, signed_in: Callable[[User], Client]
) -> None:
    add_customers(acme, "Ours")
    add_customers(globex, "Theirs")
    assert names(viewer.get("/acme/customers/?q=")) == ["Ours"]
    assert names(viewer.get("/acme/customers/?q=theirs")) == []
    assert viewer.get("/globex/customers/").status_code == 404
    assert signed_in(bob).get("/acme/customers/").status_code == 404


def test_an_entry_of_another_company_is_no_filter_of_ours(
    acme: Tenant, globex: Tenant, viewer: Client
) -> None:
    with tenant(globex):
        theirs = Segment.objects.first()
    assert theirs
    add_customers(acme, "Ours")
    response = viewer.get(f"/acme/customers/?segment={theirs.pk}")
    assert names(response) == ["Ours"]
    assert f"Segment = {theirs.pk}" in response.content.decode()


def test_search_finds_parts_of_name_reference_and_email(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Luleå Energi", reference="C-1001", email="info@lulea.example")
    add_customers(acme, "Alder Bikes", reference="C-2002", email="hi@alder.example")
    for text in ("lule", "LULEÅ ener", "1001", "info@", "en lu"):
        assert names(viewer.get("/acme/customers/", {"q": text})) == ["Luleå Energi"], text
    assert names(viewer.get("/acme/customers/", {"q": "=alder bikes"})) == ["Alder Bikes"]
    assert said(viewer.get("/acme/customers/", {"q": "lule"})).startswith("1 customer: containing “lule”")


@pytest.mark.parametrize("text", ["100%", "a_b", "back\\", "quote'", "\\"])
def test_search_takes_wildcards_as_they_are(acme: Tenant, viewer: Client, text: str) -> None:
    add_customers(acme, f"Odd {text} name", "100 aXb backslash quote")
    assert names(viewer.get("/acme/customers/", {"q": text})) == [f"Odd {text} name"]


def test_short_words_are_found_too(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "3M", "AB Volvo")
    assert names(viewer.get("/acme/customers/", {"q": "3m"})) == ["3M"]
    assert names(viewer.get("/acme/customers/", {"q": "v"})) == ["AB Volvo"]
    assert names(viewer.get("/acme/customers/", {"q": "lv"})) == []  # only where a word begins


def test_marks_are_looked_for_by_themselves_only(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Smith & Sons", "Smith Sons")
    assert names(viewer.get("/acme/customers/", {"q": "sons & smith"})) == ["Smith & Sons", "Smith Sons"]
    assert names(viewer.get("/acme/customers/", {"q": "&"})) == ["Smith & Sons"]


def test_filters_take_several_values_each(acme: Tenant, viewer: Client) -> None:
    with tenant(acme):
        first, second, third = Segment.objects.all()[:3]
        lead = Status.objects.get(name="Lead")
    add_customers(acme, "One", segment=first, status=lead)
    add_customers(acme, "Two", segment=second)
    add_customers(acme, "Three", segment=third)
    add_customers(acme, "None")
    address = "/acme/customers/?segment={}&segment={}"
    response = viewer.get(address.format(first.pk, second.pk))
    assert names(response) == ["One", "Two"]
    assert f"segment {first.name} or {second.name}" in said(response)
    assert names(viewer.get(address.format(third.pk, "none"))) == ["None", "Three"]
    assert names(viewer.get(f"{address.format(first.pk, second.pk)}&status={lead.pk}")) == ["One"]


def test_channel_kind_and_managers_filter(acme: Tenant, people: dict[str, User], viewer: Client) -> None:
    mine, hers = member(acme, people["viewer"]), member(acme, people["agent"])
    with tenant(acme):
        channel = Channel.objects.get(name="Referral")
    add_customers(acme, "Mine", responsible_manager=mine, channel=channel, kind="individual")
    add_customers(acme, "Hers", responsible_manager=hers, service_manager=mine)
    add_customers(acme, "Nobody's")

    def shown(query: str) -> list[str]:
        return names(viewer.get(f"/acme/customers/?{query}"))

    assert shown("responsible_manager=me") == shown(f"responsible_manager={mine.pk}") == ["Mine"]
    assert shown("responsible_manager=none") == ["Nobody's"]
    assert shown(f"responsible_manager=me&responsible_manager={hers.pk}") == ["Hers", "Mine"]
    assert shown("service_manager=me") == ["Hers"]
    assert shown("kind=individual") == shown(f"channel={channel.pk}") == ["Mine"]


def test_disabled_customers_are_shown_on_request(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    add_customers(acme, "Here")
    (gone,) = add_customers(acme, "Gone")
    with tenant(acme):
        gone.disable(by=people["manager"], reason="Moved away")
    assert names(viewer.get("/acme/customers/")) == ["Here"]
    assert names(viewer.get("/acme/customers/?state=active")) == ["Here"]
    disabled = viewer.get("/acme/customers/?state=disabled")
    assert names(disabled) == ["Gone"]
    assert said(disabled).startswith("1 disabled customer.")
    assert names(viewer.get("/acme/customers/?state=all")) == ["Gone", "Here"]


def test_retired_entries_are_offered_while_in_use(
    acme: Tenant, people: dict[str, User], viewer: Client
) -> None:
    with tenant(acme), operation("settings", by=people["admin"]):
        used = Segment.objects.create(name="Old but used")
        unused = Segment.objects.create(name="Old and unused")
        Customer.objects.create(name="Loyal", segment=used)
        used.retire()
        unused.retire()
    page = viewer.get("/acme/customers/").content.decode()
    assert "Old but used (retired)" in page
    assert "Old and unused" not in page
    assert names(viewer.get(f"/acme/customers/?segment={used.pk}")) == ["Loyal"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["alder", "Beta", "Ölmühle"]),
        ("-name", ["Ölmühle", "Beta", "alder"]),
        ("reference", ["Beta", "Ölmühle", "alder"]),
        ("-email", ["Beta", "alder", "Ölmühle"]),
    ],
)
def test_the_declared_columns_sort(acme: Tenant, viewer: Client, sort: str, expected: list[str]) -> None:
    add_customers(acme, "alder", reference="C-3", email="b@x.example")
    add_customers(acme, "Beta", reference="a-1", email="c@x.example")
    add_customers(acme, "Ölmühle", reference="B-2", email="a@x.example")
    assert names(viewer.get(f"/acme/customers/?sort={sort}")) == expected


MALFORMED = [
    "page=x&sort=__class__&segment=9e99",
    "segment=99999999999999999999999999&status=-1&channel=%00",
    "sort=segment",
    "sort=-",
    "size=1000000",
    "size=-1",
    "q=%00%01%ff",
    "q=" + "x" * 5000,
    "state=%F0%9F%92%A9",
    "kind=robot",
    "responsible_manager=1e5&service_manager=;DROP",
    "after=AAAA",
    "after=%00",
    "before=null",
    "after=W10",
    "after=WyJuYW1lIiwiYSIsMSwxXQ&before=WyJuYW1lIiwiYSIsMSwxXQ",  # ["name","a",1,1] twice
    "after=WyItbmFtZSIsImEiLDEsMV0",  # of another order
    "after=WyJuYW1lIiwiXHUwMDAwIiwxLDFd",  # a NUL in its value
    "after=WyJuYW1lIiwiXHVkODAwIiwxLDFd",  # half a surrogate pair
    "after=WyJuYW1lIiwiYSIsMWU5OSwxXQ",  # 1e99
    "after=WyJuYW1lIiwiYSIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTksMV0",  # an id beyond any
    "sort=created_at&after=WyJjcmVhdGVkX2F0IiwieCIsMSwxXQ",  # no date
    "sort=created_at&after=WyJjcmVhdGVkX2F0IiwiMjAyNi0wMS0wMVQwMDowMDowMCIsMSwxXQ",  # no time zone
    "sort=contact_count&after=WyJjb250YWN0X2NvdW50IiwieCIsMSwxXQ",  # no number
    "sort=contact_count&after=WyJjb250YWN0X2NvdW50IiwiNGUxOCIsMSwxXQ",  # 4e18
    "sort=contact_count&after=WyJjb250YWN0X2NvdW50IiwiOTk5OTk5OTk5OTkiLDEsMV0",  # one beyond any
    "=&&&==&%5B%5D=%5B",
    "source=mail",
]


@pytest.mark.parametrize("query", MALFORMED)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_is_malformed_is_ignored_and_named(
    acme: Tenant, viewer: Client, query: str, headers: dict[str, str]
) -> None:
    add_customers(acme, "Alder", "Beta")
    response = viewer.get(f"/acme/customers/?{query}", headers=headers)
    assert response.status_code == 200
    assert "Not understood in the address" in response.content.decode()
    if "q=" not in query:
        assert names(response) == ["Alder", "Beta"]


def test_what_others_put_behind_a_link_is_no_filter(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Alder", "Beta")
    response = viewer.get(
        "/acme/customers/?q=alder&utm_source=mail&utm_medium=news&fbclid=1&gclid=2&mc_cid=3"
    )
    assert names(response) == ["Alder"]
    listing = response.context["listing"]
    assert (listing.ignored, listing.unread) == ([], [])


def test_the_message_names_each_and_escapes_it(acme: Tenant, viewer: Client) -> None:
    page = viewer.get("/acme/customers/?page=x&sort=__class__&segment=<script>").content.decode()
    assert "Segment = &lt;script&gt;; sort = __class__; page = x." in page


def test_a_place_far_in_the_past_or_future_is_an_empty_page(acme: Tenant, viewer: Client) -> None:
    from lists.paging import Cursor

    add_customers(acme, "Alder")
    for value in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        place = Cursor("created_at", value, 1).encode()
        for side in ("after", "before"):
            response = viewer.get(f"/acme/customers/?sort=created_at&{side}={place}")
            assert response.status_code == 200


def test_htmx_gets_the_results_and_what_follows_them(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Alder")
    address = "/acme/customers/?kind=company&q="
    fragment = viewer.get(address, headers=HTMX)
    text = fragment.content.decode()
    assert "<html" not in text
    assert text.lstrip().startswith('<div class="results" id="results" ')
    assert text.count("hx-swap-oob") >= 10
    assert fragment["HX-Push-Url"] == "/acme/customers/?kind=company"
    assert "HX-Request" in fragment["Vary"]
    for more in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        page = viewer.get(address, headers={**HTMX, **more})
        assert "<html" in page.content.decode()
        assert "hx-swap-oob" not in page.content.decode()
        assert "HX-Request" in page["Vary"]


def test_typing_on_leaves_one_entry_in_the_history(acme: Tenant, viewer: Client) -> None:
    def header(before: str, now: str) -> set[str]:
        response = viewer.get(
            f"/acme/customers/{now}",
            headers={**HTMX, "HX-Current-URL": f"http://testserver/acme/customers/{before}"},
        )
        return {name for name in ("HX-Push-Url", "HX-Replace-Url") if name in response}

    assert header("", "?q=a") == {"HX-Push-Url"}
    assert header("?q=a", "?q=al") == {"HX-Replace-Url"}
    assert header("?q=a", "?q=a&kind=company") == {"HX-Push-Url"}
    assert header("?q=a", "?q=a") == {"HX-Replace-Url"}


def test_the_form_carries_order_and_size(acme: Tenant, viewer: Client) -> None:
    page = viewer.get("/acme/customers/?sort=-name&size=25").content.decode()
    assert '<input type="hidden" name="sort" value="-name">' in page
    assert '<input type="hidden" name="size" value="25">' in page


def test_an_empty_company_is_offered_the_first_step(acme: Tenant, manager: Client, viewer: Client) -> None:
    assert "No customers yet" in manager.get("/acme/customers/").content.decode()
    assert "/acme/customers/add/" in manager.get("/acme/customers/").content.decode()
    assert "/acme/customers/add/" not in viewer.get("/acme/customers/").content.decode()


def test_no_match_offers_to_clear_the_filters(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "Alder")
    page = viewer.get("/acme/customers/?q=zzz&sort=-name").content.decode()
    assert "No customers match" in page
    assert 'href="/acme/customers/?sort=-name"' in page


def test_names_are_escaped(acme: Tenant, viewer: Client) -> None:
    add_customers(acme, "<script>alert(1)</script>", reference="<b>", email="")
    page = viewer.get("/acme/customers/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;" in page


def test_the_total_is_exact_up_to_ten_thousand(
    acme: Tenant, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lists.matches.COUNTED", 3)
    add_customers(acme, "A", "B", "C")
    assert said(viewer.get("/acme/customers/")).startswith("3 customers.")
    add_customers(acme, "D")
    page = viewer.get("/acme/customers/")
    assert said(page).startswith("More than 3 customers.")
    assert "1–4 of more than 3" in text(page)


def test_beyond_that_it_is_counted_once_the_page_is_there(
    acme: Tenant, people: dict[str, User], viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lists.matches.COUNTED", 3)
    add_customers(acme, *"ABCDE", kind="individual")
    page = viewer.get("/acme/customers/?kind=individual").content.decode()
    assert 'hx-get="/acme/lists/customers/count/?kind=individual" hx-trigger="load' in page
    assert '<a class="scriptless" href="/acme/lists/customers/count/?kind=individual">Count them</a>' in page
    address = "/acme/lists/customers/count/?kind=individual"
    answer = viewer.get(address, headers=HTMX).content.decode()
    assert "<span>5 customers</span>" in answer
    assert '<span id="list-of" hx-swap-oob="true">of 5</span>' in answer
    assert "5 customers: kind Individual. <a" in viewer.get(address).content.decode()
    # It is known from now on, to everybody who asks for the same, until something changes.
    again = viewer.get("/acme/customers/?kind=individual&sort=-name")
    assert said(again).startswith("5 customers: kind Individual.")
    assert "1–5 of 5" in text(again)
    assert said(viewer.get("/acme/customers/")).startswith("More than 3 customers.")
    add_customers(acme, "F", kind="individual")
    assert said(viewer.get("/acme/customers/?kind=individual")).startswith("More than 3 customers: kind")
    # Where counting takes too long, it says so.
    monkeypatch.setattr("lists.matches.COUNTING", 1)
    slow = "SELECT pg_sleep(1)"
    with connection.execute_wrapper(
        lambda run, sql, *rest: run(f"{slow}; {sql}" if "COUNT" in sql and "LIMIT" not in sql else sql, *rest)
    ):
        answer = viewer.get(address, headers=HTMX).content.decode()
        assert "More than 3 customers (too many to count)" in answer
        assert "list-of" not in answer
        assert "Counting them takes too long." in viewer.get(address).content.decode()


def test_short_words_are_looked_for_where_a_word_begins_and_the_page_says_so(
    acme: Tenant, viewer: Client
) -> None:
    add_customers(acme, "Alder Bikes", "Falcon Works", "Elder Al")
    found = viewer.get("/acme/customers/?q=al")
    assert names(found) == ["Alder Bikes", "Elder Al"]
    assert said(found).startswith("2 customers: containing “al” (“al” where a word begins).")
    assert "containing “alder b” (“b” where a word begins)" in said(viewer.get("/acme/customers/?q=alder b"))
    assert "containing “alder”." in said(viewer.get("/acme/customers/?q=alder"))


def test_the_queries_of_the_list(acme: Tenant, people: dict[str, User], viewer: Client) -> None:
    """Eight, and the `SET LOCAL` at the start of the transaction (which Django does not log)."""
    with tenant(acme):
        lists = {"segment": Segment.default(), "status": Status.default(), "channel": Channel.default()}
    manager = member(acme, people["manager"])
    add_customers(acme, *(f"Customer {n}" for n in range(60)), responsible_manager=manager, **lists)
    viewer.get("/acme/customers/")
    with CaptureQueriesContext(connection) as captured:
        assert len(names(viewer.get("/acme/customers/?q=customer&kind=company"))) == 50
    queries = [query["sql"] for query in captured if not re.match(r"(RELEASE )?SAVEPOINT", query["sql"])]
    tables = [re.search(r' FROM "(\w+)"', re.sub(r"EXISTS\(.*?\)\)", "", sql))[1] for sql in queries]  # type: ignore[index]
    assert tables == [
        "django_session",
        "tenants_user",
        "tenants_membership",  # with the companies, this and those one may switch to
        "lists_listsettings",
        "marketing_segment",  # what all filters offer, in one union
        "customers_customer",  # the rows
        "customers_customer",  # their capped number
        "lists_savedview",  # those of the sidebar
    ]


def test_a_malformed_address_of_the_page_before_is_no_server_error(acme: Tenant, viewer: Client) -> None:
    answer = viewer.get("/acme/customers/", headers={**HTMX, "HX-Current-URL": "http://["})
    assert answer.status_code == 200


def test_an_exact_search_finds_an_address(acme: Tenant, alder: Customer, viewer: Client) -> None:
    assert "Alder Bikes" in viewer.get("/acme/customers/?q==HELLO@alder.example").content.decode()
    assert "Alder Bikes" not in viewer.get("/acme/customers/?q==hello@alder").content.decode()


def test_the_sentence_says_what_an_exact_search_compares(
    acme: Tenant, alder: Customer, viewer: Client
) -> None:
    assert said(viewer.get("/acme/customers/?q== Nowhere ")).startswith(
        "0 customers: exactly “Nowhere” as name, reference, e-mail, phone, street, postal code or city, "
        "of contacts too."
    )


@pytest.mark.parametrize("typed", ["=", " = ", "=\t"])
def test_an_exact_search_for_nothing_is_named_and_left_out(
    acme: Tenant, alder: Customer, viewer: Client, typed: str
) -> None:
    response = viewer.get("/acme/customers/", {"q": typed})
    listing = response.context["listing"]
    assert (names(response), len(listing.ignored), listing.narrowed) == (["Alder Bikes"], 1, "")
    assert "Not understood in the address, or no longer there, and left out: Search = =" in text(response)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("=+49 30 5000-123", ["Alder"]),
        ("=0049305000123", ["Alder"]),
        ("=+49 (0)30 5000123", ["Alder"]),
        ("=030 5000 123", ["Alder"]),  # as it is dialled at home
        ("=305000123", []),
        ("=030 5000 12", []),
        ("=+49 30 5000 1234", ["Beta"]),
        ("=0305 5512-7", ["Cedar"]),  # kept as it was typed
        ("=123", []),
        ("+49", ["Alder", "Beta"]),  # while one types
        ("+49 (30) 5", ["Alder", "Beta"]),
        ("alder +49 30", ["Alder"]),
        ("+30", []),
    ],
)
def test_a_search_finds_a_telephone_number_however_it_is_written(
    acme: Tenant, viewer: Client, text: str, found: list[str]
) -> None:
    add_customers(acme, "Alder", phone="+49305000123")
    add_customers(acme, "Beta", phone="+493050001234")
    add_customers(acme, "Cedar", phone="0305 55127")
    response = viewer.get("/acme/customers/", {"q": text})
    assert names(response) == found
    assert response.context["listing"].ignored == []
