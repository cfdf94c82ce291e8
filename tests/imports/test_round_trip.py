"""Export, change nothing, import: nothing changes, whatever the values are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer
from history.operations import operation
from lists.columns import customer_groups, flatten
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer
from tests.imports.loading import import_customers

People = dict[str, User]
SignIn = Callable[[User], Client]

NAMES = [
    "Ärzte & Söhne, GmbH", 'Say "hi"', "=1+1", "+49 30", "-5", "@home", "'=quoted", "''t Hooft", "00123",
    "日本語株式会社", "🚲 Bikes", "شركة", "NULL Ltd", "N/A Ltd", "NULL", "Null", "n/a", "-",
    "a;b|c\td".replace("\t", " "), "1e5", "TRUE", "#N/A", "#REF!", "4.00638E+12",
]  # fmt: skip


# References that usually count as blank, or are what a spreadsheet makes of others.
WORDS = {3: "NULL", 8: "N/A", 13: "-", 15: "#NAME?", 21: "#N/A", 23: "4.00638E+12"}
BLANK = st.sampled_from(["NULL", "Null", "null", "N/A", "n/a", "-", "#N/A", "#DIV/0!", "4.00638E+12"])


def exported(client: Client, file_format: str) -> bytes:
    columns = list(flatten(customer_groups()))
    answer = client.post(
        "/acme/customers/export/?state=all",
        {"chosen": columns, "format": file_format, "delimiter": ",", "bom": "on"},
    )
    assert answer.status_code == 200
    return answer.content


def assert_unchanged(company: Tenant, by: User, data: bytes) -> None:
    with tenant(company):
        outcome = import_customers(data, by=by, file_name="export")
        assert outcome.errors == []
        assert (outcome.created, outcome.updated, outcome.written) == (0, 0, False), outcome.changes
        assert outcome.unchanged == Customer.objects.count()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_imports_again_without_a_change(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    for number, name in enumerate(NAMES):
        add_customer(
            acme,
            people["manager"],
            name=name,
            reference=WORDS.get(number, f"{number:05}"),
            phone=["+4930123456", "030 / unknown", "-", ""][number % 4],
            kind=["company", "individual"][number % 2],
            website=["https://example.com/?a=1&b=2", ""][number % 2],
            language=["de", "", "pt"][number % 3],
            timezone=["Europe/Berlin", ""][number % 2],
            customer_since=[date(1900, 1, 1), None, date(2025, 4, 3), date(2024, 2, 29)][number % 4],
            employees=[0, None, 1200, 100_000_000][number % 4],
            receive_promotional_emails=bool(number % 3),
        )
    assert_unchanged(acme, people["admin"], exported(signed_in(people["manager"]), file_format))


TEXT = (
    st.text(
        alphabet=st.characters(
            exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufffe\uffff"
        ),
        min_size=1,
        max_size=40,
    )
    | st.from_regex(r"\A'{0,3}[=+@-][a-z0-9(]{0,8}\Z")
    | BLANK
)

SIZES = st.none() | st.integers(0, 100_000_000)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2025, 12, 31))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(TEXT, st.just("R") | BLANK, TEXT, DAYS, SIZES), min_size=1, max_size=8))
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_any_value_survives_the_round_trip(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str, values: list[Any]
) -> None:
    with tenant(acme), operation("delete", by=people["manager"]):
        Customer.objects.all().delete()
    taken: set[str] = set()
    for number, (name, reference, phone, since, employees) in enumerate(values):
        if reference == "R" or reference.casefold() in taken:
            reference = f"R{number}"
        taken.add(reference.casefold())
        if name.strip():
            values_of = {"name": name, "reference": reference, "phone": phone}
            more = {"customer_since": since, "employees": employees}
            add_customer(acme, people["manager"], **values_of, **more)
    with tenant(acme):
        if not Customer.objects.exists():
            return
    assert_unchanged(acme, people["admin"], exported(signed_in(people["manager"]), file_format))


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_customers_that_cannot_be_told_apart_come_back_unchanged(
    acme: Tenant, people: People, signed_in: SignIn, file_format: str
) -> None:
    for name in ("Alder", "Null", "NULL"):
        for phone, email in [("+4930123456", ""), ("", ""), ("-", ""), ("", f"{name}@alder.example")] * 2:
            add_customer(acme, people["manager"], name=name, phone=phone, email=email)
    assert_unchanged(acme, people["admin"], exported(signed_in(people["manager"]), file_format))
