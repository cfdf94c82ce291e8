"""The tenant's admin pages: who gets in, what they show, and what they leave behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import add_customer
from tests.people import lists_of

People = dict[str, User]
SignIn = Callable[[User], Client]

PAGES = [
    "/acme/admin/",
    "/acme/admin/customers/",
    "/acme/admin/customers/customer/",
    "/acme/admin/customers/customer/add/",
    "/acme/admin/customers/customer/import/",
    "/acme/admin/marketing/segment/",
    "/acme/admin/marketing/status/add/",
    "/acme/admin/history/operation/",
    "/acme/admin/jsi18n/",
]


@pytest.fixture
def alder(acme: Tenant, people: People) -> Customer:
    return add_customer(acme, people["manager"], name="Alder Bikes", reference="C-1")


@pytest.fixture
def admin(people: People, signed_in: SignIn) -> Client:
    return signed_in(people["admin"])


def values(company: Tenant, **changes: Any) -> dict[str, Any]:
    """What the admin's customer form sends."""
    with tenant(company):
        lists = {name: entry.pk for name, entry in lists_of(company).items()}
        manager = Membership.objects.current()[0].pk
    sent = {"name": "Alder Bikes", "kind": "company", "reference": "C-1"}
    return {**sent, **lists, "responsible_manager": manager, **changes}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["owner", "admin"])
def test_admins_and_owners_open_every_page(people: People, signed_in: SignIn, role: str, path: str) -> None:
    assert signed_in(people[role]).get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_other_roles_get_none(people: People, signed_in: SignIn, role: str, path: str) -> None:
    assert signed_in(people[role]).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_strangers_get_not_found_and_the_signed_out_are_asked_to_sign_in(
    people: People, bob: User, signed_in: SignIn, path: str
) -> None:
    assert signed_in(bob).get(path).status_code == 404
    assert Client().get(path).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    "path",
    [
        "/acme/admin/password_change/",
        "/acme/admin/autocomplete/",
        "/acme/admin/r/1/1/",
        "/acme/admin/tenants/user/",
        "/acme/admin/tenants/membership/",
    ],
)
def test_what_reaches_past_the_company_is_not_there(admin: Client, path: str) -> None:
    assert admin.get(path).status_code == 404


def test_sign_in_and_sign_out_are_the_products_own(admin: Client) -> None:
    assert admin.get("/acme/admin/login/").headers["Location"] == "/acme/admin/"
    assert admin.get("/acme/admin/logout/").headers["Location"] == "/accounts/logout/"


def test_a_change_is_an_operation_and_leaves_no_trace_in_djangos_log(
    acme: Tenant, people: People, admin: Client, alder: Customer
) -> None:
    page = f"/acme/admin/customers/customer/{alder.pk}/change/"
    admin.post("/acme/admin/customers/customer/add/", values(acme, name="Birch Foods", reference="C-2"))
    admin.post(page, values(acme, name="Alder Cycles", seen=alder.last_operation_id))
    admin.post(f"/acme/admin/customers/customer/{alder.pk}/delete/", {"post": "yes"})
    with tenant(acme):
        done = Operation.objects.filter(source="admin").order_by("id")
        assert [(running.kind, running.by) for running in done] == [
            (kind, people["admin"]) for kind in ("add", "edit", "delete")
        ]
        assert Customer.history.filter(operation__in=done).count() == 3
        assert [customer.name for customer in Customer.objects.all()] == ["Birch Foods"]
    assert not LogEntry.objects.exists()


def test_the_action_delete_selected_is_one_operation(acme: Tenant, admin: Client, alder: Customer) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [alder.pk], "post": "yes"}
    admin.post("/acme/admin/customers/customer/", chosen)
    with tenant(acme):
        assert not Customer.objects.exists()
        assert Operation.objects.get(kind="delete").summary == "Alder Bikes"
    assert not LogEntry.objects.exists()


def test_saving_without_a_change_is_no_operation(acme: Tenant, admin: Client, alder: Customer) -> None:
    page = f"/acme/admin/customers/customer/{alder.pk}/change/"
    form = admin.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in sent.items() if value not in (None, False)}
    answer = admin.post(page, given)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    with tenant(acme):
        assert not Operation.objects.filter(kind="edit").exists()


def test_a_reference_that_exists_is_refused_on_the_form(acme: Tenant, admin: Client, alder: Customer) -> None:
    response = admin.post("/acme/admin/customers/customer/add/", values(acme, reference="c-1"))
    assert response.status_code == 200
    assert response.context["errors"]
    with tenant(acme):
        assert Customer.objects.count() == 1


def test_the_history_of_a_row_is_its_operations(admin: Client, alder: Customer) -> None:
    page = admin.get(f"/acme/admin/customers/customer/{alder.pk}/history/").content.decode()
    assert "Added" in page
    assert "Manager" in page


def test_a_segment_in_use_is_not_deleted_and_the_page_says_by_how_many_it_is_used(
    acme: Tenant, admin: Client, alder: Customer
) -> None:
    with tenant(acme):
        segment = Segment.default()
    page = f"/acme/admin/marketing/segment/{segment.pk}/delete/"
    assert "used by 1 customer" in admin.get(page).content.decode()
    admin.post(page, {"post": "yes"})
    with tenant(acme):
        assert Segment.objects.filter(pk=segment.pk).exists()


def test_nothing_of_another_company_is_shown_or_taken(
    acme: Tenant, globex: Tenant, people: People, bob: User, admin: Client, alder: Customer
) -> None:
    with tenant(globex), operation("edit", by=bob):
        theirs = Customer.objects.create(name="Zorro Ltd", **lists_of(globex))
        segment = Segment.objects.create(name="Zorro segment")
        member = Membership.objects.get(user=bob)
    pages = [
        *PAGES,
        f"/acme/admin/customers/customer/{alder.pk}/change/",
        f"/acme/admin/customers/customer/{alder.pk}/history/",
    ]
    for page in pages:
        shown = admin.get(page).content.decode()
        assert "Zorro" not in shown, page
        assert not re.search(r"\bbob\b", shown.lower()), page
    for action in ("change", "delete", "history"):
        assert admin.get(f"/acme/admin/customers/customer/{theirs.pk}/{action}/").status_code in (302, 404)
    add = "/acme/admin/customers/customer/add/"
    for forged in ({"segment": segment.pk}, {"responsible_manager": member.pk}):
        response = admin.post(add, values(acme, reference="C-9", **forged))
        assert "Select a valid choice" in response.content.decode()
    with tenant(acme):
        assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    "query", ["?e=1", "?segment__id__exact=9e99", "?p=x&o=__class__", "?manager=99999999999999"]
)
def test_a_malformed_query_string_is_no_server_error(admin: Client, query: str) -> None:
    assert admin.get(f"/acme/admin/customers/customer/{query}", follow=True).status_code == 200


@pytest.mark.parametrize("query", ["kind__exact=%00", "q=%00", "o=%00", "%00=1%00"])
@pytest.mark.parametrize("path", ["customers/customer/", "history/operation/", "marketing/segment/"])
def test_a_nul_in_the_address_is_left_out_with_a_message(admin: Client, path: str, query: str) -> None:
    answer = admin.get(f"/acme/admin/{path}?{query}", follow=True)
    assert answer.redirect_chain == [(f"/acme/admin/{path}", 302)]
    assert "it holds a NUL character" in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "customers/customer/?name__regex=(",
        "history/operation/?summary__regex=[",
        f"customers/customer/?manager={'9' * 4500}",
        "customers/customer/abc/history/",
        "marketing/segment/abc/history/",
    ],
)
def test_a_hostile_address_is_no_server_error(admin: Client, path: str) -> None:
    assert admin.get(f"/acme/admin/{path}", follow=True).status_code < 500


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(
    acme: Tenant, people: People, admin: Client, alder: Customer
) -> None:
    page = f"/acme/admin/customers/customer/{alder.pk}/change/"
    seen = alder.last_operation_id
    with tenant(acme), operation("edit", by=people["agent"]):
        colleagues = Customer.objects.get(pk=alder.pk)
        colleagues.email = "new@alder.example"
        colleagues.save()
    answer = admin.post(page, values(acme, name="Alder Cycles", seen=seen))
    assert "saved this while you were typing" in answer.content.decode()
    with tenant(acme):
        kept = Customer.objects.get(pk=alder.pk)
        assert (kept.name, kept.email) == ("Alder Bikes", "new@alder.example")


def test_what_the_company_calls_mandatory_is_asked_for(acme: Tenant, admin: Client) -> None:
    add = "/acme/admin/customers/customer/add/"
    answer = admin.post(add, {"name": "Alder Bikes", "kind": "company"})
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"segment", "status", "channel", "responsible_manager"}
    assert admin.get(add).context["adminform"].form["segment"].value() is not None


def test_an_entry_added_in_the_admin_stands_last(acme: Tenant, admin: Client) -> None:
    admin.post("/acme/admin/marketing/segment/add/", {"name": "Zoos", "colour": "grey"})
    with tenant(acme):
        assert [entry.name for entry in Segment.objects.all()][-1] == "Zoos"
