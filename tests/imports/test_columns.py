"""Match columns: what is proposed, what is refused, what is decided and remembered."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from lxml import html
from openpyxl import Workbook

from customers.models import Customer
from imports.models import ImportRun, PlanRow
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Tenant
from tests.imports.pages import address_of, asked, begin, check, insist_on, load, match, only_run, text
from tests.imports.test_first import NORTHWIND


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422
    return dict(response.context["form"].errors)


def test_columns_are_proposed_with_their_first_values(acme: Tenant, manager: Client) -> None:
    address = begin(manager, NORTHWIND.read_bytes(), "northwind-customers.csv")
    page = manager.get(f"{address}columns/")
    assert "Not imported: fax ." in text(page)
    rows = html.fromstring(page.content.decode()).xpath("//table//tbody/tr")
    told = [
        (row.xpath(".//th")[0].text_content().strip(), row.xpath(".//option[@selected]/text()"))
        for row in rows
    ]
    assert told[:2] == [("customerID", ["Reference"]), ("companyName", ["Customer name"])]
    assert told[-1] == ("fax", ["Don’t import"])
    assert "ALFKI" in rows[0].text_content()


@pytest.mark.parametrize(
    ("row", "is_said"),
    [
        ("Alder,C-1,a@alder.example", True),
        ("Alder,+49 30 1234567,Berlin", True),
        ("Alder,2024-05-06,red", True),
        ("Shoe,Colour,Size", False),
        ("Name,C-1,a@alder.example", False),
        ("2024,First name,2025", False),
    ],
)
def test_a_customer_taken_for_the_heading_is_said(
    acme: Tenant, manager: Client, row: str, is_said: bool
) -> None:
    address = begin(manager, f"{row}\nBirch,C-2,b@birch.example\n")
    said = "Row 1 was taken for the heading, and looks like a customer. Add a row of headings"
    assert (said in text(manager.get(f"{address}columns/"))) == is_said


def test_what_is_not_imported_is_said_beside_the_plan_too(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name,Shoe,,What is wrong\nAlder,38,x,y\n")
    assert "Not imported: Shoe, column 3 (without a heading)." in text(plan)
    assert "Not imported" not in text(check(manager, "Name,What is wrong\nAlder,y\n"))
    many = ",".join(f"C{number}" for number in range(30))
    assert "C18, C19 and 10 more." in text(check(manager, f"Name,{many}\nAlder\n"))


def test_which_of_two_columns_with_the_same_heading_is_read_is_said(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,E-mail,E-mail,Name\nAlder,a@alder.example,b@alder.example,Birch\n")
    page = text(manager.get(f"{address}columns/"))
    assert "Not imported: E-mail, Name ." in page
    assert "“Name” stands there twice: column 1 is read, column 4 is not." in page
    assert "“E-mail” stands there twice: column 2 is read, column 3 is not." in page
    refused = match(manager, address, column_0="", column_3="name", mode="x")
    assert refused.status_code == 422
    assert "“Name” stands there twice: column 4 is read, column 1 is not." in text(refused)
    match(manager, address, column_1="", column_2="email")
    again = text(manager.get(f"{address}columns/"))
    assert "“E-mail” stands there twice: column 3 is read, column 2 is not." in again


def test_a_heading_of_two_rows_is_matched_and_said(acme: Tenant, manager: Client) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Name", "Contact", None, "Billing address", None])
    sheet.append([None, "Name", "E-mail", "City", "Country"])
    sheet.append(["Alder", "Ann Berg", "ann@alder.example", "Rome", "IT"])
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    address = begin(manager, file.getvalue(), "customers.xlsx")
    page = manager.get(f"{address}columns/")
    assert "Rows 1 and 2 were read together as the heading." in text(page)
    found = zip(only_run(acme).headings, asked_columns(manager, address), strict=True)
    assert dict(found) == {
        "Name": "name",
        "Contact Name": "contact_name",
        "Contact E-mail": "contact_email",
        "Billing address City": "billing_city",
        "Billing address Country": "billing_country",
    }


def asked_columns(client: Client, address: str) -> list[str]:
    proposed = asked(client, address)
    return [proposed[name] for name in sorted(proposed) if name.startswith("column_")]


def test_parts_of_a_name_that_stand_there_twice_are_said_too(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "First name,Surname,Surname\nAnna,Berg,Baum\n")
    page = text(manager.get(f"{address}columns/"))
    assert "“Surname” stands there twice: column 2 is read, column 3 is not." in page


def test_our_columns_are_offered_in_groups_beside_parts_of_a_name(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name\nAlder\n")
    page = html.fromstring(manager.get(f"{address}columns/").content.decode())
    groups = [str(group.get("label")) for group in page.xpath("//table//tbody/tr[1]//optgroup")]
    assert groups == [
        "Customer",
        "A person's name in parts",
        "Primary contact",
        "Billing address",
        "Marketing",
        "Dates",
    ]
    assert page.xpath("//table//tbody/tr[1]//optgroup[2]/option/text()") == ["First name", "Last name"]


def test_two_columns_for_one_field_are_refused_at_both(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,Mail,Other mail\nAlder,a@alder.example,b@alder.example\n")
    found = errors(match(manager, address, column_1="email", column_2="email"))
    assert found == {
        "column_1": ["“Other mail” is the E-mail too. Choose one of them."],
        "column_2": ["“Mail” is the E-mail too. Choose one of them."],
    }
    assert only_run(acme).stage == "matching"


def test_several_parts_of_a_name_are_one_name(acme: Tenant, manager: Client) -> None:
    load(manager, "Vorname,Second,Nachname\nAnna,Maria,Berg\n", column_1="first_name")
    with tenant(acme):
        assert Customer.objects.values_list("name", "kind").get() == ("Anna Maria Berg", "individual")


def test_parts_of_a_name_beside_name_and_contact_are_refused(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,Contact,First name,Last name\nAlder,Anna,Anna,Berg\n")
    found = errors(match(manager, address))
    assert list(found) == ["column_2", "column_3"]
    assert "the Primary contact, which another column is" in found["column_2"][0]


def test_a_file_without_names_is_refused_before_its_rows_are_checked(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Reference,Phone\n1,030 1\n")
    found = errors(match(manager, address))
    assert "No column is the Customer name" in found["__all__"][0]
    assert match(manager, address, mode="update").status_code == 302


def test_a_column_must_be_chosen(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "ALFKI,Alfreds Futterkiste,Berlin\nANATR,Ana,Rome\n")
    assert errors(match(manager, address))["__all__"] == ["Choose what at least one of the columns is."]


def test_a_column_must_tell_the_customer(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Phone,City\n030 1,Berlin\n")
    found = errors(match(manager, address, mode="update"))
    assert "No column tells which customer a row stands for" in found["__all__"][0]


def test_by_e_mail_address_needs_a_column_of_them(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name\nAlder\n")
    assert errors(match(manager, address, match="email")) == {"match": ["No column is the E-mail."]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("column_0", "password"), ("match", "x"), ("mode", "x"), ("kind", "x"), ("segment", "0")],
)
def test_what_is_not_offered_is_refused(acme: Tenant, manager: Client, name: str, value: str) -> None:
    address = begin(manager, "Name\nAlder\n")
    assert name in errors(match(manager, address, **{name: value}))


def test_what_the_company_insists_on_is_said_before_anything_runs(acme: Tenant, manager: Client) -> None:
    insist_on(acme, "segment", "email")
    address = begin(manager, "Name\nAlder\n")
    page = text(manager.get(f"{address}columns/"))
    assert "New customers must have E-mail, and no column of the file holds it" in page
    assert "Small business (usual)" in page


def test_settings_are_done_as_chosen(acme: Tenant, manager: Client, admin: Client) -> None:
    load(manager, "Name,Reference,Website,Kind\nAlder,1,alder.example,company\n")
    with tenant(acme):
        segment = Segment.objects.order_by("position")[1]
    load(
        admin,
        "Name,Reference,Website\nAlder,1,nix\nBirch,2,nix\n",
        blank_words="nix, NULL ,,nix",
        blanks="clear",
        kind="individual",
        segment=segment.pk,
    )
    with tenant(acme):
        alder, birch = Customer.objects.order_by("reference")
        assert (alder.website, alder.kind) == ("", "company")
        assert (birch.website, birch.kind, birch.segment) == ("", "individual", segment)
        decided = ImportRun.objects.order_by("-pk")[0].decided
    assert decided.blank_words == ("nix", "NULL")


def test_words_for_blank_are_few_and_short(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name\nAlder\n")
    assert "blank_words" in errors(match(manager, address, blank_words="x" * 20))
    assert "blank_words" in errors(match(manager, address, blank_words=",".join(map(str, range(51)))))


def test_only_who_may_add_entries_can_have_them_added(acme: Tenant, manager: Client, admin: Client) -> None:
    data = "Name,Segment\nAlder,Lighthouse\n"
    assert "unknown" not in asked(manager, begin(manager, data))
    plan = check(manager, data, unknown="create")
    assert plan.context["plan"].counts["error"] == 1
    assert "1 added" in told(load(admin, data, unknown="create"))
    with tenant(acme):
        assert Customer.objects.get().segment.name == "Lighthouse"  # type: ignore[union-attr]
    # What an admin chose is remembered for the file, but not for those who may not.
    again = check(manager, "Name,Segment\nBirch,Harbour\n")
    assert again.context["plan"].counts["error"] == 1


def told(response: Any) -> str:
    return ", ".join(f"{number} {word}" for _, word, number in response.context["report"].parts)


def test_what_was_decided_is_remembered_for_the_same_headings(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    data = "Bezeichnung,Nr\nAlder,1\n"
    address = begin(manager, data)
    assert "Matched by their headings" in text(manager.get(f"{address}columns/"))
    match(manager, address, column_0="name", column_1="reference", blanks="clear")
    later = begin(admin, data.replace("Alder", "Birch"))
    page = admin.get(f"{later}columns/")
    assert "Matched as last time for a file like this" in text(page)
    assert "Settings As last time" in text(page)
    sent = asked(admin, later)
    assert (sent["column_0"], sent["column_1"], sent["blanks"]) == ("name", "reference", "clear")


def test_columns_can_be_changed_after_the_check(acme: Tenant, manager: Client) -> None:
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\n")
    address = address_of(plan)
    assert f"{address}columns/" in plan.content.decode()
    match(manager, address, column_2="")
    with tenant(acme):
        assert [key for key, _, _ in PlanRow.objects.get().diff] == ["name", "reference"]


def test_after_the_import_nothing_is_decided_any_more(acme: Tenant, manager: Client) -> None:
    report = load(manager, "Name\nAlder\n")
    address = address_of(report)
    assert manager.get(f"{address}columns/").headers["Location"] == address
    assert manager.post(f"{address}columns/", {"column_0": "name"}).headers["Location"] == address


def test_a_file_of_five_hundred_columns_can_be_matched(acme: Tenant, manager: Client) -> None:
    headings = ",".join(["Name", *(f"Extra {number}" for number in range(499))])
    address = begin(manager, f"{headings}\nAlder{',' * 499}\n")
    page = manager.get(f"{address}columns/")
    assert page.status_code == 200
    assert match(manager, address).status_code == 302


def test_headings_of_a_file_are_shown_not_run(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,<script>\n<script>alert(1)</script>,<img src=x>\n", "<b>.csv")
    match(manager, address)
    for path in (f"{address}columns/", address, "/acme/imports/"):
        page = manager.get(path).content
        assert b"<script>alert" not in page
        assert b"<img src=x>" not in page
        assert b"<b>.csv" not in page
