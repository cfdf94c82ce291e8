"""Numbers of an imported file: how they are written is told by all of them, shown, chosen, kept and said."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import html

from customers.models import Customer
from history.operations import operation
from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, asked, begin, check, load, match, text
from tests.imports.test_dates import scheduled, wrong
from tests.imports.test_dates import sheet as dated
from tests.sheets import xlsx

People = dict[str, User]
HEADS = ["Name", "Reference", "Headcount"]
OPEN = ["Every number could be read either way. Look whether this is how they are meant."]


def sheet(*cells: str, heading: str = "Headcount") -> str:
    return dated(*cells, heading=heading)


def workbook(*cells: Any) -> bytes:
    return xlsx(HEADS, *([f"Customer {at}", str(at), cell] for at, cell in enumerate(cells, 1)))


def staff(company: Tenant) -> list[int | None]:
    with tenant(company):
        return list(Customer.objects.order_by("reference").values_list("employees", flat=True))


def choice(client: Client, address: str) -> Any:
    """Of the third column, as the page shows it: the chosen format, how it reads the values, what is said; or None."""
    page = html.fromstring(client.get(f"{address}columns/").content.decode())
    cells = page.xpath("//table//tbody/tr[3]//div[@class='import-format']")
    if not cells:
        return None
    [cell] = cells
    assert cell.get("data-kind") == "number"
    [chosen] = cell.xpath(".//option[@selected]/@value")
    spans = cell.xpath(f".//p[@data-format='{chosen}']/span")
    said = [" ".join(p.text_content().split()) for p in cell.xpath(".//p[@class='import-doubt']")]
    return chosen, [span.text_content() for span in spans], said


def formats(company: Tenant) -> dict[int, str]:
    with tenant(company):
        return ImportRun.objects.latest("pk").decided.formats


def write_as(company: Tenant, language: str, by: User) -> None:
    with tenant(company), operation("settings", by=by):
        company.language = language
        company.save()


@pytest.mark.parametrize(
    ("cells", "written", "numbers"),
    [
        (["1,234", "12,345,678", "7"], "point", [1234, 12345678, 7]),
        (["1.234", "12.345.678", "7"], "comma", [1234, 12345678, 7]),
        (["1.234", "50,0"], "comma", [1234, 50]),
        (["1 234", "1\u00a0234\u202f567", "7"], "space", [1234, 1234567, 7]),
        (["1'234", "1’234’567"], "apostrophe", [1234, 1234567]),
        (["12,34,567", "1,234"], "point", [1234567, 1234]),
    ],
)
def test_one_value_says_how_all_are_written(
    acme: Tenant, manager: Client, cells: list[str], written: str, numbers: list[int]
) -> None:
    data = sheet(*cells)
    shown = [f"{cell} → {number}" for cell, number in zip(cells, numbers, strict=True)]
    assert choice(manager, begin(manager, data)) == (written, shown, [])
    load(manager, data)
    assert (staff(acme), formats(acme)) == (numbers, {2: written})


def test_of_plain_numbers_nothing_is_asked_or_said(acme: Tenant, manager: Client) -> None:
    data = sheet("1234", " 12 ", "0", "00012", "3.0")
    assert choice(manager, begin(manager, data)) is None
    report = load(manager, data)
    assert (staff(acme), formats(acme)) == ([1234, 12, 0, 12, 3], {})
    assert "grouped" not in text(report)


def test_numbers_of_a_workbook_leave_nothing_open(acme: Tenant, manager: Client) -> None:
    data = workbook(1234, 7.0, 1_000_000, "12")
    assert choice(manager, begin(manager, data, "customers.xlsx")) is None
    load(manager, data, "customers.xlsx")
    assert staff(acme) == [1234, 7, 1_000_000, 12]


@pytest.mark.parametrize("written", ["point", "comma", "space", "apostrophe"])
def test_numbers_and_texts_in_one_column_of_a_workbook_are_read_alike(
    acme: Tenant, manager: Client, written: str
) -> None:
    example = {"point": "1,234,567", "comma": "1.234.567", "space": "1 234 567", "apostrophe": "1'234'567"}
    load(manager, workbook(1234, example[written], 5), "customers.xlsx")
    assert (staff(acme), formats(acme)) == ([1234, 1234567, 5], {2: written})


def test_where_nothing_tells_it_is_said_and_whole_numbers_are_proposed(
    acme: Tenant, manager: Client, people: People
) -> None:
    for cell, written in [("1,234", "point"), ("1.234", "comma")]:
        for language in ("en", "de"):
            write_as(acme, language, people["manager"])
            assert choice(manager, begin(manager, sheet(cell))) == (written, [f"{cell} → 1234"], OPEN)
    write_as(acme, "en", people["manager"])
    plan = check(manager, sheet("1.234", "1.500", "12"))
    said = "“Headcount” is read as point-grouped (1.234,56). 2 of 3 numbers could be read either way."
    assert said in text(plan)


def test_another_format_can_be_chosen_and_is_how_the_values_are_read(acme: Tenant, manager: Client) -> None:
    plan = check(manager, sheet("1,234", "12"), format_2="comma")
    assert wrong(plan, acme) == [
        (
            2,
            "employees",
            "1,234",
            "“1,234” is 1.234. A whole number is needed, or another format for this column.",
        ),
    ]
    assert choice(manager, address_of(plan))[:2] == ("comma", ["1,234 → 1.234, no whole number", "12 → 12"])


def test_a_value_that_does_not_fit_is_an_error_of_its_row(acme: Tenant, manager: Client) -> None:
    cells = [
        "1,234,567",
        "2,345",
        "1.234,5",
        "1,23",
        "51-200",
        "1,000+",
        "12.5",
        "-3",
        "200,000,000",
        "many",
        "$5",
    ]
    plan = check(manager, sheet(*cells))
    advice = "Write it so, or choose another format for this column."
    one, like = "is no single number. Write one, such as 250.", f"is no number like 1,234.56. {advice}"
    assert wrong(plan, acme) == [
        (4, "employees", "1.234,5", f"“1.234,5” {like}"),
        (5, "employees", "1,23", f"“1,23” {like}"),
        (6, "employees", "51-200", f"“51-200” {one}"),
        (7, "employees", "1,000+", f"“1,000+” {one}"),
        (8, "employees", "12.5", "“12.5” is 12.5. A whole number is needed."),
        (9, "employees", "-3", "“-3” is -3. Give 0 or more."),
        (10, "employees", "200,000,000", "“200,000,000” is 200000000. Give 100,000,000 or less."),
        (11, "employees", "many", f"“many” {like}"),
        (12, "employees", "$5", f"“$5” {like}"),
    ]


def test_a_format_that_there_is_not_is_refused(acme: Tenant, manager: Client) -> None:
    refused = match(manager, begin(manager, sheet("1,234")), format_2="points")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["format_2"]


def test_a_column_that_looks_like_numbers_to_be_told_apart_is_asked_whatever_it_is_called(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, sheet("1,234", "12", "-", heading="Heads"))
    assert "format_2" in asked(manager, address)
    match(manager, address, column_2="employees", format_2="point")
    assert "“Heads” is read as comma-grouped" in text(manager.get(address))


@pytest.mark.parametrize(
    "cells", [["12345", "01067"], ["20240305", "20231231"], ["030 12 34"], ["31.12.2024"]]
)
def test_a_column_that_is_none_of_numbers_is_not_asked_how_they_are_written(
    acme: Tenant, manager: Client, cells: list[str]
) -> None:
    page = manager.get(f"{begin(manager, sheet(*cells, heading='Whatever'))}columns/").content.decode()
    assert "Numbers are written as" not in page


def test_a_column_of_dates_made_one_of_numbers_on_the_page_is_read_as_its_values_tell(
    acme: Tenant, manager: Client
) -> None:
    """The choice of the format of dates goes along, which nobody sees any longer."""
    data = sheet("03/04/2025", "04/05/2024", "1.234.567", heading="Whenever")
    address = begin(manager, data)
    assert asked(manager, address)["format_2"] == "mdy"
    assert match(manager, address, column_2="employees", format_2="mdy").status_code == 302
    assert formats(acme) == {2: "comma"}
    assert match(manager, address, column_2="customer_since", format_2="comma").status_code == 302
    assert formats(acme) == {2: "mdy"}


def test_the_format_is_remembered_for_the_next_file_like_it(acme: Tenant, manager: Client) -> None:
    check(manager, sheet("1,234"), format_2="space")
    assert choice(manager, begin(manager, sheet("5,678")))[0] == "space"


def test_a_file_of_plain_numbers_does_not_make_it_forget_the_format(acme: Tenant, manager: Client) -> None:
    check(manager, sheet("1.234"), format_2="comma")
    plan = check(manager, sheet("12", "5000"))
    assert (formats(acme), wrong(plan, acme)) == ({2: "comma"}, [])
    assert choice(manager, begin(manager, sheet("5.678")))[0] == "comma"


@pytest.mark.parametrize("cells", [["1,234,567"], ["1.234", "1,234.5", "12,345,678"]])
def test_a_remembered_format_in_which_the_values_are_not_written_is_given_up_and_that_is_said(
    acme: Tenant, manager: Client, cells: list[str]
) -> None:
    check(manager, sheet("1.234.567"))
    chosen, _, said = choice(manager, begin(manager, sheet(*cells)))
    assert chosen == "point"
    assert said == ["Last time it was point-grouped, which these values are not."]


def test_a_remembered_format_in_which_the_values_could_be_read_is_said_to_be_another(
    acme: Tenant, manager: Client
) -> None:
    check(manager, sheet("1.234.567"))
    address = begin(manager, workbook(1.234, "2.345", 1234), "customers.xlsx")
    _, _, said = choice(manager, address)
    assert said == ["Last time it was point-grouped; these values tell that they are comma-grouped."]


def test_of_a_column_without_values_no_format_is_said(acme: Tenant, manager: Client) -> None:
    assert "is read as" in text(check(manager, sheet("1.234.567")))
    for cells in (["", ""], ["N/A", " null"]):
        assert "is read as" not in text(check(manager, sheet(*cells)))
        assert formats(acme) == {2: "comma"}, "it is remembered all the same"


def test_words_that_count_as_empty_are_no_values_to_be_read(acme: Tenant, manager: Client) -> None:
    data = sheet("N/A", "1.234.567", "n/a", "0", "none", "-")
    _, shown, _ = choice(manager, begin(manager, data))
    assert shown == ["1.234.567 → 1234567", "0 → 0", "none → no number", "2 of 3 values can be read so"]
    check(manager, data, blank_words="N/A, None, -")
    _, shown, _ = choice(manager, begin(manager, data))
    assert shown == ["1.234.567 → 1234567", "0 → 0"]


def test_what_was_read_before_columns_told_of_numbers_can_still_be_matched(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, sheet("1,234", "12"))
    with tenant(acme):
        run = ImportRun.objects.get()
        assert run.found
        for profile in run.found["profiles"]:
            del profile["numbers"]
        run.save()
    assert choice(manager, address) is None
    assert match(manager, address).status_code == 302
    assert wrong(manager.get(address), acme) == []


def test_numbers_that_are_there_already_change_nothing_however_they_are_written(
    acme: Tenant, manager: Client
) -> None:
    load(manager, sheet("1234567", "12"))
    for cells in [["1.234.567", "12"], ["1,234,567", "12.0"], ["1 234 567,00", "12"]]:
        assert check(manager, sheet(*cells)).context["plan"].counts["unchanged"] == 2


def test_an_empty_cell_keeps_the_number_or_empties_it_as_chosen(acme: Tenant, manager: Client) -> None:
    load(manager, sheet("0"))
    load(manager, sheet(""))
    assert staff(acme) == [0]
    load(manager, sheet(""), blanks="clear")
    assert staff(acme) == [None]


@pytest.mark.parametrize(
    "heading",
    [
        "Employees",
        "Number of employees",
        "No. of employees",
        "Employee count",
        "Company size",
        "STAFF",
        "Mitarbeiter",
    ],
)
def test_other_words_for_employees_are_known(acme: Tenant, manager: Client, heading: str) -> None:
    assert asked(manager, begin(manager, sheet("12", heading=heading)))["column_2"] == "employees"


def test_how_numbers_are_read_is_told_with_the_format_of_the_file(acme: Tenant, manager: Client) -> None:
    page = text(manager.get("/acme/imports/format/"))
    assert "Employees number of employees" in page
    assert "Numbers are read in one format for the whole column too: comma-grouped (1,234.56)" in page
    assert "Numbers are read" not in text(manager.get("/acme/imports/format/?subject=contacts"))


# By the clock


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_reads_numbers_as_its_values_tell(acme: Tenant, people: People) -> None:
    run = scheduled(acme, people["manager"], sheet("1.234", "1.234.567"))
    assert (run.stage, staff(acme)) == ("done", [1234, 1234567])


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_waits_where_nobody_has_said_how_numbers_are_written(
    acme: Tenant, people: People
) -> None:
    run = scheduled(acme, people["manager"], sheet("1.234", "12"))
    assert run.held == "“Headcount”: 1 of 2 numbers could be read either way. Say how they are written."
    assert staff(acme) == []


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_reads_numbers_as_was_chosen(acme: Tenant, people: People) -> None:
    run = scheduled(acme, people["manager"], sheet("1.234"), formats={"Headcount": "comma"})
    assert (run.held, staff(acme)) == ("", [1234])


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_waits_where_numbers_are_written_otherwise_than_was_chosen(
    acme: Tenant, people: People
) -> None:
    run = scheduled(acme, people["manager"], sheet("1.234,0", "12"), formats={"Headcount": "point"})
    assert run.held == "“Headcount”: the numbers are not written as comma-grouped any longer."
    assert staff(acme) == []
