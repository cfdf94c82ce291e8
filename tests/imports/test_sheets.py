"""Sheets that have a row for each contact, or for each address: on the pages of imports."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import html

from contacts.models import Address, Contact
from customers.models import Customer
from imports.fields import importable_columns
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, approve, asked, begin, check, load, match, text

CONTACTS = "Reference,Name,E-mail\nALD,Anna Berg,anna@alder.example\nALD,Bo Berg,\nXYZ,Cy Berg,\n"


@pytest.fixture
def customers(acme: Tenant, manager: Client) -> Tenant:
    load(manager, "Name,Reference\nAlder Bikes,ALD\nBirch Foods,BIR\n")
    return acme


def test_what_the_rows_are_is_asked_with_the_file(acme: Tenant, manager: Client) -> None:
    page = html.fromstring(manager.get("/acme/imports/new/?subject=contacts").content.decode())
    asked_for = {
        option.get("value"): option.get("checked") is not None
        for option in page.xpath("//input[@name='subject']")
    }
    assert asked_for == {"customers": False, "contacts": True, "addresses": False}
    refused = manager.post("/acme/imports/new/", {"subject": "people"})
    assert "subject" in refused.context["form"].errors


def test_the_list_of_contacts_leads_there(customers: Tenant, manager: Client, agent: Client) -> None:
    there = '"/acme/imports/new/?subject=contacts"'
    assert f"href={there}" in manager.get("/acme/contacts/").content.decode()
    assert there not in agent.get("/acme/contacts/").content.decode()


def test_contacts_are_matched_checked_imported_and_reported(customers: Tenant, manager: Client) -> None:
    address = begin(manager, CONTACTS, "people.csv", subject="contacts")
    assert set(asked(manager, address)) == {
        "mode", "blanks", "blank_words", "column_0", "column_1", "column_2"
    }  # fmt: skip
    groups = html.fromstring(manager.get(f"{address}columns/").content.decode()).xpath(
        "//tbody/tr[1]//optgroup/@label"
    )
    assert groups == ["Customer", "A person's name in parts", "Contact"]
    match(manager, address)
    plan = manager.get(address)
    assert (plan.context["plan"].counts["create"], plan.context["plan"].counts["error"]) == (2, 1)
    assert "Import 2 contacts" in text(plan)
    assert "No customer has this reference. Correct it, or import the customer first." in text(plan)
    with tenant(customers):
        alder = Customer.objects.get(reference="ALD").pk
    assert f'href="/acme/customers/{alder}/contacts/"' in plan.content.decode()
    report = manager.get(approve(manager, plan, leave_out="on").headers["Location"])
    assert "Show the contacts" in text(report)
    with tenant(customers):
        assert set(Contact.objects.values_list("name", "customer")) == {
            ("Anna Berg", alder),
            ("Bo Berg", alder),
        }
    again = check(manager, CONTACTS.replace("XYZ,Cy Berg,\n", ""), subject="contacts")
    assert "Nothing to change: 2 contacts are as in the file." in text(again)


def test_addresses_are_imported_likewise(customers: Tenant, manager: Client) -> None:
    data = "Customer,Street,City,Postal code,Country\nAlder Bikes,Hafen 1,Bremen,28195,DE\n"
    plan = check(manager, data, subject="addresses")
    assert "Import 1 address" in text(plan)
    assert not html.fromstring(manager.get(f"{address_of(plan)}columns/").content.decode()).xpath(
        "//optgroup[starts-with(@label, 'A person')]"
    )
    approve(manager, plan)
    with tenant(customers):
        assert Address.objects.values_list("customer__reference", "street").get() == ("ALD", "Hafen 1")


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422
    return dict(response.context["form"].errors)


def test_what_such_a_sheet_lacks_is_said_before_anything_runs(customers: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,Phone\nAnna Berg,1\n", subject="contacts")
    assert errors(match(manager, address))["__all__"] == [
        "No column is the Customer reference. Choose the column that holds it."
    ]
    parts = begin(manager, "Reference,Name,First name\nALD,Anna Berg,Anna\n", subject="contacts")
    assert "column_2" in errors(match(manager, parts, column_2="first_name"))


def test_a_row_twice_leads_to_the_other(customers: Tenant, manager: Client) -> None:
    data = "Reference,Name,E-mail\nALD,Anna,a@alder.example\nALD,Bo,\nALD,ANNA,A@alder.example\n"
    plan = check(manager, data, subject="contacts")
    [link] = html.fromstring(plan.content.decode()).xpath("//a[normalize-space()='Row 2']/@href")
    assert link == f"{address_of(plan)}?after=1#rows"


@pytest.mark.parametrize("subject", ["contacts", "addresses"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_their_samples_are_left_out_whole(
    customers: Tenant, manager: Client, subject: str, kind: str
) -> None:
    sample = manager.get(f"/acme/imports/sample.{kind}?subject={subject}")
    assert f'filename="{subject}-sample.{kind}"' in sample.headers["Content-Disposition"]
    plan = check(manager, sample.content, subject=subject)
    assert plan.context["plan"].counts == {
        "": 1, "create": 0, "update": 0, "unchanged": 0, "skip": 1, "error": 0, "warned": 1
    }  # fmt: skip


@pytest.mark.parametrize("subject", ["contacts", "addresses"])
def test_their_format_is_described(
    customers: Tenant, people: dict[str, User], manager: Client, subject: str
) -> None:
    page = text(manager.get(f"/acme/imports/format/?subject={subject}"))
    with tenant(customers):
        columns = importable_columns(people["manager"], subject)
    for column in columns:
        assert column.label in page
        assert column.help in page
    assert f"Columns of {subject}" in page
    assert "The customer must be there" in page
