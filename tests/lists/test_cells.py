"""The cells of the lists, which are written as HTML without a template that would escape."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.urls import clear_script_prefix, reverse, set_script_prefix, set_urlconf
from django.utils import timezone

from lists.cells import Cell, Writer, day, number
from lists.columns import Column, flatten
from lists.declaration import all_lists
from tenants.addresses import row_address

STRANGE = "<u x='\">&amp;"
IDS = {("customer", "customer"), ("billing_city", "key")}  # column and what stands beside it
COLUMNS = [
    pytest.param(column, id=f"{declared.name}, {column.key}")
    for declared in all_lists()
    for column in flatten(declared.groups()).values()
]


class Read(HTMLParser):
    """The names of tags and attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def inside() -> Iterator[None]:
    """Addresses are those of a company."""
    set_script_prefix("/company-10/")
    set_urlconf(settings.TENANT_URLCONF)
    yield
    set_urlconf(None)
    clear_script_prefix()


@pytest.mark.parametrize("column", COLUMNS)
def test_nothing_breaks_out_of_a_cell(column: Column, inside: None) -> None:
    values: dict[Writer, object] = {day: timezone.now(), number: 1_000}
    value = values.get(column.cell, STRANGE)
    beside = {name: 7 if (column.key, name) in IDS else STRANGE for name in column.beside}
    read = Read(column.cell(Cell(value, beside, 7, STRANGE)))
    assert read.text
    assert not read.names & {"u", "x"}
    if "<" in read.text:
        assert STRANGE.casefold() in read.text.casefold()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_cell_of_nothing_says_so(column: Column, inside: None) -> None:
    """A customer has no primary contact, or no address."""
    if column.card != "name" and column.key != "customer":
        read = Read(column.cell(Cell(None, dict.fromkeys(column.beside), 7)))
        assert read.text in ("", "No")


@pytest.mark.parametrize("name", ["customers:detail", "contacts:customer-tab", "contacts:access"])
def test_a_rows_address_is_what_django_reverses(name: str, inside: None) -> None:
    assert row_address(name, 9_000_000) == reverse(name, args=[9_000_000])
    set_script_prefix("/other-0/")
    assert row_address(name, 20) == reverse(name, args=[20])
