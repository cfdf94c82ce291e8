"""The sample file: every column, what is required, one example row that is never imported."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from customers.models import Customer
from imports.fields import importable_columns
from tenants.context import tenant
from tenants.models import Tenant, User
from tenants.phones import parse
from tests.imports.pages import address_of, approve, assert_nothing_written, check, insist_on, load, text

CSV, XLSX = "/acme/imports/sample.csv", "/acme/imports/sample.xlsx"


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_it_has_every_column_with_the_required_ones_marked(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    insist_on(acme, "email")
    heads, example = rows_of(manager.get(CSV))
    with tenant(acme):
        labels = [column.label for column in importable_columns(people["manager"])]
    assert [head.removesuffix(" *") for head in heads] == labels
    assert [head for head in heads if head.endswith(" *")] == ["Customer name *", "E-mail *"]
    assert example[0] == "John Doe"


def test_no_cell_of_it_has_a_mark_that_keeps_spreadsheets_from_running_it(
    acme: Tenant, manager: Client
) -> None:
    for subject in ("customers", "contacts", "addresses"):
        heads, example = rows_of(manager.get(f"{CSV}?subject={subject}"))
        assert not [cell for cell in example if cell.startswith("'")]
        phones = [cell for head, cell in zip(heads, example, strict=True) if "phone" in head.lower()]
        assert phones
        assert {parse(phone, "DE")[:5] for phone in phones} == {"+1212"}


def test_as_a_workbook_it_says_the_same(acme: Tenant, manager: Client) -> None:
    book = load_workbook(io.BytesIO(manager.get(XLSX).content))
    [sheet] = book.worksheets
    assert sheet.title == "Customers"
    heads, example = ([cell or "" for cell in row] for row in sheet.iter_rows(values_only=True))
    written = rows_of(manager.get(CSV))
    assert [heads, [str(cell) for cell in example]] == written


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_every_column_of_it_is_recognised_and_its_example_is_left_out(
    acme: Tenant, manager: Client, address: str
) -> None:
    plan = check(manager, manager.get(address).content, "sample")
    assert len(plan.context["run"].decided.columns) == len(rows_of(manager.get(CSV))[0])
    assert plan.context["plan"].counts["skip"] == 1
    assert "This is the sample’s example row; it is left out." in text(plan)
    assert "Nothing to import: 1 row skipped." in text(plan)
    assert approve(manager, plan).status_code == 302
    assert_nothing_written(acme)


def test_whom_an_individual_is_reached_through_is_no_employee(acme: Tenant, manager: Client) -> None:
    heads, example = rows_of(manager.get(CSV))
    said = dict(zip(heads, example, strict=True))
    assert (said["Kind"], said["Primary contact"]) == ("individual", "Jane Roe")
    assert (said["Contact job title"], said["Contact relation"]) == ("Property manager", "letting agent")


@pytest.mark.parametrize("subject", ["customers", "contacts"])
def test_the_example_of_an_earlier_sample_is_left_out(acme: Tenant, manager: Client, subject: str) -> None:
    sample = manager.get(f"{CSV}?subject={subject}").content.decode("utf-8-sig")
    earlier = sample.replace(",Property manager,letting agent,", ",Buyer,employee,")
    assert earlier != sample
    plan = check(manager, earlier, subject=subject)
    assert plan.context["plan"].counts["skip"] == 1
    assert "This is the sample’s example row; it is left out." in text(plan)


def test_own_rows_below_the_example_go_in(acme: Tenant, manager: Client) -> None:
    sample = manager.get(CSV).content.decode("utf-8-sig")
    width = len(rows_of(manager.get(CSV))[0])
    report = load(manager, f"{sample}Alder,company,A-1{',' * (width - 3)}\r\n")
    assert (report.context["report"].counts["created"], report.context["report"].counts["skipped"]) == (1, 1)
    with tenant(acme):
        assert Customer.objects.get().reference == "A-1"


def test_the_example_is_left_out_whatever_the_company_insists_on(acme: Tenant, manager: Client) -> None:
    insist_on(acme, "service_manager")
    plan = check(manager, manager.get(CSV).content)
    assert (plan.context["plan"].counts["skip"], plan.context["plan"].counts["error"]) == (1, 0)


@pytest.mark.parametrize(
    "row",
    [
        "John Doe,,,",  # somebody of that name
        "John Doe,individual,,en",
        "John Doe,individual,C-1001,de",  # one cell was changed
        "Jane Doe,individual,C-1001,en",
    ],
)
def test_a_customer_who_is_a_little_like_it_goes_in(acme: Tenant, manager: Client, row: str) -> None:
    plan = check(manager, f"Name,Kind,Reference,Language\n{row}\n")
    assert plan.context["plan"].counts["create"] == 1, address_of(plan)


def test_the_format_is_described_from_the_columns(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    insist_on(acme, "email")
    page = text(manager.get("/acme/imports/format/"))
    with tenant(acme):
        for column in importable_columns(people["manager"]):
            assert column.label in page
            assert all(synonym in page for synonym in column.synonyms)
            assert column.help in page
            assert column.example in page
    assert "E-mail (required)" in page
    assert "“NULL”, “N/A”, “-” count as empty" in page
    assert "1,048,576 rows" in page


def test_what_is_imported_links_to_the_description(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name\nAlder\n")
    for address in ("/acme/imports/", "/acme/imports/new/", f"{address_of(plan)}columns/"):
        assert 'href="/acme/imports/format/' in manager.get(address).content.decode()
