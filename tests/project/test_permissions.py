"""Every address × five roles × a stranger × signed out, by reading and by writing."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.project.addresses import patterns, url
from tests.project.conftest import Office
from tests.project.permission_table import PUBLIC, RISING, TENANT, UNNAMED, Address, PublicAddress, no_args

METHODS = ["GET", "POST"]
each_address = pytest.mark.parametrize("address", TENANT, ids=lambda address: address.name)
each_method = pytest.mark.parametrize("method", METHODS)


def send(client: Client, method: str, path: str, address: Address) -> HttpResponse:
    if method == "POST":
        return client.post(path, address.data)  # type: ignore[return-value]  # the client's own response class
    return client.get(path)  # type: ignore[return-value]


def test_every_address_below_a_company_has_its_line() -> None:
    assert {address.name for address in TENANT} | UNNAMED == set(patterns(settings.TENANT_URLCONF))


def test_every_address_outside_has_its_line() -> None:
    assert {address.name for address in PUBLIC} == set(patterns(settings.ROOT_URLCONF))


@pytest.mark.parametrize("urlconf", [settings.ROOT_URLCONF, settings.TENANT_URLCONF])
def test_no_page_is_exempt_from_the_check_against_forged_requests(urlconf: str) -> None:
    exempt = [
        name for name, found in patterns(urlconf).items() if getattr(found.callback, "csrf_exempt", False)
    ]
    assert exempt == []


@each_method
@each_address
def test_each_role_gets_what_it_may(address: Address, method: str, office: Office) -> None:
    path = url(address, office.acme)
    allowed = address.post if method == "POST" else address.get
    expected = {role: address.status(role, method) if allowed else 405 for role in RISING}
    refused = {role for role, status in expected.items() if status in {403, 405, 422}}
    changes_nothing = refused if method == "POST" else set(RISING)

    answers = {role: send(office.browsers[role], method, path, address) for role in changes_nothing}
    assert office.contents() == office.before, "something has changed"
    for role in set(RISING) - changes_nothing:
        with transaction.atomic():
            answers[role] = send(office.browsers[role], method, path, address)
            transaction.set_rollback(True)

    statuses = {role: answer.status_code for role, answer in answers.items()}
    if not allowed:  # whether the role or the method is looked at first is the same
        statuses = {role: 405 if status == 403 else status for role, status in statuses.items()}
    assert statuses == expected


@each_method
@each_address
def test_a_stranger_finds_nothing(address: Address, method: str, office: Office) -> None:
    assert send(office.stranger, method, url(address, office.acme), address).status_code == 404
    assert office.contents() == office.before


@each_method
@each_address
def test_who_is_signed_out_is_asked_to_sign_in(address: Address, method: str, office: Office) -> None:
    path = url(address, office.acme)
    response = send(Client(), method, path, address)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"
    assert office.contents() == office.before


@each_method
@pytest.mark.parametrize(
    "address",
    [found for found in TENANT if found.args is not no_args and found.of_a_row],
    ids=lambda address: address.name,
)
def test_another_companys_rows_are_not_found_by_their_number(
    address: Address, method: str, office: Office
) -> None:
    path = url(address, office.acme, rows_of=office.globex)
    response = send(office.browsers[RISING[-1]], method, path, address)
    allowed = address.post if method == "POST" else address.get
    assert response.status_code == (403 if allowed == 403 else address.missing if allowed else 405)
    assert office.contents() == office.before


@pytest.mark.parametrize("address", PUBLIC, ids=lambda address: address.name)
def test_a_visitor_gets_what_is_public(address: PublicAddress, office: Office) -> None:
    path = reverse(address.name, args=address.args)
    answers = (Client().get(path).status_code, office.browsers[RISING[0]].get(path).status_code)
    assert answers == (address.signed_out, address.signed_in)


def test_a_form_from_another_site_is_refused(office: Office) -> None:
    path = url(next(found for found in TENANT if found.name == "customers:delete"), office.acme)
    client = Client(enforce_csrf_checks=True)
    client.cookies = office.browsers[RISING[-1]].cookies
    assert client.post(path).status_code == 403
    assert office.contents() == office.before
