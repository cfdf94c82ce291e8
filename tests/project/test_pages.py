"""What holds for every page: content policy, page or fragment for htmx, and the tenant in every query."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tenants.roles import Role
from tests.isolation.catalogue import tenant_tables
from tests.project.addresses import url
from tests.project.conftest import Office
from tests.project.permission_table import PUBLIC, TENANT, Address, PublicAddress

PAGES = [address for address in TENANT if address.get == 200]
WHOLE = re.compile(rb"\A(\s|<!--.*?-->)*<!doctype html>", re.IGNORECASE | re.DOTALL)
each_page = pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
each_fragment = pytest.mark.parametrize(
    "address", [address for address in PAGES if address.fragment], ids=lambda address: address.name
)


class Inline(HTMLParser):
    """Collects what the content policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data = given.get("type") == "application/json"  # a block of data, which nothing runs
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.found.append(f"<{tag}> on line {self.getpos()[0]}")
        for name, value in attrs:
            if name == "style" or re.match(r"on[a-z]|hx-on", name) or (value or "").startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value!r}> on line {self.getpos()[0]}")
            if name in {"src", "action"} and re.match(r"(?i)(https?:)?//|data:", value or ""):
                self.found.append(f"<{tag} {name}={value!r}> on line {self.getpos()[0]}")


def check_policy(response: HttpResponse) -> None:
    """The content policy is sent, strict, and the page keeps to it."""
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert Inline(response.content.decode()).found == []


def visit(client: Client, path: str, **headers: str) -> HttpResponse:
    return client.get(path, headers=headers)  # type: ignore[return-value]  # the client's own response class


@each_page
def test_a_page_keeps_to_the_content_policy(address: Address, office: Office) -> None:
    response = visit(office.browsers[Role.OWNER], url(address, office.acme))
    assert response.status_code == 200
    check_policy(response)


@pytest.mark.parametrize("address", PUBLIC, ids=lambda address: address.name)
def test_a_public_page_keeps_to_the_content_policy(address: PublicAddress, office: Office) -> None:
    for client in (Client(), office.browsers[Role.VIEWER]):
        check_policy(visit(client, reverse(address.name, args=address.args)))


@each_fragment
def test_a_refused_form_keeps_to_it_too(address: Address, office: Office) -> None:
    if address.post == 422:
        response = office.browsers[Role.ADMIN].post(url(address, office.acme), address.data)
        check_policy(response)  # type: ignore[arg-type]


def test_error_pages_keep_to_it_too(office: Office) -> None:
    check_policy(visit(office.stranger, "/acme/customers/"))
    check_policy(visit(office.browsers[Role.VIEWER], "/acme/settings/people/"))
    check_policy(visit(Client(), "/acme/no/such/page/"))


@each_fragment
def test_htmx_gets_the_fragment_and_everything_else_the_page(address: Address, office: Office) -> None:
    client, path = office.browsers[Role.OWNER], url(address, office.acme)
    whole = visit(client, path)
    fragment = visit(client, path, hx_request="true")
    boosted = visit(client, path, hx_request="true", hx_boosted="true")
    restored = visit(client, path, hx_request="true", hx_history_restore_request="true")
    assert [bool(WHOLE.match(answer.content)) for answer in (whole, fragment, boosted, restored)] == [
        True,
        False,
        True,
        True,
    ]
    assert b"</html>" not in fragment.content
    for answer in (whole, fragment, boosted, restored):
        assert answer.status_code == 200
        assert "HX-Request" in answer.headers["Vary"], "a cache must not mix page and fragment"


# -- the tenant in every query ---------------------------------------------------------------------------

NAMED = re.compile(
    r'(?:FROM|JOIN|UPDATE)\s+"(?P<table>\w+)"(?:\s+(?:AS\s+)?(?!SET\b|WHERE\b)"?(?P<alias>[A-Z]\d+|[a-z_]+)"?)?'
)


TENANT_COLUMN = r'("?\w+"?)\."?tenant_id"?'
JOINED = re.compile(rf"{TENANT_COLUMN} = \(?{TENANT_COLUMN}")


def without_tenant(sql: str, tables: set[str], tenant_id: int) -> list[str]:
    """Tenant tables in the statement that it does not restrict to the tenant, by a literal or through joins."""
    tied = set(re.findall(rf"{TENANT_COLUMN} = \(?{tenant_id}\b", sql))
    joins = [{left, right} for left, right in JOINED.findall(sql)]
    while reached := [join for join in joins if join & tied and not join <= tied]:
        tied = tied.union(*reached)
    used = [(found["table"], found["alias"] or f'"{found["table"]}"') for found in NAMED.finditer(sql)]
    return [table for table, alias in used if table in tables and alias not in tied]


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        ('SELECT "a"."id" FROM "a" WHERE "a"."tenant_id" = 7', []),
        ('SELECT "a"."id" FROM "a" WHERE "a"."id" = 7', ["a"]),
        ('SELECT "a"."id" FROM "a" WHERE "a"."tenant_id" = (7::bigint)', []),
        ('SELECT 1 FROM "a" WHERE "a"."tenant_id" = 71', ["a"]),
        ('SELECT 1 FROM "a" WHERE "a"."tenant_id" = (71::bigint)', ["a"]),
        ('SELECT 1 FROM "a" LEFT JOIN "b" ON ("a"."b_id" = "b"."id") WHERE "a"."tenant_id" = 7', ["b"]),
        (
            'SELECT 1 FROM "a" JOIN "b" T4 ON ("a"."b_id" = T4."id" AND ("a"."tenant_id" = (T4."tenant_id"))) '
            'WHERE "a"."tenant_id" = 7',
            [],
        ),
        (
            'SELECT 1 FROM "a" WHERE EXISTS(SELECT 1 FROM "b" U0 WHERE U0."x" = "a"."id") AND "a"."tenant_id" = 7',
            ["b"],
        ),
        (
            'SELECT 1 FROM "a" LEFT OUTER JOIN "b" main_b ON ("a"."id" = main_b."a_id" AND '
            '(main_b."tenant_id" = ("a"."tenant_id")) AND main_b."main") WHERE "a"."tenant_id" = 7',
            [],
        ),
        (
            'SELECT 1 FROM "a" LEFT OUTER JOIN "b" main_b ON ("a"."id" = main_b."a_id") '
            'WHERE "a"."tenant_id" = 7',
            ["b"],
        ),
        ('UPDATE "a" SET "x" = 1 WHERE "a"."id" = 3', ["a"]),
        ('SELECT 1 FROM "a" JOIN "b" ON ("a"."tenant_id" = ("b"."tenant_id"))', ["a", "b"]),
    ],
)
def test_the_search_for_untied_tables_finds_them(sql: str, missing: list[str]) -> None:
    assert without_tenant(sql, {"a", "b"}, 7) == missing


@each_page
def test_every_query_of_a_page_names_the_tenant(address: Address, office: Office) -> None:
    """The policy alone would do for safety; for an index, and for one shard instead of all, the literal counts."""
    client, path, tables = office.browsers[Role.OWNER], url(address, office.acme), set(tenant_tables())
    with CaptureQueriesContext(connection) as queries:
        assert visit(client, path).status_code == 200
    untied: list[Any] = [
        (query["sql"], missing)
        for query in queries.captured_queries
        if (missing := without_tenant(query["sql"], tables, office.acme.pk))
    ]
    assert untied == []
