"""Timed imports in a browser: one is added, looked at, and run at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from tenants.models import Tenant, User
from tests.imports.timing import SHEET, timed, work

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
Browse = Callable[[User], Page]
Inspect = Callable[..., None]


@pytest.fixture(autouse=True)
def _places(settings: LazySettings, tmp_path: Path) -> None:
    settings.IMPORT_FOLDERS = {"acme": str(tmp_path)}
    settings.IMPORT_HOSTS = ["files.example.com"]


def test_one_is_added_and_run_at_once(
    acme: Tenant, people: People, browse_as: Browse, inspect: Inspect, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(SHEET)
    page = browse_as(people["admin"])
    page.goto("/acme/imports/timed/")
    inspect(page, "timed-empty")
    page.get_by_role("link", name="New timed import").first.click()
    page.get_by_role("textbox", name="Name").fill("Every night")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a file.")
    inspect(page, "timed-refused")
    expect(page.get_by_label("Web address", exact=True)).to_be_hidden()
    page.get_by_label("A file at a web address").check()
    expect(page.get_by_label("Web address", exact=True)).to_be_visible()
    page.get_by_label("A file that you upload now").check()
    page.get_by_label("CSV or Excel file", exact=True).set_input_files(file)
    page.get_by_label("Every week").check()
    page.get_by_label("Day of the week").select_option("Monday")
    page.locator("[name=time]").fill("03:00")
    inspect(page, "timed-form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("“Every night” is set: Mondays at 3 a.m.")
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("status")).to_contain_text("“Every night” begins.")
    work()
    expect(page.get_by_role("link", name="Done")).to_be_visible()
    timed(acme, people["admin"], name="Later", most_failed=None)
    page.reload()
    inspect(page, "timed-list")


def test_one_is_paused_and_deleted(acme: Tenant, people: People, browse_as: Browse, inspect: Inspect) -> None:
    timed(acme, people["admin"])
    page = browse_as(people["admin"])
    page.goto("/acme/imports/timed/")
    page.get_by_role("button", name="More for Every night").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="More for Every night").click()
    page.get_by_role("link", name="Delete…").click()
    inspect(page, "timed-delete")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing runs by the clock")).to_be_visible()
