"""Text as people compare and sort it."""

import importlib

import pytest
from django.db import connection

from customers.models import Customer
from marketing.models import Segment
from tenants.context import tenant
from tenants.database import as_owner
from tenants.fields import MARKED, fold
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Luleå", "lulea"),
        ("Wrocław", "wroclaw"),
        ("Øresund", "oresund"),
        ("Ærø", "aero"),
        ("Đorđe", "dorde"),
        ("Straße", "strasse"),
        ("ISTANBUL ıİ", "istanbul ii"),
        ("  a \t b ", "a b"),
        ("O’Connor – „Söhne“", 'o\'connor - "sohne"'),
    ],
)
def test_marks_and_case_and_blanks_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.django_db(transaction=True)
def test_what_was_folded_before_is_brought_up_to_date(acme: Tenant, people: dict[str, User]) -> None:
    name = "".join(MARKED)
    customer = add_customer(acme, people["manager"], name=f"Łódź {name}", email="ø@ærø.example")
    with tenant(acme):
        segment = Segment.objects.get(name_key=fold(str(customer.segment)))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET sort_name = %s, own_words = %s WHERE id = %s",
            [f"łodz {name}", f"łodz {name}\nø@ærø.example", customer.pk],
        )
        cursor.execute("UPDATE marketing_segment SET name_key = 'søren' WHERE id = %s", [segment.pk])
        for app in ("customers", "marketing"):
            migration = importlib.import_module(f"{app}.migrations.0003_unmarked_letters").Migration
            for operation in migration.operations:
                cursor.execute(operation.sql)
    with tenant(acme):
        found = Customer.objects.get(pk=customer.pk)
        assert (found.sort_name, found.own_words) == (customer.sort_name, customer.own_words)
        assert Segment.objects.get(pk=segment.pk).name_key == "soren"


@pytest.mark.django_db(transaction=True)
def test_typesetters_quotes_are_brought_up_to_date(acme: Tenant, people: dict[str, User]) -> None:
    customer = add_customer(acme, people["manager"], name="O’Connor – „Söhne“", email="o@connor.example")
    with as_owner(), connection.schema_editor() as editor:
        editor.execute(
            "UPDATE customers_customer SET sort_name = %s, own_words = %s",
            ["o’connor – „sohne“", "o’connor – „sohne“\no@connor.example"],
        )
        for app, name in (("customers", "0005_plain_marks"), ("contacts", "0007_plain_marks")):
            migration = importlib.import_module(f"{app}.migrations.{name}").Migration
            for operation in migration.operations:
                operation.database_forwards(app, editor, None, None)
    with tenant(acme):
        found = Customer.objects.get(pk=customer.pk)
        assert (found.sort_name, found.own_words) == (customer.sort_name, customer.own_words)
        assert (
            list(Customer.objects.search("o'connor")) == list(Customer.objects.search("O‘CONNOR")) == [found]
        )
