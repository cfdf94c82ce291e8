"""Exports of the list: right rows, right columns, text intact, formulas harmless, and a line in the log."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from html import unescape as unescape_html
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from history.models import Operation
from history.operations import operation
from lists.cells_text import unescape
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.customers.customers import add_customers, member

ALL = [
    "name",
    "kind",
    "reference",
    "email",
    "phone",
    "segment",
    "status",
    "channel",
    "responsible_manager",
    "service_manager",
    "receive_promotional_emails",
    "created_at",
    "updated_at",
    "disabled_at",
]
NASTY = [
    "=1+1",
    "+493012345",
    "-5",
    "@SUM(A1)",
    "'=1",
    "'t Hooft",
    "Ærø & Søn <b>",
    "0012",
    "日本",
    'a "b", c;',
]


@pytest.fixture
def manager(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


def exported(client: Client, query: str = "", **form: Any) -> Any:
    form = {"chosen": ["name", "reference"], "format": "csv", "delimiter": ",", "bom": "on", **form}
    return client.post(
        f"/acme/customers/export/{query}", {key: value for key, value in form.items() if value}
    )


@pytest.mark.parametrize(
    "query",
    [
        "?status=99999&q=alder",
        "?q==",
        "?name=resembles:x",
        "?name.is=starts&name.text=%C2%B4",
        "?no_filter=1",
    ],
)
def test_no_rows_are_exported_while_a_filter_is_not_understood(
    acme: Tenant, manager: Client, query: str
) -> None:
    """Neither from an address nor from the list, which has left it out."""
    add_customers(acme, "Alder", "Birch")
    page = manager.get(f"/acme/customers/{query}")
    [leading] = re.findall(r'id="export-link" href="/acme/customers/export/(.*?)"', page.content.decode())
    leading = unescape_html(leading)
    name = query[1:].partition("=")[0].partition(".")[0]
    label = {"status": "Status", "q": "Search", "name": "Customer name"}.get(name, name)
    for asked in (query, leading):
        for headers in ({}, {"HX-Request": "true"}):
            answer = manager.get(f"/acme/customers/export/{asked}", headers=headers)
            assert "Nothing can be exported: " in text(answer)
            assert f"{label} = " in text(answer)
            assert "Remove the filter or correct it in the list" in text(answer)
            assert '<form class="export"' not in answer.content.decode()
    refused = exported(manager, leading)
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "text/html; charset=utf-8")
    with tenant(acme):
        assert not Operation.objects.filter(kind="export").exists()


@pytest.mark.parametrize("query", ["?sort=nonsense", "?columns=salary", "?size=7", "?after=x"])
def test_what_does_not_narrow_a_list_does_not_keep_it_from_being_exported(
    acme: Tenant, manager: Client, query: str
) -> None:
    add_customers(acme, "Alder", "Birch")
    assert exported(manager, query).status_code == 200


def text(response: Any) -> str:
    return unescape_html(re.sub(r"<[^>]*>", "", response.content.decode()))


def sheet(response: Any) -> list[tuple[Any, ...]]:
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(response.content))
    assert book.active
    return list(book.active.iter_rows(values_only=True))


def table(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def operations(company: Tenant) -> list[Operation]:
    with tenant(company):
        return list(Operation.objects.filter(kind="export"))


@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_who_may_not_export_gets_no_file_and_no_button(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client], role: str
) -> None:
    client = signed_in(people[role])
    assert client.get("/acme/customers/export/").status_code == 403
    assert exported(client).status_code == 403
    assert operations(acme) == []
    page = client.get("/acme/customers/")
    assert page.status_code == 200
    assert "/customers/export/" not in page.content.decode()


def test_a_stranger_finds_nothing(acme: Tenant, bob: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(bob).get("/acme/customers/export/").status_code == 404
    assert exported(signed_in(bob)).status_code == 404


def test_a_day_is_in_a_file_as_every_program_reads_it(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    add_customer(acme, people["manager"], customer_since=date(2019, 5, 14))
    chosen = ["name", "customer_since"]
    assert table(exported(manager, chosen=chosen))[1] == ["Alder Bikes", "2019-05-14"]
    assert sheet(exported(manager, chosen=chosen, format="xlsx"))[1] == ("Alder Bikes", datetime(2019, 5, 14))
    assert exported(manager, chosen=chosen, format="json").json()[0]["customer_since"] == "2019-05-14"


def test_the_file_holds_what_the_list_shows_in_its_order(
    acme: Tenant, globex: Tenant, manager: Client
) -> None:
    add_customers(acme, "East Beta", "East Alder", "Other")
    add_customers(globex, "East Alder of Globex")
    with tenant(acme):
        segment = Segment.objects.all()[1]
    add_customers(acme, "East Zeta", segment=segment)
    response = exported(manager, "?q=e&sort=-name", chosen=["segment", "name"])
    assert table(response) == [
        ["Segment", "Customer name"],
        [segment.name, "East Zeta"],
        ["", "East Beta"],
        ["", "East Alder"],
    ]
    assert re.fullmatch(
        r'attachment; filename="acme-customers-\d{4}-\d\d-\d\d-\d{6}\.csv"', response["Content-Disposition"]
    )


def test_disabled_customers_are_exported_on_request(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    add_customers(acme, "Here")
    (gone,) = add_customers(acme, "Gone")
    with tenant(acme):
        gone.disable(by=people["manager"], reason="")
    assert [row[0] for row in table(exported(manager))] == ["Customer name", "Here"]
    assert [row[0] for row in table(exported(manager, "?state=all"))] == ["Customer name", "Gone", "Here"]


@pytest.mark.parametrize("bom", ["on", ""])
def test_csv_text_comes_back_and_runs_nothing(acme: Tenant, manager: Client, bom: str) -> None:
    add_customers(acme, *NASTY)
    response = exported(manager, bom=bom)
    assert response.content.startswith(b"\xef\xbb\xbf") is bool(bom)
    cells = [row[0] for row in table(response)[1:]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert sorted(map(unescape, cells)) == sorted(NASTY)
    assert "None" not in response.content.decode()


def test_xlsx_text_comes_back_and_runs_nothing(acme: Tenant, manager: Client) -> None:
    add_customers(acme, *NASTY)
    response = exported(manager, format="xlsx")
    book = load_workbook(io.BytesIO(response.content))
    assert book.active
    cells = [row[0] for row in book.active.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sorted(unescape(str(cell.value)) for cell in cells) == sorted(NASTY)
    assert "+493012345" in [cell.value for cell in cells]


def test_every_column_in_both_formats(acme: Tenant, people: dict[str, User], manager: Client) -> None:
    agent = member(acme, people["agent"])
    add_customers(
        acme,
        "Ærø",
        kind="individual",
        reference="007",
        email="a@x.example",
        phone="+493012345",
        responsible_manager=agent,
        receive_promotional_emails=True,
    )
    heads, row = table(exported(manager, chosen=ALL))
    assert heads[0] == "Customer name"
    assert len(heads) == len(ALL)
    assert row[:11] == [
        "Ærø",
        "individual",
        "007",
        "a@x.example",
        "'+493012345",
        "",
        "",
        "",
        "agent@acme.example",
        "",
        "yes",
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row[11])
    assert row[13] == ""
    _, typed = sheet(exported(manager, chosen=ALL, format="xlsx"))
    assert typed[:5] == ("Ærø", "individual", "007", "a@x.example", "+493012345")
    assert typed[5] is None
    assert typed[10] == "yes"
    assert isinstance(typed[11], datetime)
    assert typed[13] is None


def test_times_are_the_companys(acme: Tenant, manager: Client) -> None:
    add_customers(acme, "Alder")
    acme.timezone = "Pacific/Kiritimati"  # fourteen hours ahead
    with tenant(acme), operation("settings", by=None):
        acme.save()
    (customer,) = [row[0] for row in table(exported(manager, chosen=["created_at"]))[1:]]
    from datetime import UTC, timedelta

    ahead = datetime.fromisoformat(customer).replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(hours=13, minutes=55) < ahead < timedelta(hours=14, minutes=5)


def test_an_export_is_in_the_log(acme: Tenant, people: dict[str, User], manager: Client) -> None:
    add_customers(acme, "Alder", "Beta")
    exported(manager, "?q=alder", format="xlsx")
    (logged,) = operations(acme)
    assert logged.by == people["manager"]
    assert logged.counts == {"rows": 1, "columns": ["name", "reference"]}
    assert logged.source.endswith(".xlsx")
    assert logged.summary == "1 customer: containing “alder”"


@pytest.mark.parametrize(
    "form",
    [{"chosen": []}, {"chosen": ["password"]}, {"format": "exe"}, {"delimiter": "|"}, {"chosen": ["\x00"]}],
)
def test_a_forged_form_is_refused(acme: Tenant, manager: Client, form: dict[str, Any]) -> None:
    add_customers(acme, "Alder")
    response = exported(manager, **form)
    assert response.status_code == 422
    assert operations(acme) == []


def test_a_malformed_address_is_named_here_too(acme: Tenant, manager: Client) -> None:
    add_customers(acme, "Alder")
    page = manager.get("/acme/customers/export/?columns=salary&sort=__class__").content.decode()
    assert "sort = __class__; columns = salary" in page


def ticked(page: Any) -> list[str]:
    return [choice.key for choice in page.context["choices"] if choice.chosen]


def test_columns_of_the_list_are_ticked_in_its_order_before_the_others(acme: Tenant, manager: Client) -> None:
    page = manager.get("/acme/customers/export/?columns=phone,email")
    assert ticked(page) == ["name", "phone", "email"]
    assert [choice.key for choice in page.context["choices"]][:3] == ["name", "phone", "email"]
    every = manager.get("/acme/customers/export/?start=all&sort=-name")
    assert len(ticked(every)) == len(every.context["choices"]) >= len(ALL)
    assert "Not understood" not in every.content.decode()


def test_columns_are_put_in_order_without_scripts(acme: Tenant, manager: Client) -> None:
    sent = {"order": ["name", "email", "phone"], "chosen": ["name", "phone"], "move": "up:phone"}
    page = manager.post("/acme/customers/export/?q=alder", {**sent, "format": "json", "delimiter": ";"})
    assert page.status_code == 200
    assert [choice.key for choice in page.context["choices"]][:3] == ["name", "phone", "email"]
    assert ticked(page) == ["name", "phone"]
    assert page.context["form"]["format"].value() == "json"


def test_an_empty_list_gives_a_file_with_the_heads(acme: Tenant, manager: Client) -> None:
    assert table(exported(manager)) == [["Customer name", "Reference"]]
    assert sheet(exported(manager, format="xlsx")) == [("Customer name", "Reference")]
