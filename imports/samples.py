"""The sample file: a heading for every column that somebody may import, and one example row, which an import
recognises and leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imports.fields import Field, importable_columns
from imports.models import ImportRun
from lists.columns import Column
from lists.exports import csv_pieces
from lists.xlsx_writer import xlsx_pieces
from tenants.models import Tenant, User

REQUIRED = " *"  # behind a heading; it makes no difference to what the heading means
EXAMPLE = "This is the sample’s example row; it is left out."
# One of them is as in the example: a customer may well be called like it.
TELLING = ("reference", "email", "customer_reference")
# What samples said that were downloaded before; they are recognised all the same.
EARLIER = {
    "contact_job_title": "Buyer",
    "contact_relation": "employee",
    "job_title": "Buyer",
    "relation": "employee",
}
Subject = ImportRun.Subject


def is_required(column: Column, company: Tenant, subject: str = Subject.CUSTOMERS) -> bool:
    """Whether every new customer must have it, by itself or as the company decided; or whatever a row is."""
    is_own = subject == Subject.CUSTOMERS and column.attribute == column.key
    return column.mandatory or (is_own and column.key in company.mandatory_fields)


def sample_file(kind: str, user: User, company: Tenant, subject: str = Subject.CUSTOMERS) -> bytes:
    """`kind` is csv or xlsx."""
    columns = importable_columns(user, subject)
    heads = [f"{one.label}{REQUIRED if is_required(one, company, subject) else ''}" for one in columns]
    rows = [[tuple(one.example for one in columns)]]
    if kind == "xlsx":
        return b"".join(xlsx_pieces(heads, rows, Subject(subject).label))
    return b"".join(csv_pieces(heads, rows, bom=True))


def examples_in(cells: Mapping[str, Sequence[str]], fields: Mapping[str, Field]) -> Iterator[int]:
    """Which rows are the example. `cells` are theirs by column key, of whom each says something or ''."""
    found = {
        at
        for key in TELLING
        for at, cell in enumerate(cells.get(key, ()))
        if cell and _is_like(cell, fields[key])
    }
    for at in sorted(found):
        if all(_is_like(column[at], fields[key]) for key, column in cells.items() if column[at]):
            yield at


def _is_like(cell: str, field: Field) -> bool:
    examples = (field.column.example, EARLIER.get(field.key, ""))
    return any(example and field.widget.is_same(cell, example) for example in examples)
