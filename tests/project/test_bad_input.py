"""Whatever stands in an address or a form, every page answers: with a page, a refusal or 404, never with 500."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tenants.roles import Role
from tests.project.addresses import url
from tests.project.conftest import Office
from tests.project.permission_table import PUBLIC, TENANT, Address, PublicAddress

QUERIES = [
    "page=x&sort=__class__&segment=9e99&before=x&after=x&q=%00&tenant_id=1&id__gt=0&name__regex=(a%2B)%2B$",
    "sort=-&sort=name&sort=password&size=0&size=999999999999999999999&page=-1&o=9.-9&p=99999999&after=%7B%7D"
    "&segment=99999999999999999999&status=-1&channel=%F0%9F%92%A5&responsible_manager=1%27--&kind[]=a",
    "q="
    + "%25" * 500
    + "%ff%fe&%00=%00&=&&&;&columns=&columns=nope&disabled=maybe&before="
    + "9" * 400
    + "&customer_link_template=javascript:alert(1)%7Breference%7D",
]
NASTY = ["\x00", "x" * 10_000, "9" * 400, "\u202e\U0001f4a5\ud7ff", "-1", "1e9", "../../etc/passwd", "[]", ""]
FIELDS = [
    "name", "reference", "kind", "email", "phone", "website", "language", "timezone", "segment", "status",
    "channel", "responsible_manager", "service_manager", "receive_promotional_emails", "custom_data", "seen",
    "reason", "colour", "position", "role", "country", "currency", "mandatory_fields", "columns", "format",
    "customer_link_template", "upload", "file", "login", "password", "password1", "code", "next", "action",
    "heirs", "responsible", "service", "first_name", "last_name", "contacts-holder", "contacts-0-id",
    "contacts-0-seen", "contacts-0-name", "contacts-0-relation", "contacts-0-language", "contacts-0-phone",
    "contacts-0-notes", "contacts-0-is_primary", "addresses-holder", "addresses-0-id", "addresses-0-country",
    "addresses-0-street", "addresses-0-region", "addresses-0-postal_code", "addresses-0-access_relation",
    "source", "pattern", "address", "like", "rhythm", "day", "weekday", "time", "after", "most_changed", "most_failed",
    "match", "mode", "blanks", "blank_words", "unknown", "column_0", "format_0", "customer_since", "employees",
]  # fmt: skip


@pytest.mark.parametrize("address", TENANT, ids=lambda address: address.name)
def test_a_malformed_query_string_is_no_server_error(address: Address, office: Office) -> None:
    path = url(address, office.acme)
    for query in QUERIES:
        for method in ("get", "post") if address.post else ("get",):
            response = getattr(office.browsers[Role.OWNER], method)(f"{path}?{query}")
            assert response.status_code < 500, f"{method} ?{query}"


@pytest.mark.parametrize(
    "address", [found for found in TENANT if found.post], ids=lambda address: address.name
)
def test_a_malformed_form_is_no_server_error(address: Address, office: Office) -> None:
    path = url(address, office.acme)
    for value in NASTY:
        response = office.browsers[Role.OWNER].post(path, dict.fromkeys(FIELDS, value))
        assert response.status_code < 500, repr(value[:20])


@pytest.mark.parametrize("address", PUBLIC, ids=lambda address: address.name)
def test_a_malformed_request_by_a_visitor_is_no_server_error(address: PublicAddress, office: Office) -> None:
    path = reverse(address.name, args=address.args)
    client = Client(raise_request_exception=False)
    for query in QUERIES:
        assert client.get(f"{path}?{query}").status_code < 500, query
    for value in NASTY:
        assert client.post(path, dict.fromkeys(FIELDS, value)).status_code < 500, repr(value[:20])


@pytest.mark.parametrize("pk", ["0", "9" * 30, "-1", "1e3", "%00", "x", "%F0%9F%92%A5"])
def test_a_malformed_number_in_the_address_is_not_found(pk: str, office: Office) -> None:
    for path in (
        "customers/{}/",
        "customers/{}/history/",
        "settings/segments/{}/edit/",
        "settings/people/{}/role/",
    ):
        response = office.browsers[Role.OWNER].get(f"/acme/{path.format(pk)}")
        assert response.status_code == 404, path
    response = office.browsers[Role.OWNER].get(f"/acme/admin/customers/customer/{pk}/change/")
    assert response.status_code in {302, 404}
