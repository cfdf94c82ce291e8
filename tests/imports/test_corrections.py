"""Rows that were not imported: downloaded as they were given, corrected, uploaded again."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.pages import address_of, approve, begin, check, load, text
from tests.lists.test_xlsx_files import with_rows
from tests.sheets import xlsx

DATA = """Name;Reference;E-mail;Colour
Alder;1;a@alder.example;red
"Birch
& Sons";'=2+2;b@;" blue "
;3;c@;-
Dogwood;4;;
"""


def download(client: Client, address: str) -> str:
    answer: Any = client.get(f"{address}errors.csv")
    assert answer.status_code == 200
    return str(answer.getvalue().decode("utf-8-sig"))


def test_they_are_as_given_with_the_reason_beside(acme: Tenant, manager: Client) -> None:
    plan = check(manager, DATA, "mine.csv")
    answer: Any = manager.get(f"{address_of(plan)}errors.csv")
    assert 'filename="mine-errors.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["Name", "Reference", "E-mail", "Colour", "What is wrong"]
    assert [row[1:4] for row in rows[1:]] == [["'=2+2", "b@", " blue "], ["3", "c@", "-"]]
    assert rows[1][0] == "Birch\n& Sons"
    assert "Customer name: Line breaks and control characters" in rows[1][4]
    assert "E-mail: “b@” is not an e-mail address. Correct it." in rows[1][4]
    assert "E-mail: “c@” is not an e-mail address. Correct it." in rows[2][4]


def test_corrected_they_go_in_with_the_settings_they_had(acme: Tenant, manager: Client) -> None:
    plan = check(manager, DATA, column_3="website", blank_words="red, -, blue")
    corrected = (
        download(manager, address_of(plan)).replace("Birch\n", "Birch ").replace("b@", "b@birch.example")
    )
    address = begin(manager, corrected.replace("\r\n,3,c@", "\r\nCedar,3,c@cedar.example"))
    page = manager.get(f"{address}columns/")
    assert "Matched as last time" in text(page)
    assert page.context["form"].left_out == []
    assert "What is wrong" not in text(page).partition("Every column")[2]
    report = load(manager, corrected.replace("\r\n,3,c@", "\r\nCedar,3,c@cedar.example"))
    assert report.context["report"].counts["created"] == 2
    with tenant(acme):
        assert set(Customer.objects.values_list("name", "reference", "email")) == {
            ("Birch & Sons", "=2+2", "b@birch.example"),
            ("Cedar", "3", "c@cedar.example"),
        }


def test_downloaded_again_the_reason_stands_there_once(acme: Tenant, manager: Client) -> None:
    first = download(manager, address_of(check(manager, DATA)))
    again = download(manager, address_of(check(manager, first)))
    assert again == first


def test_after_the_import_those_that_moved_are_among_them(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    load(manager, "Name,Reference\nAlder,1\n")
    plan = check(manager, "Name,Reference,E-mail\nAlder,1,a@alder.example\nBirch,2,b@\n")
    with tenant(acme), operation("edit", by=people["agent"]):
        alder = Customer.objects.get()
        alder.phone = "+49301"
        alder.save()
    approve(manager, plan, leave_out="on")
    rows = list(csv.reader(io.StringIO(download(manager, address_of(plan)))))
    assert [row[0] for row in rows[1:]] == ["Alder", "Birch"]
    assert rows[1][-1].startswith("Somebody changed this customer after the file was checked.")


TOO_LONG = "Name,Primary contact,Contact job title\nSmith,John & Sons,Ann Lee,Buyer\nAlder,Bea Low,Clerk\n"
BROKEN = "Reference,Name,City\nPC-3,Smith and\nBroken,Rome\n1,Alder,Rome\nLone\n"
FORMULA = with_rows(
    '<row><c t="str"><v>Name</v></c><c t="str"><v>Contact name</v></c><c t="str"><v>Job title</v></c></row>'
    '<row><c><f>A1</f></c><c t="str"><v>Ann Lee</v></c><c t="str"><v>Buyer</v></c></row>'
    '<row><c t="str"><v>Alder</v></c><c t="str"><v>Bea Low</v></c><c t="e"><v>#REF!</v></c></row>'
)


def rows_of(downloaded: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(downloaded)))


def as_workbook(downloaded: str) -> bytes:
    """As a spreadsheet program saves what it opened."""
    return xlsx(*([cell or None for cell in row] for row in rows_of(downloaded)))


def counts(page: Any) -> dict[str, int]:
    return {name: number for name, number in page.context["run"].plan["counts"].items() if number}


def test_a_row_of_too_many_cells_has_them_all_behind_the_reason(acme: Tenant, manager: Client) -> None:
    heading, row = rows_of(download(manager, address_of(check(manager, TOO_LONG))))
    assert heading == ["Name", "Primary contact", "Contact job title", "What is wrong"]
    assert [*row[:3], *row[4:]] == ["Smith", "John & Sons", "Ann Lee", "Buyer"]
    assert row[3] == (
        "The row has 4 cells, the heading has 3. Put the text that holds a comma into quotation marks. "
        "Once the row is right, empty the cell with this reason."
    )


@pytest.mark.parametrize(
    ("data", "wrong"), [(TOO_LONG, 1), (BROKEN, 3), (FORMULA, 2)], ids=["too long", "broken", "formula"]
)
def test_uploaded_uncorrected_they_are_errors_again(
    acme: Tenant, manager: Client, data: str | bytes, wrong: int
) -> None:
    first = download(manager, address_of(check(manager, data, "a.xlsx")))
    assert len(rows_of(first)) == wrong + 1
    for again in (first, as_workbook(first)):
        plan = check(manager, again)
        assert counts(plan) == {"error": wrong}
        assert download(manager, address_of(plan)) == first
        assert "Once the row is right, empty the cell with this reason." in text(plan)


def test_corrected_and_without_its_reason_such_a_row_goes_in(acme: Tenant, manager: Client) -> None:
    heading, row = rows_of(download(manager, address_of(check(manager, TOO_LONG))))
    whole = ["Smith, John & Sons", "Ann Lee", "Buyer"]
    assert counts(check(manager, xlsx(heading, [*whole, row[3]]))) == {"error": 1}
    for corrected in (xlsx(heading, [*whole, None]), f'{",".join(heading)}\n"{whole[0]}",Ann Lee,Buyer,\n'):
        assert counts(check(manager, corrected)) == {"create": 1}


def test_what_is_wrong_with_its_values_is_told_behind_and_need_not_be_emptied(
    acme: Tenant, manager: Client
) -> None:
    data = "Name,E-mail\nSmith,s@,Sons\nAlder,a@\n"
    first = download(manager, address_of(check(manager, data)))
    _, smith, alder = rows_of(first)
    assert smith[2].endswith("reason. E-mail: “s@” is not an e-mail address. Correct it.")
    assert alder[2] == "E-mail: “a@” is not an e-mail address. Correct it."
    assert download(manager, address_of(check(manager, first))) == first
    right = first.replace("s@,", "s@smith.example,").replace("a@,", "a@alder.example,")
    assert counts(check(manager, right)) == {"create": 1, "error": 1}


def test_a_reason_that_somebody_wrote_in_is_shown_as_it_can_be(acme: Tenant, manager: Client) -> None:
    still = "Once the row is right, empty the cell with this reason."
    plan = check(
        manager, f'Name,What is wrong\nAlder,"a\x00b {"x" * 20_000}{still}"\nBirch,{still} Why?\nCedar,?\n'
    )
    assert counts(plan) == {"error": 2, "create": 1}
    alder, birch = rows_of(download(manager, address_of(plan)))[1:]
    assert alder[1].startswith("a\ufffdb x")
    assert len(alder[1]) < 10_100
    assert birch == ["Birch", still]


def test_as_a_workbook_it_is_matched_as_last_time(acme: Tenant, manager: Client) -> None:
    plan = check(manager, TOO_LONG, column_2="phone")
    address = begin(manager, as_workbook(download(manager, address_of(plan))))
    page = manager.get(f"{address}columns/")
    assert "Matched as last time" in text(page)
    assert page.context["form"].columns == {0: "name", 1: "contact_name", 2: "phone"}


def test_an_error_of_excels_is_an_error_unless_it_counts_as_blank(acme: Tenant, manager: Client) -> None:
    rows = (
        '<row><c t="str"><v>Name</v></c><c t="str"><v>Reference</v></c></row>'
        '<row><c t="str"><v>Alder</v></c><c t="e"><v>#N/A</v></c></row>'
    )
    plan = check(manager, with_rows(rows))
    assert counts(plan) == {"error": 1}
    assert "The cell shows #N/A, an error of Excel's. Correct it there." in text(plan)
    assert counts(check(manager, with_rows(rows), blank_words="#N/A")) == {"create": 1}
    assert counts(check(manager, with_rows(rows), column_1="")) == {"create": 1}


@pytest.mark.parametrize("word", ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", " #NV"])
def test_an_error_of_excels_is_one_in_csv_too(acme: Tenant, manager: Client, word: str) -> None:
    data = f"Name,Reference,Employees,Segment,Remark\n{word},C-1,1,,\nB,{word},2,,\nC,C-3,{word},,\nD,C-4,4,,{word}\n"
    data += f"E,C-5,5,{word},\n"
    plan = check(manager, data, unknown="create")
    assert counts(plan) == {"error": 4, "create": 1}
    assert f"The cell shows {word.strip()}, an error of Excel's. Correct it there." in text(plan)
    assert counts(check(manager, data, blank_words=word)) == {"error": 1, "create": 4}  # who has no name
    first = download(manager, address_of(plan))
    assert counts(check(manager, first)) == {"error": 4}


def test_an_error_of_excels_is_what_is_there_only_beside_its_name(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    add_customer(acme, people["manager"], name="Alder", reference="#N/A")
    heading = "Name,Reference,Phone\n"
    assert counts(check(manager, f"{heading}Alder,#N/A,+4930123456\n")) == {"update": 1}
    assert counts(check(manager, f"{heading}Birch,#N/A,+4930123456\n")) == {"error": 1}


def test_before_the_check_there_are_none(acme: Tenant, manager: Client) -> None:
    assert manager.get(f"{begin(manager, DATA)}errors.csv").status_code == 404
