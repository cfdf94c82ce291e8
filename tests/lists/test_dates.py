"""How dates of a file are understood, and what a column of them tells of itself."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.dates import (
    COMPACT,
    DMY,
    FORMATS,
    MDY,
    YMD,
    DateCounter,
    Dates,
    readings,
    told_plainly,
    usual_format,
)
from lists.format_widgets import DateWidget
from lists.profiles import Profiler

THIRD_OF_APRIL = date(2025, 4, 3)


def told(*cells: str) -> Dates:
    counter = DateCounter()
    counter.add(cells)
    return counter.dates()


def meant(text: str, written: str) -> date | None:
    return readings(text).get(written)


@pytest.mark.parametrize(
    "text", ["3/4/2025", "03.04.2025", "03-04-2025", "3 4 2025", "3. 4. 2025", " 03/04/2025 ", "3/4/25"]
)
def test_day_and_month_stand_as_the_column_has_them(text: str) -> None:
    assert meant(text, DMY) == THIRD_OF_APRIL
    assert meant(text, MDY) == date(2025, 3, 4)
    assert meant(text, YMD) is None


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-03", "2025/4/3", "2025.04.03", "3 Apr 2025", "3-Apr-25", "3. April 2025", "3rd April, 2025",
        "April 3, 2025", "Apr 3 2025", "APR. 3, 2025",
    ],
)  # fmt: skip
def test_a_year_that_stands_first_and_a_months_name_are_plain_in_every_format(text: str) -> None:
    assert {meant(text, written) for written in FORMATS} == {THIRD_OF_APRIL}


@pytest.mark.parametrize(
    "time", [" 00:00:00", "T00:00", " 14:30", "T14:30:05.123Z", " 2:30 PM", " 14:30:00+02:00"]
)
def test_a_time_behind_the_date_is_left_out(time: str) -> None:
    assert meant(f"2025-04-03{time}", DMY) == THIRD_OF_APRIL
    assert meant(f"03/04/2025{time}", DMY) == THIRD_OF_APRIL


@pytest.mark.parametrize(
    "text",
    [
        "31/31/2024", "2024-02-30", "29/02/2023", "0/1/2020", "1/1/0000", "31/12-2024", "12/2024", "1/2/3",
        "20240230", "20241301", "18991231", "3 Mai 2024", "Marchy 3, 2024", "٣/٤/2025", "soon", "", "2024-13-01",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none_in_any_format(text: str) -> None:
    assert readings(text) == {}


def test_a_year_of_two_digits_is_at_most_nineteen_years_ahead() -> None:
    latest = date.today().year + 19
    assert meant(f"1/1/{latest % 100:02}", DMY) == date(latest, 1, 1)
    assert meant(f"1/1/{(latest + 1) % 100:02}", DMY) == date(latest - 99, 1, 1)


def test_one_value_decides_for_all() -> None:
    found = told("03/04/2025", "05/06/2024", "31/12/2024")
    assert (found.best(MDY), found.is_sure, found.doubt) == (DMY, True, "")
    assert found.telling == "31/12/2024"
    assert told("03/04/2025", "12/31/2024").best(DMY) == MDY


def test_where_every_date_could_be_read_either_way_the_companys_order_is_taken() -> None:
    found = told("03/04/2025", "05/06/2024")
    assert (found.best(MDY), found.best(DMY)) == (MDY, DMY)
    assert found.doubt == "Every date could be read either way."


def test_dates_with_dots_have_the_day_first_in_every_company() -> None:
    found = told("03.04.2025", "5. 6. 2024", "07.08.2023 14:30")
    assert (found.best(MDY), found.best(DMY), found.is_sure) == (DMY, DMY, False)
    assert told("03.04.2025", "12.31.2024").best(DMY) == MDY
    assert told("03/04/2025 14:30:05.123").best(MDY) == MDY
    assert told("03.04.2025", "05/06/2024", "07/08/2023").best(MDY) == MDY


def test_only_of_dates_that_can_be_read_either_way_it_is_said() -> None:
    assert told("2024-01-02", "03/04/2025", "5 Mar 2024").doubt == "1 of 3 dates could be read either way."
    assert told("01/01/2020", "03/04/2025").doubt == "1 of 2 dates could be read either way."


def test_eight_digits_are_dates_where_all_cells_are_such() -> None:
    found = told("20240305", " 20231231 ", "20240101")
    assert (found.best(MDY), found.doubt, found.fits[COMPACT], found.number) == (COMPACT, "", 3, 3)
    assert [meant("20240305", written) for written in FORMATS] == [None, None, None, date(2024, 3, 5)]
    assert meant("2024-03-05", COMPACT) == date(2024, 3, 5)


@pytest.mark.parametrize("other", ["2024-03-05", "unknown", "12345678", "05032024", "2024030"])
def test_eight_digits_beside_other_cells_are_numbers(other: str) -> None:
    for cells in (["20240305", "20231231", other], [other, "20240305", "20231231"]):
        counter = DateCounter()
        for cell in cells:
            counter.add([cell])
        found = counter.dates()
        assert (found.fits[COMPACT], found.doubt) == (int(other == "2024-03-05"), "")
        assert found.best(MDY) == (YMD if found.number else MDY)


def test_dates_that_are_the_same_either_way_leave_no_doubt() -> None:
    assert told("01/01/2020", "02/02/2021").doubt == ""


def test_years_that_stand_first_leave_no_doubt() -> None:
    found = told("2024-01-02", "2024-12-31", "3 Mar 2024")
    assert (found.best(MDY), found.doubt) == (YMD, "")


def test_dates_that_contradict_each_other_are_said_to() -> None:
    found = told("31/12/2024", "12/31/2024")
    assert found.doubt == "As many dates have the day first as have the month first."
    assert found.best(MDY) == MDY


def test_of_dates_that_contradict_each_other_most_decide() -> None:
    found = told("31/12/2024", "30/12/2024", "12/31/2024")
    assert (found.best(MDY), found.fits[DMY], found.number) == (DMY, 2, 2)


def test_a_column_without_dates_tells_nothing() -> None:
    found = told("John Doe", "March", "12 Main Street", "030 12 34567", "")
    assert (found.number, found.doubt, found.best(MDY)) == (0, "", MDY)


def test_the_last_of_many_cells_decides_too() -> None:
    profiler = Profiler()
    for _ in range(20):
        profiler.add(["03/04/2025"] * 1_000)
    profiler.add(["31/12/2024"])
    found = profiler.profile().dates
    assert (found.best(MDY), found.fits[DMY], found.fits[MDY]) == (DMY, 20_001, 20_000)


def test_a_column_of_more_dates_than_are_kept_is_counted_whole() -> None:
    profiler = Profiler()
    first = date(1900, 1, 1)
    days = [first + timedelta(days=number) for number in range(45_000)]
    for start in range(0, len(days), 2_000):
        profiler.add([f"{day.day}.{day.month}.{day.year}" for day in days[start : start + 2_000]])
    found = profiler.profile().dates
    assert (found.fits[DMY], found.telling) == (45_000, "13.1.1900")
    assert found.either == sum(day.day <= 12 and day.day != day.month for day in days)


def test_dates_behind_many_other_cells_are_seen() -> None:
    profiler = Profiler()
    profiler.add(["unknown"] * 20_000)
    profiler.add(["31/12/2024"])
    assert profiler.profile().dates.best(MDY) == DMY


SEPARATORS = st.sampled_from(["/", ".", "-", " ", ". "])
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(DAYS, SEPARATORS, st.booleans(), st.sampled_from(["", " 00:00:00", "T12:30"]))
def test_every_date_is_counted_that_can_be_read(day: date, mark: str, padded: bool, time: str) -> None:
    """The quick look at all cells misses none."""
    two = "02" if padded else ""
    numbers = f"{day.day:{two}}{mark}{day.month:{two}}{mark}{day.year}"
    for text in (
        f"{numbers}{time}",
        f"{day.isoformat()}{time}",
        told_plainly(day),
        f"{day:%B} {day.day}, {day.year}",
    ):
        assert told(text).fits[DMY] == 1, text
        assert meant(text, DMY) == day


@given(st.lists(DAYS, min_size=1, max_size=5))
def test_what_was_counted_is_what_can_be_read(days: list[date]) -> None:
    cells = [f"{day.month}/{day.day}/{day.year}" for day in days]
    found = told(*cells)
    for written in FORMATS:
        assert found.fits[written] == sum(written in readings(cell) for cell in cells)


def test_companies_in_america_write_the_month_first() -> None:
    assert [usual_format(language) for language in ("en", "en-us")] == [MDY, MDY]
    assert {usual_format(language) for language in ("en-gb", "en-ie", "en-au", "en-ca", "de", "sv")} == {DMY}


def widget(written: str) -> DateWidget:
    made = DateWidget()
    made.format = written
    return made


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(
        ValueError, match=r"^“31/31/2024” is no date as day/month/year\. Write it like 31/12/2024, or "
    ):
        widget(DMY).clean("31/31/2024")


def test_an_exported_date_is_the_same_in_every_format() -> None:
    dice = random.Random(1)
    for written in FORMATS:
        day = date(1900, 1, 1) + timedelta(days=dice.randrange(45_000))
        shown = widget(written).render(day)
        assert widget(written).clean(shown) == day
        assert widget(written).is_same(shown, shown)
