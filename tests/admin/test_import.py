"""The admin's import page: the product's own import, begun in the admin's frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.conftest import uploads
from tests.imports.pages import approve, assert_nothing_written, match, text

__all__ = ["uploads"]

PAGE = "/acme/admin/customers/customer/import/"

SignIn = Callable[[User], Client]


def test_the_admins_list_of_customers_leads_to_it(people: dict[str, User], signed_in: SignIn) -> None:
    page = html.fromstring(signed_in(people["admin"]).get("/acme/admin/customers/customer/").content.decode())
    tools = [link.get("href").partition("?")[0] for link in page.xpath("//ul[@class='object-tools']//a")]
    assert PAGE in tools
    assert "/acme/admin/customers/customer/export/" in tools


def test_a_file_goes_on_in_the_products_own_pages(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin = signed_in(people["admin"])
    done = admin.post(PAGE, {"file": SimpleUploadedFile("trees.csv", b"Name\nAlder\n")})
    with tenant(acme):
        run = ImportRun.objects.get()
    assert done.headers["Location"] == f"/acme/imports/{run.pk}/"
    match(admin, done.headers["Location"])
    report = admin.get(approve(admin, admin.get(done.headers["Location"])).headers["Location"])
    assert report.context["report"].counts["created"] == 1


def test_contacts_and_addresses_of_customers_are_imported_there_too(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin = signed_in(people["admin"])
    with tenant(acme):
        alder = add_customer(acme, people["manager"], name="Alder", reference="C-1")
    page = html.fromstring(admin.get(PAGE).content.decode())
    offered = [
        (one.get("value"), one.get("checked") is not None) for one in page.xpath("//input[@name='subject']")
    ]
    assert offered == [("customers", True), ("contacts", False), ("addresses", False)]
    rows = b"Customer reference,Name\nC-1,Ann Berg\nC-1,Bo Lind\n"
    done = admin.post(PAGE, {"subject": "contacts", "file": SimpleUploadedFile("people.csv", rows)})
    match(admin, done.headers["Location"])
    approve(admin, admin.get(done.headers["Location"]))
    with tenant(acme):
        assert alder.contacts.count() == 2
    refused = admin.post(PAGE, {"subject": "invoices", "file": SimpleUploadedFile("people.csv", rows)})
    assert refused.status_code == 422


def test_a_file_that_can_not_be_read_is_refused_in_words(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin = signed_in(people["admin"])
    refused = admin.post(PAGE, {"file": SimpleUploadedFile("trees.csv", b"Name\n")})
    assert refused.status_code == 422
    assert "a heading and no rows" in text(refused)
    assert admin.post(PAGE, {}).status_code == 422
    assert_nothing_written(acme)


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_staff_reach_the_page(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str
) -> None:
    client = signed_in(people[role])
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"file": SimpleUploadedFile("trees.csv", b"Name\nAlder\n")}).status_code == 403
    with tenant(acme):
        assert not ImportRun.objects.exists()


def test_it_says_what_a_file_should_be(people: dict[str, User], signed_in: SignIn, acme: Tenant) -> None:
    page = text(signed_in(people["admin"]).get(PAGE))
    assert "1,048,576 rows" in page
    assert "required for new customers: Customer name" in page
    assert "Their details must be exactly as they are there" in page
