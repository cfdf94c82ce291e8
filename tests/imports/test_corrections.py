"""Rows that were not imported: downloaded as they were given, corrected, uploaded again."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.test import Client

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, approve, begin, check, load, text

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
    assert "Every column is imported." in text(page)
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


def test_before_the_check_there_are_none(acme: Tenant, manager: Client) -> None:
    assert manager.get(f"{begin(manager, DATA)}errors.csv").status_code == 404
