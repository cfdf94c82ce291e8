"""Telephone numbers are understood or kept: nothing typed is lost, and no text is too much."""

from __future__ import annotations

import random
import time

import phonenumbers
import pytest
from hypothesis import given

from tenants import phones
from tests.strange import LONG, country_codes, texts


@given(number=texts, country=country_codes)
def test_any_text_can_be_normalised_and_twice_is_as_good_as_once(number: str, country: str) -> None:
    once = phones.normalise(number, country)
    assert phones.normalise(once, country) == once
    assert phones.normalise(once, "") == once or not phones.E164.fullmatch(once)


@given(number=texts, country=country_codes)
def test_what_is_no_number_stays_as_typed(number: str, country: str) -> None:
    if not phones.parse(number, country):
        typed = " ".join(number.split())
        assert phones.normalise(number, country) in (typed, phones.parse(typed, country))


@given(number=texts)
def test_any_text_can_be_displayed(number: str) -> None:
    shown = phones.display(number)
    assert shown == number or phones.E164.fullmatch(number)
    assert phones.display(shown) == shown


@pytest.mark.parametrize("number", LONG, ids=lambda number: repr(number[:2]))
def test_ten_thousand_characters_take_no_time(number: str) -> None:
    start = time.thread_time()
    assert phones.normalise(number, "DE") == " ".join(number.split())
    phones.display(number)
    assert time.thread_time() - start < 0.05


@pytest.mark.parametrize(
    "typed",
    [
        "030 12345678",
        "(030) 123 456-78",
        "+49 (0)30 12345678",
        "0049 30 12345678",
        "tel:+49-30-12345678",
        "\u202a+49 30 12345678\u202c",
        "＋４９ ３０ １２３４５６７８",
    ],
)
def test_a_number_is_understood_however_it_is_grouped(typed: str) -> None:
    assert phones.normalise(typed, "DE") == "+493012345678"
    assert phones.display("+493012345678") == "+49 30 12345678"


@pytest.mark.parametrize(
    "typed",
    ["030 12345678 Anna", "Anna: 030 12345678", "030 12345678 ext. 5", "+49 30 12345678#5", "030 123 CALL"],
)
def test_words_beside_a_number_are_not_dropped(typed: str) -> None:
    assert phones.normalise(typed, "DE") == typed
    assert phones.display(typed) == typed


def test_plain_numbers_are_read_as_the_library_reads_them() -> None:
    """Examples of every kind and country, and what becomes of them when digits are changed, added and taken away."""
    dice = random.Random(1)
    numbers = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in range(11):
            if example := phonenumbers.example_number_for_type(region, kind):
                digits = f"{example.country_code}{phonenumbers.national_significant_number(example)}"
                numbers.add(digits)
                for _ in range(6):
                    at = dice.randrange(len(digits))
                    changed = f"{digits[:at]}{dice.randrange(10)}{digits[at + dice.randrange(3) :]}"
                    numbers |= {changed, f"{changed}{dice.randrange(10)}", changed[:-1]}
    differing = [
        (digits, phones.parse(f"+{digits}", "DE"), slow)
        for digits in numbers
        if phones.parse(f"+{digits}", "DE") != (slow := phones._parse(f"+{digits}", "DE"))
    ]
    assert differing == []
    assert sum(bool(phones._plain(f"+{digits}")) for digits in numbers) > 2_000


@pytest.mark.parametrize(
    ("typed", "country", "begun"),
    [
        ("+49 30", "DE", "4930"),
        ("+49 (0)30", "US", "4930"),
        ("\u202a＋４９ ３０", "US", "4930"),
        ("tel: +49-30", "US", "4930"),
        ("0049 30", "DE", "4930"),
        ("0049 30", "US", "4930"),
        ("011 49 30", "US", "4930"),
        ("030 12", "DE", "493012"),
        ("(020) 76", "GB", "442076"),
        ("06 1", "HU", "361"),
        ("06 12", "IT", "390612"),  # whose numbers keep their 0
        ("8 495", "RU", "7495"),
        ("(212) 5", "US", "12125"),
        ("1 212 5", "US", "12125"),
        ("49 30", "DE", "4930"),
        ("91 5", "ES", "34915"),
        ("+4", "", "4"),
    ],
)
def test_what_a_number_begins_with_is_read_as_a_number_is(typed: str, country: str, begun: str) -> None:
    assert begun in phones.beginnings(typed, country)


@pytest.mark.parametrize(
    ("typed", "begun"), [("030 12", "03012"), ("0049 30", "004930"), ("+49 30", "004930")]
)
def test_numbers_kept_as_typed_begin_as_they_were_typed(typed: str, begun: str) -> None:
    assert begun in phones.beginnings(typed, "DE")


def test_a_number_that_begins_as_at_home_is_none_of_another_country() -> None:
    assert phones.beginnings("030 12", "DE") == ["493012", "03012"]
    assert phones.beginnings("030 12", "") == ["03012"]


@given(number=texts, country=country_codes)
def test_any_text_may_be_looked_for_as_a_beginning(number: str, country: str) -> None:
    assert all(begun.isascii() and begun.isdigit() for begun in phones.beginnings(number, country))
