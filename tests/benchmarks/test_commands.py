"""What the benchmark measures, and that it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from benchmarks.asking import Visitor
from benchmarks.bulk import measure_bulk
from benchmarks.exports import measure_exports
from benchmarks.filling import SMALL, Sizes
from benchmarks.imports import measure_imports, measure_one
from benchmarks.lists import measure_lists
from benchmarks.machine import describe
from benchmarks.pages import measure_pages
from benchmarks.plans import explain_lists
from benchmarks.rendering import measure_rendering
from benchmarks.requests import NoValue, filter_values, requests
from customers.models import Customer
from lists.declaration import list_named
from lists.models import Layout

pytestmark = pytest.mark.usefixtures("filled")


def test_every_filter_and_every_order_of_the_lists_is_asked_for(filled: Sizes) -> None:
    few, big = (Visitor.of(slug) for slug in ("few", "big"))
    found = requests(big)
    assert [request.name for request in requests(few)] == [request.name for request in found]
    named = {(one.list, name) for one in found for name in one.query.replace("&", "=").split("=")[::2]}
    sorted_by = {(one.list, part) for one in found for part in one.query.split("&") if "sort" in part}
    with big.inside():
        for listed in ("customers", "contacts"):
            declaration = list_named(listed)
            assert declaration
            assert set(declaration.all_filters(big.user)) <= {name for at, name in named if at == listed}
            keys = [column.key for column in declaration.columns(big.user).values() if column.order]
            wanted = {(listed, f"sort={sign}{key}") for key in keys for sign in ("", "-")}
            assert wanted <= sorted_by


def test_a_filter_that_has_no_value_is_named() -> None:
    declaration = list_named("customers")
    assert declaration
    with pytest.raises(NoValue, match=r"benchmarks/requests\.py gives no value: balance"):
        filter_values(declaration, ["name", "balance"])


def test_the_figures_are_printed_and_written(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "figures.json"
    found = measure_lists(said.append, only="customers: sort name", repeats=2, file=file)
    assert [one.name for one in found] == [
        "customers: sort name",
        "customers: sort name, 100 pages on",
        "customers: sort name, last page",
    ]
    assert sum(line.startswith("| customers: sort name") for line in said) == 3
    written = json.loads(file.read_text())
    assert all(0 < figures["sql"] < figures["big"] and figures["queries"] > 3 for figures in written)
    assert [figures["rows"] for figures in written[:2]] == [[50, 50], [50, 50]]


def test_plans_rendering_and_other_pages_are_printed() -> None:
    said: list[str] = []
    assert explain_lists(said.append, only="contacts: as it opens", show=True) == 0
    assert "Execution Time" in "".join(said)
    assert all(0 < seconds < 5 for seconds in measure_rendering(said.append, repeats=2))
    assert sum(" rows × " in line for line in said) == 2
    assert all(page.queries > 1 for page in measure_pages(said.append, repeats=1).values())
    assert "few 100, big 200" in "\n".join(describe())


def test_a_bulk_edit_and_its_undo_leave_every_row_as_it_was() -> None:
    big = Visitor.of("big")
    with big.inside():
        before = dict(Customer.objects.values_list("pk", "status_id"))
    said: list[str] = []
    assert all(ratio > 0 for ratio in measure_bulk(said.append, rows=60, rounds=1).values())
    assert sum(line.startswith(("| bulk edit | 60", "| bulk undo | 60")) for line in said) == 2
    with big.inside():
        assert dict(Customer.objects.values_list("pk", "status_id")) == before


def test_an_export_is_written_by_a_process_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    said: list[str] = []
    found = measure_exports(said.append, rows=1_000_000, formats=(Layout.Format.CSV,))
    assert [(one.format.value, one.rows) for one in found] == [("csv", 200)]
    assert all(one.bytes > 1_000 and 0 < one.cost.idle <= one.cost.peak for one in found)
    assert sum(line.startswith("| CSV | 200 |") for line in said) == 1
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_an_import_is_measured_and_leaves_no_customer(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    told: list[str] = []
    with Visitor.of(SMALL).inside():
        before = list(Customer.objects.order_by("pk").values_list("pk", "name"))
    measured = measure_imports(told.append, rows=20)
    assert set(measured) == {"plan and run", "faster than stock"}
    measure_one(told.append, rows=20)
    assert "| new: plan and run |" in "\n".join(told)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    with Visitor.of(SMALL).inside():
        assert list(Customer.objects.order_by("pk").values_list("pk", "name")) == before
