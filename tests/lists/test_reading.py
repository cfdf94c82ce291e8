"""Rows as the database hands them over for a file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast
from django.utils import timezone

from lists.columns import Column
from lists.exports import line_pieces, pieces
from lists.models import Export
from lists.reading import csv_lines
from tenants.models import Tenant
from tests.lists.test_exports import HOSTILE

MOMENT = datetime(2026, 5, 17, 21, 30, 15, 999_999, tzinfo=UTC)
NUMBER = models.DecimalField(max_digits=9, decimal_places=2)
OTHERS: list[tuple[Any, models.Field[Any, Any]]] = [
    (True, models.BooleanField()),
    (False, models.BooleanField()),
    (MOMENT, models.DateTimeField()),
    (date(812, 1, 1), models.DateField()),
    (-7, models.IntegerField()),
    (Decimal("-1.50"), NUMBER),
    (0.5, models.FloatField()),
    ("", models.TextField()),
]


def files(
    company: Tenant, delimiter: str, *values: tuple[Any, models.Field[Any, Any]]
) -> tuple[bytes, bytes]:
    """The file of one row with these values as the database makes it, and as we do."""
    layout = Export(format="csv", delimiter=delimiter)
    columns = [Column(key=f"a{n}", label=f"A {n}", expression="") for n, _ in enumerate(values)]
    asked = {f"a{n}": Cast(Value(value), of) for n, (value, of) in enumerate(values)}
    rows = Tenant.objects.filter(pk=company.pk).annotate(**asked).values_list(*asked)
    ours = pieces(layout, columns, [[tuple(value for value, _ in values)]], "Customers")
    return b"".join(line_pieces(layout, columns, csv_lines(rows, delimiter))), b"".join(ours)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text", [*HOSTILE, "", "'t Hooft", "''=1", "\n=1", "\r", '"', "\\.", "\\N", "a\tb", "%s {0}"]
)
def test_the_database_writes_every_text_as_we_do(acme: Tenant, text: str, delimiter: str) -> None:
    field = models.TextField()
    made, ours = files(acme, delimiter, (text, field), ("x", field), (None, field))
    assert made == ours


def test_a_line_of_nothing_is_a_row(acme: Tenant) -> None:
    for nothing in ("", None):
        made, ours = files(acme, ",", (nothing, models.TextField()))
        assert made == ours
        assert made.endswith(b'\r\n""\r\n')


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "UTC"])
def test_the_database_writes_every_type_as_we_do(acme: Tenant, zone: str) -> None:
    with timezone.override(zone):
        made, ours = files(acme, ",", *OTHERS, *((None, of) for _, of in OTHERS))
    assert made == ours
    assert b"yes,no,2026-05-1" in made
