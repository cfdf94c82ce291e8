"""A request works for its tenant only, and leaves nothing behind when it fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from history.models import Operation
from marketing.models import Segment
from tenants.context import current_tenant_id, tenant
from tenants.models import Tenant, User
from tests.isolation.pages import BROKEN
from tests.people import add_member

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def test_pages(settings: Settings) -> None:
    settings.TENANT_URLCONF = "tests.isolation.pages"


@pytest.fixture
def owner(acme: Tenant, signed_in: SignIn) -> Client:
    client = signed_in(User.objects.get(email="owner@acme.example"))
    client.raise_request_exception = False
    return client


def written(company: Tenant) -> tuple[int, int]:
    """How many segments and operations the test pages have written."""
    with tenant(company):
        return Segment.objects.filter(name="Written").count(), Operation.objects.filter(kind="edit").count()


def test_what_a_page_writes_stays(owner: Client, acme: Tenant) -> None:
    assert owner.get("/acme/fine/").status_code == 200
    assert written(acme) == (1, 1)


@pytest.mark.parametrize("address", BROKEN)
def test_a_server_error_takes_back_what_the_page_wrote(address: str, owner: Client, acme: Tenant) -> None:
    assert owner.get(f"/acme/{address}/").status_code >= 500
    assert written(acme) == (0, 0)
    assert owner.get("/acme/fine/").status_code == 200, "the connection is fit for the next request"


@pytest.mark.parametrize("address", ["fine", *BROKEN])
def test_no_tenant_is_left_behind(address: str, owner: Client) -> None:
    owner.get(f"/acme/{address}/")
    assert current_tenant_id() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        assert cursor.fetchone() in {("",), (None,)}


def test_an_answer_below_500_is_no_failure(owner: Client, acme: Tenant) -> None:
    """A view that answers 4xx has decided for itself what it wrote."""
    assert owner.get("/acme/refused-form/").status_code == 422
    assert written(acme) == (1, 1)


def test_a_person_of_two_companies_sees_each_in_its_own_address(
    owner: Client, acme: Tenant, globex: Tenant
) -> None:
    add_member(globex, User.objects.get(email="owner@acme.example"), "viewer")
    for company in (acme, globex, acme):
        seen = owner.get(f"/{company.slug}/what-it-sees/").json()
        assert (seen["context"], seen["database"]) == (company.pk, company.pk)


def test_a_request_may_work_for_another_tenant_and_come_back(
    owner: Client, acme: Tenant, globex: Tenant
) -> None:
    assert owner.get("/acme/looks-elsewhere/globex/").json() == {"there": [globex.pk], "here": [acme.pk]}


def test_a_signed_out_visitor_is_asked_to_sign_in_whether_or_not_the_company_exists(
    acme: Tenant, client: Client
) -> None:
    for slug in ("acme", "nobody"):
        answer = client.get(f"/{slug}/what-it-sees/?a=1")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/accounts/login/?next=/{slug}/what-it-sees/%3Fa%3D1"
