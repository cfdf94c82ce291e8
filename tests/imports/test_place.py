"""Where the rows are in the file: in which sheet, below which row. People say so where it was not found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from lxml import html

from customers.models import Customer
from imports.models import PlanRow, Schedule
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import approve, begin, match, only_run, text
from tests.sheets import xlsx

TITLED = "Customers of the north\nas of May\nName,City\nAlder,Oslo\nBirch,Bergen\n"
BOOK = xlsx(["Name"], ["Alder"], ["Firma"], ["Birch"], ["Cedar"], Old=[["Name"], ["Dogwood"]])


def place(client: Client, address: str, **sent: str) -> Any:
    return client.post(f"{address}place/", sent, follow=True)


def shown(client: Client, address: str) -> dict[str, Any]:
    """What the page says of the place."""
    page = html.fromstring(client.get(f"{address}columns/").content.decode())
    (form,) = page.xpath("//form[contains(@action, '/place/')]")
    return dict(form.form_values())


def headings(company: Tenant) -> list[str]:
    return only_run(company).headings


def names(company: Tenant) -> set[str]:
    with tenant(company):
        return set(Customer.objects.values_list("name", flat=True))


def test_another_row_is_the_heading(acme: Tenant, manager: Client) -> None:
    address = begin(manager, TITLED)
    assert (headings(acme), shown(manager, address)["heading"]) == (["Customers of the north"], "1")
    page = place(manager, address, heading="3")
    assert "Row 3 was read as the heading, as you chose. What stands above it was not read." in text(page)
    assert (headings(acme), shown(manager, address)["heading"]) == (["Name", "City"], "3")
    match(manager, address)
    plan = manager.get(address)
    assert plan.context["plan"].counts["create"] == 2
    with tenant(acme):
        assert list(PlanRow.objects.values_list("number", flat=True)) == [4, 5]
    approve(manager, plan)
    assert names(acme) == {"Alder", "Birch"}
    again = manager.post(f"{address}again/", follow=True)
    assert again.context["run"].headings == ["Name", "City"]
    assert again.context["plan"].counts["unchanged"] == 2


def test_another_sheet_and_another_row_of_it(acme: Tenant, manager: Client) -> None:
    address = begin(manager, BOOK, "book.xlsx")
    assert shown(manager, address) | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "", "sheet": "Sheet", "heading": "1"
    }  # fmt: skip
    place(manager, address, sheet="Sheet", heading="3")
    assert headings(acme) == ["Firma"]
    place(manager, address, sheet="Old", heading="3")  # the row was that of the sheet before
    assert (headings(acme), only_run(acme).decided.place) == (["Name"], {"sheet": "Old", "heading": 0})
    place(manager, address, sheet="Sheet", heading="")  # to be found out
    assert (headings(acme), only_run(acme).decided.heading) == (["Name"], 0)


def test_columns_of_another_sheet_are_not_matched_by_who_has_seen_those_of_the_one_before(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, BOOK, "book.xlsx")
    page = html.fromstring(manager.get(f"{address}columns/").content.decode())
    (form,) = page.xpath("//form[@class='import-match']")
    place(manager, address, sheet="Old")
    answer = manager.post(f"{address}columns/", dict(form.form_values()), follow=True)
    assert "The file was read again meanwhile. Look at its columns." in text(answer)
    assert only_run(acme).stage == "matching"
    (form,) = html.fromstring(answer.content.decode()).xpath("//form[@class='import-match']")
    assert manager.post(f"{address}columns/", dict(form.form_values())).headers["Location"] == address


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"heading": "9"}, "No row holds anything from row 9 on."),
        ({"heading": "5"}, "The file holds a heading and no rows."),
        ({"heading": "-1"}, "“-1” is no row. Say which row is the heading by its number."),
        ({"heading": "three"}, "“three” is no row."),
        ({"heading": "1048577"}, "“1048577” is no row."),
        ({"sheet": "Old", "heading": "1"}, "The file has no such sheet."),
    ],
)
def test_what_there_is_not_is_refused_and_all_stays(
    acme: Tenant, manager: Client, sent: dict[str, str], words: str
) -> None:
    address = begin(manager, TITLED)
    place(manager, address, heading="3")
    assert words in text(place(manager, address, **sent))
    assert (headings(acme), shown(manager, address)["heading"]) == (["Name", "City"], "3")
    assert match(manager, address).status_code == 302


def test_a_timed_import_reads_from_where_its_example_did(
    acme: Tenant, people: dict[str, User], manager: Client
) -> None:
    address = begin(manager, TITLED)
    place(manager, address, heading="3")
    plan = manager.get(match(manager, address).headers["Location"])
    run = plan.context["run"]
    new = "/acme/imports/timed/new/"
    form = manager.get(f"{new}?like={run.pk}").context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent |= {"time": "03:00"}

    def send(content: str) -> Any:
        return manager.post(new, {**sent, "upload": SimpleUploadedFile("june.csv", content.encode())})

    refused = send("Name,City\nAlder,Oslo\n")
    assert "No row holds anything from row 3 on." in text(refused), refused.context["form"].errors
    saved = send(TITLED.replace("May", "June"))
    assert saved.status_code == 302, text(saved)
    with tenant(acme):
        assert Schedule.objects.get().decided.heading == 3


def test_the_command_is_told(
    acme: Tenant, people: dict[str, User], tmp_path: Path, capsys: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    file = tmp_path / "north.csv"
    file.write_text(TITLED)
    command = ("import_customers", str(file), "--tenant=acme", "--json")
    with pytest.raises(CommandError, match="with --heading-row which row is the heading"):
        call_command(*command, "--yes")
    capsys.readouterr()
    with pytest.raises(CommandError, match="“0” is no row"):
        call_command(*command, "--yes", "--heading-row=0")
    call_command(*command, "--yes", "--heading-row=3")
    assert json.loads(capsys.readouterr().out)["created"] == 2
    assert names(acme) == {"Alder", "Birch"}
