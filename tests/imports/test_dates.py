"""Dates of an imported file: how they are written is told by all of them, shown, chosen, kept and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from customers.models import Customer
from history.operations import operation
from imports.models import ImportRun, Matching, PlanRow, Schedule
from imports.timed import choices_for
from lists.dates import told_plainly
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.pages import address_of, asked, begin, check, load, match, text
from tests.imports.timing import night, timed
from tests.sheets import xlsx

People = dict[str, User]


def sheet(*cells: str, heading: str = "Customer since") -> str:
    rows = [f'"Customer {number}",{number},"{cell}"' for number, cell in enumerate(cells, 1)]
    return "\n".join([f"Name,Reference,{heading}", *rows, ""])


def since(company: Tenant) -> list[str | None]:
    with tenant(company):
        days = Customer.objects.order_by("reference").values_list("customer_since", flat=True)
        return [day.isoformat() if day else None for day in days]


def choice(client: Client, address: str) -> Any:
    """Of the third column, as the page shows it: the chosen format, how it reads the values, what is said."""
    page = html.fromstring(client.get(f"{address}columns/").content.decode())
    [cell] = page.xpath("//table//tbody/tr[3]//div[@class='import-format']")
    [chosen] = cell.xpath(".//option[@selected]/@value")
    spans = cell.xpath(f".//p[@data-format='{chosen}']/span")
    said = [" ".join(p.text_content().split()) for p in cell.xpath(".//p[@class='import-doubt']")]
    return chosen, [span.text_content() for span in spans], said


def write_as(company: Tenant, language: str, by: User) -> None:
    with tenant(company), operation("settings", by=by):
        company.language = language
        company.save()


def wrong(plan: Any, company: Tenant) -> list[tuple[int, str, str, str]]:
    """Row, column, value and what is wrong."""
    with tenant(company):
        rows = PlanRow.objects.filter(run=plan.context["run"], action="error").order_by("number")
        return [(row.number, *row.problems[0]) for row in rows]


def test_a_day_over_twelve_says_that_all_days_stand_first(acme: Tenant, manager: Client) -> None:
    data = sheet("03/04/2025", "31/12/2024")
    shown = choice(manager, begin(manager, data))
    assert shown == ("dmy", ["03/04/2025 → 3 Apr 2025", "31/12/2024 → 31 Dec 2024"], [])
    load(manager, data)
    assert since(acme) == ["2025-04-03", "2024-12-31"]


def test_where_nothing_tells_the_companys_order_is_taken_and_said(
    acme: Tenant, manager: Client, people: People
) -> None:
    data = sheet("03/04/2025", "05/06/2024")
    doubt = ["Every date could be read either way. Look whether this is how they are meant."]
    assert choice(manager, begin(manager, data)) == (
        "mdy",
        ["03/04/2025 → 4 Mar 2025", "05/06/2024 → 6 May 2024"],
        doubt,
    )
    write_as(acme, "en-gb", people["manager"])
    address = begin(manager, data)
    assert choice(manager, address)[0] == "dmy"
    match(manager, address)
    said = "“Customer since” is read as day/month/year (31/12/2024). Every date could be read either way."
    assert said in text(manager.get(address))


def test_dates_with_dots_are_proposed_day_first_in_america_too(acme: Tenant, manager: Client) -> None:
    chosen, values, said = choice(manager, begin(manager, sheet("03.04.2025", "05.06.2024")))
    assert (chosen, values[0]) == ("dmy", "03.04.2025 → 3 Apr 2025")
    assert said == ["Every date could be read either way. Look whether this is how they are meant."]


def test_eight_digits_are_read_as_a_date_where_the_whole_column_has_them(
    acme: Tenant, manager: Client
) -> None:
    data = sheet("20240305", "20231231")
    shown = choice(manager, begin(manager, data))
    assert shown == ("compact", ["20240305 → 5 Mar 2024", "20231231 → 31 Dec 2023"], [])
    report = load(manager, data)
    assert since(acme) == ["2024-03-05", "2023-12-31"]
    assert "“Customer since” Read as yearmonthday (20241231)" in text(report)


def test_of_cells_that_are_dates_it_is_not_said_that_they_may_be_others(
    acme: Tenant, manager: Client
) -> None:
    rows: list[list[Any]] = [["Alder", "1", date(2024, 4, 3)], ["Birch", "2", "05/06/2024"]]
    data = xlsx(["Name", "Reference", "Customer since"], *rows)
    *_, said = choice(manager, begin(manager, data, "customers.xlsx"))
    assert said == ["1 of 2 dates could be read either way. Look whether this is how they are meant."]


def test_another_format_can_be_chosen_and_is_what_is_done(acme: Tenant, manager: Client) -> None:
    report = load(manager, sheet("03/04/2025"), format_2="dmy")
    assert since(acme) == ["2025-04-03"]
    assert "“Customer since” Read as day/month/year (31/12/2024)" in text(report)
    with tenant(acme):
        assert ImportRun.objects.get().decided.formats == {2: "dmy"}


def test_the_choice_is_there_again_after_the_check(acme: Tenant, manager: Client) -> None:
    plan = check(manager, sheet("03/04/2025"), format_2="dmy")
    assert choice(manager, address_of(plan))[0] == "dmy"


def test_a_format_that_there_is_not_is_refused(acme: Tenant, manager: Client) -> None:
    refused = match(manager, begin(manager, sheet("03/04/2025")), format_2="dym")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["format_2"]


def test_years_that_stand_first_are_read_so(acme: Tenant, manager: Client) -> None:
    load(manager, sheet("2024-01-02", "2023-12-31 00:00:00", "5 Feb 2020"))
    assert since(acme) == ["2024-01-02", "2023-12-31", "2020-02-05"]


def test_a_date_that_does_not_fit_is_an_error_of_its_row(acme: Tenant, manager: Client) -> None:
    plan = check(manager, sheet("31/12/2024", "12/31/2024", "31/31/2024", "30/11/2024"))
    advice = (
        "is no date as day/month/year. Write it like 31/12/2024, or choose another format for this column."
    )
    assert wrong(plan, acme) == [
        (3, "customer_since", "12/31/2024", f"“12/31/2024” {advice}"),
        (4, "customer_since", "31/31/2024", f"“31/31/2024” {advice}"),
    ]
    assert choice(manager, address_of(plan))[1][-1] == "2 of 4 values can be read so"


def test_days_to_come_and_days_before_1900_are_errors(acme: Tenant, manager: Client) -> None:
    with tenant(acme):
        tomorrow = timezone.localdate() + timedelta(days=1)
    plan = check(manager, sheet("1899-12-31", "1900-01-01", tomorrow.isoformat()))
    assert [(number, message) for number, _, _, message in wrong(plan, acme)] == [
        (2, "“1899-12-31” is 31 Dec 1899. This is before 1900. Give a later day."),
        (
            4,
            f"“{tomorrow}” is {told_plainly(tomorrow)}. This day is still to come. Give today or an earlier one.",
        ),
    ]


def test_a_column_that_looks_like_dates_is_asked_for_its_format_whatever_it_is_called(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, sheet("03/04/2025", "05/06/2024", "-", heading="Whenever"))
    assert "format_2" in asked(manager, address)
    match(manager, address, column_2="customer_since", format_2="dmy")
    assert "“Whenever” is read as day/month/year" in text(manager.get(address))


def test_other_columns_are_not_asked_for_a_format(acme: Tenant, manager: Client) -> None:
    address = begin(manager, "Name,Phone,Note\nAlder,030 12 34,12 Main Street\n")
    assert not [name for name in asked(manager, address) if name.startswith("format_")]


def test_a_column_made_one_of_dates_on_the_page_is_read_as_its_values_tell(
    acme: Tenant, manager: Client
) -> None:
    data = sheet("31/12/2024", *["unknown"] * 3, heading="Whenever")
    address = begin(manager, data)
    assert "format_2" not in asked(manager, address)
    match(manager, address, column_2="customer_since")
    with tenant(acme):
        assert ImportRun.objects.get().decided.formats == {2: "dmy"}


def test_a_format_of_a_column_that_is_left_out_is_not_kept(acme: Tenant, manager: Client) -> None:
    match(manager, begin(manager, sheet("03/04/2025")), column_2="", format_2="dmy")
    with tenant(acme):
        assert ImportRun.objects.get().decided.formats == {}


def test_the_format_is_remembered_for_the_next_file_like_it(acme: Tenant, manager: Client) -> None:
    check(manager, sheet("03/04/2025"), format_2="dmy")
    assert choice(manager, begin(manager, sheet("05/06/2024")))[0] == "dmy"


@pytest.mark.parametrize("cells", [["12/31/2024"], ["05/06/2024", "12/31/2024"]])
def test_a_remembered_format_in_which_the_values_are_not_written_is_given_up_and_that_is_said(
    acme: Tenant, manager: Client, cells: list[str]
) -> None:
    check(manager, sheet("31/12/2024"))
    chosen, _, said = choice(manager, begin(manager, sheet(*cells)))
    assert chosen == "mdy"
    assert said == ["Last time it was day/month/year, which these values are not."]


def test_what_was_decided_before_there_were_formats_is_still_understood(
    acme: Tenant, manager: Client
) -> None:
    check(manager, sheet("31/12/2024"))
    with tenant(acme):
        [kept] = Matching.objects.all()
        del kept.choices["formats"]
        kept.save()
    assert choice(manager, begin(manager, sheet("31/12/2024")))[0] == "dmy"


def test_what_was_read_before_columns_told_of_dates_can_still_be_matched(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, sheet("31/12/2024"))
    with tenant(acme):
        run = ImportRun.objects.get()
        assert run.found
        for profile in run.found["profiles"]:
            del profile["dates"]
        run.save()
    assert choice(manager, address)[0] == "mdy"
    assert match(manager, address, format_2="dmy").status_code == 302


def test_what_was_told_of_dates_before_there_were_more_formats_can_still_be_matched(
    acme: Tenant, manager: Client
) -> None:
    address = begin(manager, sheet("31/12/2024"))
    with tenant(acme):
        run = ImportRun.objects.get()
        assert run.found
        for profile in run.found["profiles"]:
            del profile["dates"]["fits"]["compact"], profile["dates"]["dotted"]
        run.save()
    assert choice(manager, address)[0] == "dmy"


@pytest.mark.parametrize("written", ["ymd", "dmy", "mdy", "compact"])
def test_cells_of_a_workbook_that_are_dates_are_read_in_any_format(
    acme: Tenant, manager: Client, written: str
) -> None:
    rows: list[list[Any]] = [
        ["Alder", "1", date(2024, 4, 3)],
        ["Birch", "2", datetime(2024, 3, 4)],
        ["Cedar", "3", "3 Apr 2024"],
    ]
    data = xlsx(["Name", "Reference", "Customer since"], *rows)
    load(manager, data, "customers.xlsx", format_2=written)
    assert since(acme) == ["2024-04-03", "2024-03-04", "2024-04-03"]


def test_dates_and_texts_in_one_column_of_a_workbook_are_read_alike(acme: Tenant, manager: Client) -> None:
    rows: list[list[Any]] = [["Alder", "1", date(2024, 4, 3)], ["Birch", "2", "31/12/2024"]]
    load(manager, xlsx(["Name", "Reference", "Customer since"], *rows), "customers.xlsx")
    assert since(acme) == ["2024-04-03", "2024-12-31"]


def test_a_date_that_is_there_already_changes_nothing_however_it_is_written(
    acme: Tenant, manager: Client
) -> None:
    load(manager, sheet("2024-12-31"))
    plan = check(manager, sheet("31/12/2024"))
    assert plan.context["plan"].counts["unchanged"] == 1
    changed = check(manager, sheet("30.12.2024"))
    with tenant(acme):
        row = PlanRow.objects.get(run=changed.context["run"])
    assert row.diff == [["customer_since", "2024-12-31", "2024-12-30"]]


def test_an_empty_cell_keeps_the_date_or_empties_it_as_chosen(acme: Tenant, manager: Client) -> None:
    load(manager, sheet("2024-12-31"))
    load(manager, sheet(""))
    assert since(acme) == ["2024-12-31"]
    load(manager, sheet(""), blanks="clear")
    assert since(acme) == [None]


def test_the_samples_row_is_known_also_when_a_spreadsheet_has_rewritten_its_date(
    acme: Tenant, manager: Client
) -> None:
    sample = manager.get("/acme/imports/sample.csv").content.decode()
    assert "2019-05-14" in sample
    plan = check(manager, sample.replace("2019-05-14", "5/14/2019"))
    assert plan.context["plan"].counts["skip"] == 1


def test_how_dates_are_read_is_told_with_the_format_of_the_file(acme: Tenant, manager: Client) -> None:
    page = text(manager.get("/acme/imports/format/"))
    assert "Customer since since, client since" in page
    assert "Dates are read in one format for the whole column" in page
    assert "Dates are read" not in text(manager.get("/acme/imports/format/?subject=contacts"))


# By the clock


def scheduled(company: Tenant, by: User, data: str, **given: Any) -> ImportRun:
    timed(company, by, data, most_changed=None, **given)
    [run] = night(company)
    return run


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_reads_dates_as_its_values_tell(acme: Tenant, people: People) -> None:
    run = scheduled(acme, people["manager"], sheet("03/04/2025", "31/12/2024"))
    assert (run.stage, since(acme)) == ("done", ["2025-04-03", "2024-12-31"])


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_waits_where_nobody_has_said_how_dates_are_written(
    acme: Tenant, people: People
) -> None:
    run = scheduled(acme, people["manager"], sheet("03/04/2025"))
    assert run.held == "“Customer since”: Every date could be read either way. Say how they are written."
    assert since(acme) == []


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_reads_dates_as_was_chosen(acme: Tenant, people: People) -> None:
    run = scheduled(acme, people["manager"], sheet("03/04/2025"), formats={"Customer since": "dmy"})
    assert (run.held, since(acme)) == ("", ["2025-04-03"])


@pytest.mark.django_db(transaction=True)
def test_a_timed_import_waits_where_dates_are_written_otherwise_than_was_chosen(
    acme: Tenant, people: People
) -> None:
    formats = {"Customer since": "dmy"}
    run = scheduled(acme, people["manager"], sheet("03/04/2025", "12/31/2024"), formats=formats)
    assert run.held == "“Customer since”: the dates are not written as day/month/year any longer."
    assert since(acme) == []


def test_a_timed_import_like_another_one_has_its_formats(
    acme: Tenant, people: People, manager: Client, signed_in: Callable[[User], Client]
) -> None:
    report = load(manager, sheet("03/04/2025"), format_2="dmy")
    like = report.context["run"].pk
    page = manager.get(f"/acme/imports/timed/new/?like={like}")
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    done = manager.post("/acme/imports/timed/new/", {**sent, "rhythm": "daily", "time": "03:00"})
    assert done.status_code == 302, text(done)
    with tenant(acme):
        schedule = Schedule.objects.get()
        assert schedule.formats == {"Customer since": "dmy"}
        choices = choices_for(
            ["Customer since", "Name"], schedule.decided, {"Name": "name", "Customer since": "customer_since"},
            people["manager"], "customers", schedule.formats,
        )  # fmt: skip
        assert choices.formats == {0: "dmy"}
    assert "Customer since as day/month/year" in text(manager.get(f"/acme/imports/timed/{schedule.pk}/edit/"))
