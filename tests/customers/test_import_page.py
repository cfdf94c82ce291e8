"""The admin's import page: upload, preview, confirm; and everything that can be wrong with a file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from customers import uploads
from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.test_import import NORTHWIND
from tests.sheets import xlsx

People = dict[str, User]
SignIn = Callable[[User], Client]

UPLOAD = "/acme/admin/customers/customer/import/"
CONFIRM = "/acme/admin/customers/customer/process_import/"


@pytest.fixture
def admin(people: People, signed_in: SignIn) -> Client:
    return signed_in(people["admin"])


def upload(client: Client, data: bytes | str, name: str = "customers.csv") -> Any:
    content = data if isinstance(data, bytes) else data.encode()
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def confirm(client: Client, preview: Any, **choices: str) -> Any:
    return client.post(CONFIRM, {"upload": preview.context["upload"].token, **choices})


def text(response: Any) -> str:
    """What the page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def assert_nothing_written(company: Tenant) -> None:
    with tenant(company):
        assert not Customer.objects.exists()
        assert not Operation.objects.filter(kind="import").exists()


def test_the_northwind_file_is_checked_then_imported(acme: Tenant, people: People, admin: Client) -> None:
    preview = upload(admin, NORTHWIND.read_bytes(), "northwind-customers.csv")
    page = text(preview)
    assert "New 91" in page
    assert "companyName → Customer name" in page
    assert "Ignored: fax." in page
    assert_nothing_written(acme)

    done = confirm(admin, preview)
    assert done.headers["Location"] == "/acme/admin/customers/customer/"
    warnings = len(preview.context["plan"].warnings)
    assert f"{warnings} warnings; the values are written all the same" in page
    told = text(admin.get(done.headers["Location"]))
    assert f"Import finished: 91 added, 0 changed. {warnings} warnings." in told
    with tenant(acme):
        assert Customer.objects.filter(responsible_manager__user=people["admin"]).count() == 91
        running = Operation.objects.get(kind="import")
        assert (running.by, running.source) == (people["admin"], "northwind-customers.csv")


def test_the_same_file_again_changes_nothing_and_says_so(acme: Tenant, admin: Client) -> None:
    data = NORTHWIND.read_bytes()
    confirm(admin, upload(admin, data))
    again = upload(admin, data)
    assert "Nothing to change: 91 customers are as in the file." in text(again)
    assert "Import 0" not in text(again)
    assert confirm(admin, again).status_code == 302
    with tenant(acme):
        assert Customer.history.count() == 91
        assert Operation.objects.filter(kind="import").count() == 1


def test_the_preview_shows_old_and_new(admin: Client) -> None:
    confirm(admin, upload(admin, "Name,Reference,E-mail\nAlder,1,old@alder.example\nBirch,2,\n"))
    preview = upload(admin, "Name,Reference,E-mail\nAlder,1,new@alder.example\nBirch,2,-\n")
    assert "Changed 1 Unchanged 1" in text(preview)
    assert "<del>old@alder.example</del>" in preview.content.decode()
    assert "<ins>new@alder.example</ins>" in preview.content.decode()


def test_every_wrong_row_is_listed_and_none_is_written(acme: Tenant, admin: Client) -> None:
    rows = [f"Customer {number},{number},not an address" for number in range(300)]
    preview = upload(admin, "\n".join(["Name,Reference,E-mail", *rows, "Good,G,good@example.com"]))
    assert text(preview).count("“not an address” is not an e-mail address. Correct it.") == 300
    assert "Row Column Value Reason 2 E-mail not an address" in text(preview)
    refused = confirm(admin, preview)
    assert refused.status_code == 422
    assert "Nothing was imported: some rows are wrong." in text(refused)
    assert_nothing_written(acme)


def test_many_warnings_are_counted_and_the_first_are_shown(acme: Tenant, admin: Client) -> None:
    rows = [f"Customer {number},{number},12-{number}" for number in range(201)]
    preview = upload(admin, "\n".join(["Name,Reference,Phone", *rows]))
    page = text(preview)
    assert "What to look at 201 warnings; the values are written all the same" in page
    assert page.count("No valid telephone number (country: Germany)") == 200
    assert "and 1 more" in page
    assert "201 added, 0 changed. 201 warnings." in text(
        admin.get(confirm(admin, preview).headers["Location"])
    )
    with tenant(acme):
        assert Operation.objects.get(kind="import").counts["warnings"] == 201
        assert Customer.objects.get(reference="7").phone == "12-7"


def test_bad_rows_are_left_out_by_choice(acme: Tenant, admin: Client) -> None:
    preview = upload(admin, "Name,Reference,E-mail\nAlder,1,a@alder.example\nBirch,2,b@\n,3,\n")
    assert "Leave the bad rows out: 1 of 3 rows go in, 2 stay out" in text(preview)
    done = confirm(admin, preview, leave_bad_rows_out="on")
    assert "1 added, 0 changed, 2 left out" in text(admin.get(done.headers["Location"]))
    with tenant(acme):
        assert [customer.name for customer in Customer.objects.all()] == ["Alder"]
        assert Operation.objects.get(kind="import").counts["failed"] == 2


def test_where_only_the_wrong_rows_are_left_the_page_says_so(admin: Client) -> None:
    confirm(admin, upload(admin, "Name,Reference\nAlder,1\n"))
    again = upload(admin, "Name,Reference,E-mail\nAlder,1,\nBirch,2,b@\n")
    assert "1 customer is as in the file, the other row is wrong." in text(again)
    assert "Import 0" not in text(again)


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("an empty file", b"", "The file is empty."),
    ("blanks only", b"\n \n", "The file is empty."),
    ("only a heading", b"Name,Reference\n", "a heading and no rows"),
    ("no heading", b"ALFKI,Alfreds Futterkiste,Berlin\nANATR,Ana,Rome\n", "No column was recognised"),
    ("no names", b"Reference,Phone\n1,2\n", "No column holds the customers&#x27; names"),
    ("no encoding we know", b"Name\n\x81\x8d\x8f\n", "can&#x27;t be read"),
    ("damaged UTF-8", "Name\nÄrzte\nÜber".encode() + b"\xc3\n", "Line 3 holds bytes that are not UTF-8"),
    ("a picture", b"\x89PNG\r\n\x1a\n", "This is a picture"),
    ("an old Excel file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old Excel file (.xls)"),
    ("a broken XLSX file", b"PK\x03\x04 cut off", "damaged"),
    ("an open quotation mark", b'Name,Reference\n"Alder,1\nBirch,2\n', "row 2 is never closed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "message"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_a_file_that_can_not_be_read_is_refused_in_words(
    acme: Tenant, admin: Client, data: bytes, message: str
) -> None:
    refused = upload(admin, data)
    assert refused.status_code == 422
    assert message in refused.content.decode()
    assert_nothing_written(acme)
    place = uploads.folder(acme.pk, refused.wsgi_request.user.pk)
    assert not default_storage.exists(place) or default_storage.listdir(place)[1] == []


def test_no_file_at_all_is_refused_in_words(admin: Client) -> None:
    refused = admin.post(UPLOAD, {})
    assert (refused.status_code, "Choose a file." in text(refused)) == (422, True)


def test_a_file_of_60_mb_is_refused_in_words(acme: Tenant, admin: Client) -> None:
    refused = upload(admin, b"Name,Reference\n" + b"Alder,1\n" * (60 * 1024 * 1024 // 8))
    assert refused.status_code == 422
    assert "50.0 MB can be imported" in text(refused).replace("\xa0", " ")
    assert_nothing_written(acme)


def test_a_zip_bomb_is_refused_in_words(acme: Tenant, admin: Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    refused = upload(admin, file.getvalue(), "customers.xlsx")
    assert (refused.status_code, "unpacks to far more" in text(refused)) == (422, True)
    assert_nothing_written(acme)


def test_too_many_rows_are_refused_in_words(acme: Tenant, admin: Client, settings: Settings) -> None:
    settings.IMPORT_MAX_ROWS = 3
    refused = upload(admin, "Name\nA\nB\nC\nD\n")
    assert (refused.status_code, "more than 3 rows" in text(refused)) == (422, True)
    assert_nothing_written(acme)


def test_an_xlsx_file_named_csv_and_a_csv_file_named_xlsx_are_read(acme: Tenant, admin: Client) -> None:
    confirm(admin, upload(admin, xlsx(["Name", "Reference"], ["Alder", "05021"]), "customers.csv"))
    confirm(admin, upload(admin, "Name,Reference\nBirch,05022\n", "customers.xlsx"))
    with tenant(acme):
        assert list(Customer.objects.values_list("name", "reference")) == [
            ("Alder", "05021"),
            ("Birch", "05022"),
        ]


BAD_CELLS = [
    ("Name,Reference\n" + "x" * 10_000 + ",1\n", "Customer name", "10000 characters are too many; 200 fit."),
    ("Name,Reference\n,1\n", "Customer name", "This is mandatory"),
    ("Name,Reference\nNULL,1\n", "Customer name", "This is mandatory"),
    ("Name,Reference\nAl\x00der,1\n", "Customer name", "control characters are not allowed"),
    ("Name,Reference\nAlder,a\x07b\n", "Reference", "control characters are not allowed"),
    ("Name,Segment\nAlder,Nowhere\n", "Segment", "“Nowhere” is not one of your segments (Small business"),
    ("Name,Status\nAlder,Nowhere\n", "Status", "“Nowhere” is not one of your statuses"),
    ("Name,Channel\nAlder,Nowhere\n", "Attracting channel", "is not one of your attracting channels"),
    ("Name,Responsible manager\nAlder,bob@globex.example\n", "Responsible manager", "of a member"),
    ("Name,Kind\nAlder,robot\n", "Kind", "Write company or individual"),
    ("Name,Newsletter\nAlder,maybe\n", "Receive promotional e-mails", "neither yes nor no"),
    ("Name,E-mail\nAlder,anna@\n", "E-mail", "is not an e-mail address"),
    ("Name,Reference\nAlder,1,2,3\n", "Whole row", "The row has 4 cells, the heading has 2"),
]


@pytest.mark.parametrize(("data", "column", "message"), BAD_CELLS)
def test_a_wrong_cell_is_named_with_row_column_value_and_reason(
    acme: Tenant, globex: Tenant, admin: Client, data: str, column: str, message: str
) -> None:
    preview = upload(admin, data)
    [error] = preview.context["plan"].errors
    assert (error.row, error.column or "Whole row") == (2, column)
    assert message in error.message.replace(",", "") or message in error.message
    assert column in text(preview)
    assert "No row of the file can be imported." in text(preview)
    refused = confirm(admin, preview, leave_bad_rows_out="on")
    assert refused.status_code == 302
    assert_nothing_written(acme)


def test_two_rows_for_one_customer_are_refused(acme: Tenant, admin: Client) -> None:
    preview = upload(admin, "Name,Reference\nAlder,C-1\nBirch,C-2\nAlder again,c-1\n")
    [error] = preview.context["plan"].errors
    assert error.row == 4
    assert "the same customer as in row 2" in error.message
    assert confirm(admin, preview).status_code == 422
    assert_nothing_written(acme)


def test_a_formula_in_a_csv_file_is_just_text(acme: Tenant, admin: Client) -> None:
    confirm(admin, upload(admin, "Name,Reference\n=1+1,'=2+2\n"))
    with tenant(acme):
        assert Customer.objects.values_list("name", "reference").get() == ("=1+1", "=2+2")


def test_scripts_in_a_file_are_shown_not_run(admin: Client) -> None:
    preview = upload(admin, "Name,<script>,E-mail\n<script>alert(1)</script>,x,<img src=x>\n", "<b>.csv")
    assert b"<script>alert" not in preview.content
    assert b"<img src=x>" not in preview.content
    assert b"<b>" not in preview.content


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_staff_reach_the_page(acme: Tenant, people: People, signed_in: SignIn, role: str) -> None:
    client = signed_in(people[role])
    assert client.get(UPLOAD).status_code == 403
    assert upload(client, "Name\nAlder\n").status_code == 403
    assert client.post(CONFIRM, {"upload": "x"}).status_code == 403
    assert_nothing_written(acme)


def test_confirming_is_a_post(admin: Client) -> None:
    assert admin.get(CONFIRM).status_code == 405


def test_an_upload_is_its_persons_in_its_company(
    acme: Tenant, globex: Tenant, people: People, bob: User, admin: Client, signed_in: SignIn
) -> None:
    """A token leads to the file that its person uploaded here, whoever holds it, and forged names to none."""
    preview = upload(admin, "Name\nAlder\n")
    token = preview.context["upload"].token
    assert signed_in(people["owner"]).post(CONFIRM, {"upload": token}).status_code == 422
    theirs = signed_in(bob).post(CONFIRM.replace("acme", "globex"), {"upload": token})
    assert theirs.status_code == 422
    for forged in ("", "../../etc/passwd", token[:-2], preview.context["upload"].key):
        refused = admin.post(CONFIRM, {"upload": forged})
        assert refused.status_code == 422
        assert "no longer here" in text(refused)
    assert_nothing_written(acme)
    with tenant(globex):
        assert not Customer.objects.exists()


def test_confirming_twice_imports_once(acme: Tenant, admin: Client) -> None:
    preview = upload(admin, "Name\nAlder\n")
    assert confirm(admin, preview).status_code == 302
    assert confirm(admin, preview).status_code == 422
    with tenant(acme):
        assert Customer.objects.count() == 1
        assert Operation.objects.filter(kind="import").count() == 1


def test_a_file_changed_on_the_way_is_not_imported(acme: Tenant, admin: Client) -> None:
    preview = upload(admin, "Name\nAlder\n")
    kept = preview.context["upload"]
    with default_storage.open(kept.path, "wb") as file:
        file.write(b"Name\nSomebody else\n")
    assert confirm(admin, preview).status_code == 422
    assert_nothing_written(acme)


def test_the_import_page_tells_the_rules(acme: Tenant, admin: Client) -> None:
    page = text(admin.get(UPLOAD))
    assert "“NULL”, “N/A”, “-” count as empty" in page
    assert "10,000 rows" in page
    assert "Receive promotional e-mails" in page
    assert "Their details must be exactly as they are there" in page


def test_an_upload_that_nobody_confirmed_is_deleted_after_a_day(
    acme: Tenant, people: People, admin: Client, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = upload(admin, "Name\nAlder\n")
    assert default_storage.exists(preview.context["upload"].path)
    monkeypatch.setattr(uploads, "KEPT", timedelta(0))
    upload(signed_in(people["owner"]), "Name\nBirch\n")
    assert not default_storage.exists(preview.context["upload"].path)
    assert confirm(admin, preview).status_code == 422
    assert_nothing_written(acme)
