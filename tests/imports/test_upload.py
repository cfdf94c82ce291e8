"""Where an import begins: the page and the dialog that take the file, and every file that they refuse."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from lxml import html
from pytest_django import Settings

from customers.models import Customer
from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Tenant
from tests.imports.pages import NEW, assert_nothing_written, begin, insist_on, load, only_run, text, upload
from tests.sheets import xlsx


def nothing_kept(company: Tenant, uploads: Path) -> bool:
    with tenant(company):
        return not ImportRun.objects.exists() and not list(uploads.rglob("*.*"))


def test_the_menu_beside_add_customer_leads_to_it(acme: Tenant, manager: Client) -> None:
    page = html.fromstring(manager.get("/acme/customers/").content.decode())
    [link] = page.xpath("//header//div[@id='add-menu']//a")
    assert " ".join(link.text_content().split()) == "Import CSV or Excel"
    assert (link.get("href"), link.get("hx-target")) == (NEW, "#ask")
    [arrow] = page.xpath("//header//button[@popovertarget='add-menu']")
    assert arrow.xpath("preceding-sibling::a[1]")[0].text_content().strip() == "Add customer"


def test_agents_are_not_offered_what_they_may_not(acme: Tenant, agent: Client) -> None:
    page = agent.get("/acme/customers/").content.decode()
    assert "Import CSV or Excel" not in page
    assert "/acme/imports/" not in page


def test_the_page_says_what_a_file_should_be(acme: Tenant, manager: Client) -> None:
    page = text(manager.get(NEW))
    for words in (
        "Click to upload",
        "Download sample file",
        "John Doe",
        "1,048,576 rows",
        "required for new customers: Customer name. Segment, Status, Attracting channel, Responsible manager: your "
        "usual where the file has none.",
        "Their details must be exactly as they are there",
    ):
        assert words in page
    assert "/acme/imports/format/" in manager.get(NEW).content.decode()


def test_a_company_with_other_mandatory_fields_is_told_them(acme: Tenant, manager: Client) -> None:
    insist_on(acme, "email")
    assert "required for new customers: Customer name, E-mail." in text(manager.get(NEW))


def test_a_file_is_read_at_once_and_its_columns_are_asked(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,Reference\nAlder,1\n")
    assert manager.get(address).headers["Location"] == f"{address}columns/"
    run = only_run(acme)
    assert (run.name, run.size, run.stage) == ("customers.csv", 23, "matching")
    assert_nothing_written(acme)


def test_the_dialog_goes_on_where_the_page_does(acme: Tenant, manager: Client) -> None:
    dialog = manager.get(NEW, headers={"HX-Request": "true"})
    assert b'hx-target="this"' in dialog.content
    done = upload(manager, "Name\nAlder\n", **{"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/acme/imports/{only_run(acme).pk}/"


def test_the_dialog_shows_what_is_wrong_with_a_file(acme: Tenant, manager: Client) -> None:
    refused = upload(manager, "", **{"HX-Request": "true"})
    assert refused.status_code == 422
    assert b"<html" not in refused.content
    assert "The file is empty." in text(refused)


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("an empty file", b"", "The file is empty."),
    ("blanks only", b"\n \n", "The file is empty."),
    ("only a heading", b"Name,Reference\n", "a heading and no rows"),
    ("no encoding we know", b"Name\n\x81\x8d\x8f\n", "can't be read"),
    ("damaged UTF-8", "Name\nÄrzte\nÜber".encode() + b"\xc3\n", "Line 3 holds bytes that are not UTF-8"),
    ("a few bytes of anything", bytes([0x4E, *range(0x0E, 0x20), 0xE4, 0x90]), "not a CSV or XLSX file"),
    ("a picture", b"\x89PNG\r\n\x1a\n", "This is a picture"),
    ("an old Excel file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old Excel file (.xls)"),
    ("a broken XLSX file", b"PK\x03\x04 cut off", "damaged"),
    ("an open quotation mark", b'Name,Reference\n"Alder,1\nBirch,2\n', "row 2 is never closed"),
]


@pytest.mark.parametrize(
    ("data", "message"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_a_file_that_can_not_be_read_is_refused_at_its_field(
    acme: Tenant, manager: Client, uploads: Path, data: bytes, message: str
) -> None:
    refused = upload(manager, data)
    assert refused.status_code == 422
    [error] = refused.context["form"].errors["file"]
    assert message in error
    page = html.fromstring(refused.content.decode())
    [field] = page.xpath("//input[@type='file']")
    assert field.get("aria-invalid") == "true"
    assert message in page.xpath(f"//*[@id='{field.get('aria-describedby')}']")[0].text_content()
    assert_nothing_written(acme)
    assert nothing_kept(acme, uploads)


def test_no_file_at_all_is_refused_in_words(acme: Tenant, manager: Client) -> None:
    refused = manager.post(NEW, {})
    assert (refused.status_code, "Choose a file." in text(refused)) == (422, True)


def test_a_file_over_the_limit_is_refused_in_words(
    acme: Tenant, manager: Client, uploads: Path, settings: Settings
) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    refused = upload(manager, b"Name,Reference\n" + b"Alder,1\n" * (1024 * 1024 // 8))
    assert refused.status_code == 422
    assert "1.0 MB can be imported" in text(refused).replace("\xa0", " ")
    assert nothing_kept(acme, uploads)


def test_a_zip_bomb_is_refused_in_words(acme: Tenant, manager: Client, uploads: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    refused = upload(manager, file.getvalue(), "customers.xlsx")
    assert (refused.status_code, "unpacks to far more" in text(refused)) == (422, True)
    assert nothing_kept(acme, uploads)


def test_too_many_rows_are_refused_in_words(acme: Tenant, manager: Client, settings: Settings) -> None:
    settings.IMPORT_MAX_ROWS = 3
    refused = upload(manager, "Name\nA\nB\nC\nD\n")
    assert (refused.status_code, "more than 3 rows" in text(refused)) == (422, True)
    assert_nothing_written(acme)


def test_an_xlsx_file_named_csv_and_a_csv_file_named_xlsx_are_read(acme: Tenant, manager: Client) -> None:
    load(manager, xlsx(["Name", "Reference"], ["Alder", "05021"]), "customers.csv")
    load(manager, "Name,Reference\nBirch,05022\n", "customers.xlsx")
    with tenant(acme):
        found = Customer.objects.order_by("reference").values_list("name", "reference")
        assert list(found) == [("Alder", "05021"), ("Birch", "05022")]


def test_a_workbook_with_a_cover_sheet_is_read_and_its_sheets_are_offered(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, xlsx(["Our customers"], Customers=[["Name"], ["Alder"]]), "customers.xlsx")
    page = html.fromstring(manager.get(f"{address}columns/").content.decode())
    assert page.xpath("//select[@name='sheet']/option/text()") == ["Sheet", "Customers"]
    assert page.xpath("//select[@name='sheet']/option[@selected]/text()") == ["Customers"]
    refused = manager.post(f"{address}place/", {"sheet": "Sheet"}, follow=True)
    assert "The file holds a heading and no rows." in text(refused)
    assert only_run(acme).found["sheet"] == "Customers"  # type: ignore[index]


def test_an_upload_is_kept_where_nobody_else_looks(acme: Tenant, manager: Client, uploads: Path) -> None:
    begin(manager, "Name\nAlder\n", "../../etc/passwd")
    run = only_run(acme)
    kept = uploads / str(acme.pk) / Path(run.file).name
    assert kept.read_bytes() == b"Name\nAlder\n"
    assert kept.stat().st_mode & 0o077 == 0
    assert run.name == "passwd"
