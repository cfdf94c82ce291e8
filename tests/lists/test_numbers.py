"""How numbers of a file are understood, and what a column of them tells of itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lists.cells_text import NUL, Real, escape, unescape
from lists.format_widgets import NumberWidget, WholeNumberWidget
from lists.numbers import (
    APOSTROPHE,
    COMMA,
    FORMATS,
    MOST_COUNTED,
    POINT,
    SPACE,
    NumberCounter,
    Numbers,
    objection_to_count,
    readings,
    told_plainly,
    usual_format,
    whole_number,
)
from lists.profiles import Profile, Profiler

EVERY = [POINT, COMMA, SPACE, APOSTROPHE]


def told(*cells: str) -> Numbers:
    counter = NumberCounter()
    counter.add(cells)
    return counter.numbers()


def read(text: str) -> dict[str, str]:
    return {name: f"{number:f}" for name, number in readings(text).items()}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", "1234"), ("0", "0"), ("007", "7"), (" 12 ", "12"), ("-5", "-5"), ("+5", "5"), ("−5", "-5"),
        ("1234.5", "1234.5"), ("0.5", "0.5"), (".5", "0.5"), ("12.50", "12.50"), ("0.500", "0.500"),
        ("1234.567", "1234.567"),
        ("1e+16", "10000000000000000"), ("1.5E3", "1500"), ("1e-05", "0.00001"),
    ],
)  # fmt: skip
def test_what_can_not_be_mistaken_is_read_in_every_format(text: str, number: str) -> None:
    assert read(text) == dict.fromkeys(EVERY, number)


@pytest.mark.parametrize(
    ("text", "number", "formats"),
    [
        ("1,234,567", "1234567", [POINT]),
        ("1,234.5", "1234.5", [POINT]),
        ("-1,234.56", "-1234.56", [POINT]),
        ("12,34,567", "1234567", [POINT]),  # lakhs
        ("1,00,000.5", "100000.5", [POINT]),
        ("1.234.567", "1234567", [COMMA]),
        ("12.345,6", "12345.6", [COMMA]),
        ("0,5", "0.5", [COMMA, SPACE, APOSTROPHE]),
        ("1,23", "1.23", [COMMA, SPACE, APOSTROPHE]),
        ("1234,567", "1234.567", [COMMA, SPACE, APOSTROPHE]),
        ("0,500", "0.500", [COMMA, SPACE, APOSTROPHE]),
        ("1 200", "1200", [SPACE]),
        ("1\u00a0234\u00a0567,8", "1234567.8", [SPACE]),
        ("1\u202f234", "1234", [SPACE]),
        ("1 234.5", "1234.5", [SPACE]),
        ("1'234.56", "1234.56", [APOSTROPHE]),
        ("1’234’567", "1234567", [APOSTROPHE]),
    ],
)
def test_thousands_and_decimals_are_read_where_they_are_written_so(
    text: str, number: str, formats: list[str]
) -> None:
    assert read(text) == dict.fromkeys(formats, number)


def test_three_digits_behind_a_point_or_a_comma_are_thousands_or_decimals() -> None:
    assert read("1,234") == {POINT: "1234", COMMA: "1.234", SPACE: "1.234", APOSTROPHE: "1.234"}
    assert read("1.234") == {POINT: "1.234", COMMA: "1234", SPACE: "1.234", APOSTROPHE: "1.234"}


@pytest.mark.parametrize(
    "text",
    [
        "", "many", "51-200", "1,000+", ">500", "$5", "5 %", "1,23,45", "1.23.456", "1 23", "12 34", "1'23",
        "1,234 567", "1 234'567", "1,,234", "5.", "5,", "--5", "- 5", "(5)", "1e999", "0x10", "٣", "²", "1_000",
        "12.05.2024", "nan",
        "9" * 41, "01,234,567",
    ],
)  # fmt: skip
def test_what_is_no_number_is_none_in_any_format(text: str) -> None:
    assert readings(text) == {}
    assert told(text).number == 0


@pytest.mark.parametrize("telling", ["12.345,6", "1.234.567", "0,5", "1234,56"])
def test_one_value_decides_that_a_comma_stands_before_decimals(telling: str) -> None:
    found = told("1.234", telling, "5.678", "12")
    assert (found.best(POINT), found.is_sure, found.doubt, found.number) == (COMMA, True, "", 4)


@pytest.mark.parametrize("telling", ["12,345.6", "1,234,567", "12,34,567", "0.5", "1234.5"])
def test_one_value_decides_that_a_point_stands_before_decimals(telling: str) -> None:
    found = told("1,234", telling, "5,678", "12")
    assert (found.best(COMMA), found.is_sure, found.doubt, found.number) == (POINT, True, "", 4)


@pytest.mark.parametrize(("telling", "written"), [("1 234", SPACE), ("1’234", APOSTROPHE)])
def test_spaces_and_apostrophes_are_proposed_where_there_are_some(telling: str, written: str) -> None:
    found = told("123", telling, "0.5", "1.234")
    assert (found.best(POINT), found.is_sure, found.fits[written]) == (written, True, 4)
    assert told("12.345", "0,5").best(SPACE) == COMMA


def test_where_every_number_could_be_read_either_way_the_company_decides() -> None:
    found = told("1,234", "5,678")
    assert [found.best(usual) for usual in EVERY] == EVERY
    assert found.doubt == "Every number could be read either way."


def test_where_whole_numbers_are_wanted_such_are_proposed_and_it_is_said_all_the_same() -> None:
    for cell, written in [("1,234", POINT), ("1.234", COMMA)]:
        profiler = Profiler()
        profiler.add([cell])
        kept = {"numbers": vars(profiler.profile().numbers)}
        found = WholeNumberWidget.told(kept)
        assert {found.best(usual) for usual in (POINT, COMMA, SPACE)} == {written}
        assert found.doubt == "Every number could be read either way."
        assert NumberWidget.told(kept).best(SPACE) == SPACE


def test_only_of_numbers_that_can_be_read_either_way_it_is_said() -> None:
    assert told("1,234", "12", "0").doubt == "1 of 3 numbers could be read either way."
    assert told(*["1.234"] * 1_200, "5").doubt == "1,200 of 1,201 numbers could be read either way."


def test_of_plain_numbers_there_is_nothing_to_choose() -> None:
    found = told("1234", "-5", "+7", "00012", "99")
    assert (found.is_asked, found.doubt, found.number) == (False, "", 5)
    assert told("unknown").is_asked is False
    assert all(told(cell).is_asked for cell in ("1,234", "1.234", "1 234", "0,5"))


def test_numbers_that_contradict_each_other_are_said_to() -> None:
    found = told("1,234,567", "1.234.567")
    assert found.doubt == "As many numbers are written in one way as in another."
    assert [found.best(usual) for usual in (POINT, COMMA)] == [POINT, COMMA]


def test_of_numbers_that_contradict_each_other_most_decide() -> None:
    found = told("1.234.567", "2.345.678", "1,234,567")
    assert (found.best(POINT), found.number, found.read) == (COMMA, 2, 3)


def test_a_column_without_numbers_tells_nothing() -> None:
    found = told("John Doe", "12 Main Street", "+49 30 1234-5", "2024-12-31", "31.12.2024", "51-200", "-", "")
    assert (found.number, found.doubt, found.best(COMMA), found.is_asked) == (0, "", COMMA, False)
    assert not found.refutes(POINT)


@pytest.mark.parametrize(
    ("cells", "refuted"),
    [
        (["1234"], []),
        (["1,234"], []),
        (["1.234.567"], [POINT, SPACE, APOSTROPHE]),
        (["1.234", "0,5"], [POINT, SPACE, APOSTROPHE]),
        (["1,234", "1234.5"], [COMMA, SPACE, APOSTROPHE]),
        (["1 234"], [POINT, COMMA, APOSTROPHE]),
        (["0,5"], [POINT]),
    ],
)
def test_a_format_that_was_chosen_is_refuted_where_the_values_tell_another(
    cells: list[str], refuted: list[str]
) -> None:
    found = told(*cells)
    assert [name for name in EVERY if found.refutes(name)] == refuted


def test_the_last_of_many_cells_decides_too() -> None:
    profiler = Profiler()
    for start in range(0, 40_000, 2_000):
        profiler.add([f"{1 + number % 999}.{number % 1_000:03}" for number in range(start, start + 2_000)])
    profiler.add(["1,5"])
    found = profiler.profile().numbers
    assert (found.best(POINT), found.fits[COMMA], found.points) == (COMMA, 40_001, 40_000)


def test_of_a_column_whatever_its_length_little_is_held() -> None:
    counter = NumberCounter()
    for start in range(0, 200_000, 2_000):
        counter.add([f"{number:,}.{number}" for number in range(start, start + 2_000)])
        assert len(counter.found) <= NumberCounter.MOST
    assert counter.numbers().fits[POINT] == 200_000


def test_numbers_of_a_workbook_tell_only_what_a_point_of_theirs_means() -> None:
    assert told(Real("12.5"), "1.234").doubt == "1 of 2 numbers could be read either way."
    assert told(Real("12.5"), "1.234,5").best(POINT) == COMMA
    assert not told(Real("12.5"), Real("1e-05"), Real("inf"), "12").is_asked
    found = told(Real("1.234"), "12")
    assert (found.best(COMMA), found.is_sure, found.refutes(COMMA)) == (POINT, True, True)
    assert found.fits == dict.fromkeys(EVERY, 2)


def test_numbers_of_a_workbook_that_are_written_like_texts_beside_them_are_doubted() -> None:
    found = told(Real("1.234"), "1.234", "1.234,5")
    assert found.best(POINT) == COMMA
    assert found.doubt == "In 2 of 3 numbers the point may stand before decimals."
    assert told("1.234", "1.234,5").doubt == ""


def test_what_was_kept_of_a_profile_is_understood_again() -> None:
    profiler = Profiler()
    profiler.add(["1,234", "1.234,5", "12"])
    profile = profiler.profile()
    kept: dict[str, Any] = {
        **vars(profile), "dates": vars(profile.dates), "numbers": vars(profile.numbers),
    }  # fmt: skip
    assert Profile.from_dict(kept) == profile
    del kept["numbers"]
    assert Profile.from_dict(kept).numbers == Numbers()


def written(number: Decimal, name: str, mark: str) -> str:
    """The number as that format has it, `mark` between thousands."""
    decimal = "," if name in (COMMA, SPACE) else "."
    return f"{number:,f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


MARKS = [
    (POINT, ","), (COMMA, "."), (SPACE, " "), (SPACE, "\u00a0"), (SPACE, "\u202f"), (APOSTROPHE, "'"),
    (APOSTROPHE, "’"),
]  # fmt: skip
NUMBERS = st.decimals(-(10**12), 10**12, places=0) | st.decimals(-(10**9), 10**9, places=2)


@given(NUMBERS, st.sampled_from(MARKS), st.sampled_from(["{}", " {}", "{} ", "\u00a0{}"]))
def test_every_number_is_counted_and_read_as_it_was_written(
    number: Decimal, way: tuple[str, str], around: str
) -> None:
    """The quick look at all cells misses none; an apostrophe that an export put before a sign is no matter."""
    name, mark = way
    text = around.format(written(number, name, mark))
    for cell in (text, escape(text)):
        assert readings(unescape(cell.strip()))[name] == number
        assert told(cell).fits[name] == 1


@given(st.lists(st.text("0123456789.,'’ \u00a0+-e", min_size=1, max_size=12), min_size=1, max_size=4))
def test_what_was_counted_is_what_can_be_read(cells: list[str]) -> None:
    cells = [cell for cell in cells if cell.strip()]
    found, meant = told(*cells), [readings(unescape(cell.strip())) for cell in cells]
    for name in FORMATS:
        assert found.fits[name] == sum(name in one for one in meant)
        assert found.only[name] == sum([*one] == [name] for one in meant)
    assert found.read == sum(map(bool, meant))


@given(st.lists(st.text("0123456789.,' ", min_size=1, max_size=9), min_size=1, max_size=6))
def test_where_values_leave_no_doubt_no_likely_format_reads_one_otherwise(cells: list[str]) -> None:
    found = told(*cells)
    if found.is_sure:
        for meant in map(readings, cells):
            assert len({meant[name] for name in found.likely if name in meant}) <= 1


def test_companies_write_numbers_as_their_language_does() -> None:
    assert {usual_format(language) for language in ("en", "en-gb", "en-ie", "en-au", "en-ca")} == {POINT}
    assert [usual_format(language) for language in ("de", "nl", "fr", "sv")] == [COMMA, COMMA, SPACE, SPACE]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1234", "1234"),
        ("12.5", "12.5"),
        ("1.234", "1.234 (about 1)"),
        ("-999.501", "-999.501 (about -1000)"),
    ],
)
def test_nobody_takes_what_is_meant_for_another_number(number: str, words: str) -> None:
    assert told_plainly(Decimal(number)) == words


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1,200", 1200), ("en", "1200", 1200), ("en", "1 200", 1200), ("en", "1.200", None), ("en", "1.5", None),
        ("en", "1,200.00", 1200), ("en", "some", None), ("de", "1.200", 1200), ("de", "1,200", None),
        ("de", "1,200,000", 1200000),
    ],
)  # fmt: skip
def test_what_somebody_types_is_read_as_their_company_writes(
    language: str, typed: str, number: int | None
) -> None:
    with translation.override(language):
        assert whole_number(typed) == number


# Widgets


ADVICE = "Write it so, or choose another format for this column."


def widget(kind: type[NumberWidget], name: str) -> NumberWidget:
    made = kind(objection_to_count)
    made.format = name
    return made


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("1.234,5", POINT, f"“1.234,5” is no number like 1,234.56. {ADVICE}"),
        ("1,23", POINT, f"“1,23” is no number like 1,234.56. {ADVICE}"),
        ("51-200", POINT, "“51-200” is no single number. Write one, such as 250."),
        ("51 – 200", COMMA, "“51 – 200” is no single number. Write one, such as 250."),
        ("51 to 200", POINT, "“51 to 200” is no single number. Write one, such as 250."),
        ("1,000+", POINT, "“1,000+” is no single number. Write one, such as 250."),
        (">500", POINT, "“>500” is no single number. Write one, such as 250."),
        ("12.5", POINT, "“12.5” is 12.5. A whole number is needed."),
        ("1,234", COMMA, "“1,234” is 1.234. A whole number is needed, or another format for this column."),
        ("-1", POINT, "“-1” is -1. Give 0 or more."),
        ("100.000.001", COMMA, "“100.000.001” is 100000001. Give 100,000,000 or less."),
        ("9e99", POINT, f"“9e99” is 9{'0' * 58}…. Give 100,000,000 or less."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_what_would(text: str, name: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^“") as refused:
        widget(WholeNumberWidget, name).clean(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [("1,200", POINT, 1200), ("1.200,00", COMMA, 1200), ("'+5", SPACE, 5), (" 0 ", POINT, 0),
     ("1e8", POINT, MOST_COUNTED)],
)  # fmt: skip
def test_a_whole_number_is_one(text: str, name: str, number: int) -> None:
    value = widget(WholeNumberWidget, name).clean(text)
    assert (value, type(value)) == (number, int)


def test_a_column_that_takes_decimals_has_them_exactly() -> None:
    assert widget(NumberWidget, COMMA).clean("12.345,60") == Decimal("12345.60")
    assert NumberWidget.meant("1,234", COMMA) == "1.234 (about 1)"
    assert WholeNumberWidget.meant("1,234", COMMA) == "1.234, no whole number"
    assert (WholeNumberWidget.meant("1,234", POINT), WholeNumberWidget.meant("51-200", POINT)) == ("1234", "")


@given(
    st.integers(0, MOST_COUNTED), st.decimals(0, 10**8, places=3), st.sampled_from([POINT, SPACE, APOSTROPHE])
)
def test_an_exported_number_is_the_same(whole: int, number: Decimal, name: str) -> None:
    for kind, value in ((WholeNumberWidget, whole), (NumberWidget, number)):
        made = widget(kind, name)
        shown = made.render(value)
        assert NUL not in shown
        assert made.clean(shown) == value
        assert made.is_same(shown, shown)
