"""Addresses as their countries write them, and any text in place of one."""

from __future__ import annotations

import time
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.postal import (
    PARTS,
    block,
    layout,
    map_url,
    one_line,
    part,
    problems,
    region_name,
    tidy_postal_code,
    tidy_region,
)
from tests.strange import CODES, LONG, country_codes, texts

BERLIN = {"street": "Obere Str. 57", "city": "Berlin", "postal_code": "12209", "country": "DE"}
COWES = {
    "street": "Garden House\nCrowther Way",
    "city": "Cowes",
    "region": "Isle of Wight",
    "postal_code": "PO31 7PJ",
    "country": "GB",
}
EUGENE = {
    "street": "2732 Baker Blvd.",
    "city": "Eugene",
    "region": "OR",
    "postal_code": "97403",
    "country": "US",
}
LULEA = {"street": "Berguvsvägen 8", "city": "Luleå", "postal_code": "958 22", "country": "SE"}
SHIBUYA = {
    "street": "1-2-3 Jinnan",
    "city": "Shibuya-ku",
    "region": "東京都",
    "postal_code": "150-0041",
    "country": "JP",
}
SHIBUYA_LOCAL = {**SHIBUYA, "street": "神南1-2-3", "city": "渋谷区"}


@pytest.mark.parametrize(
    ("country", "labels"),
    [
        ("US", ["Street address", "City", "State", "ZIP code"]),
        ("GB", ["Street address", "Post town", "Postcode"]),
        ("DE", ["Street address", "Postal code", "City"]),
        ("IE", ["Street address", "Townland", "City", "County", "Eircode"]),
        ("IN", ["Street address", "City", "PIN code", "State"]),
        ("JP", ["Postal code", "Prefecture", "City", "Street address"]),
        ("CA", ["Street address", "City", "Province", "Postal code"]),
        ("", ["Street address", "District", "Postal code", "City", "Region", "Sorting code"]),
        ("XX", ["Street address", "District", "Postal code", "City", "Region", "Sorting code"]),
    ],
)
def test_a_country_has_its_parts_in_its_order_and_words(country: str, labels: list[str]) -> None:
    assert [part.label for part in layout(country)] == labels


def test_required_parts_and_regions_are_the_countrys() -> None:
    italy = {part.name: part for part in layout("IT")}
    assert all(italy[name].required for name in ("street", "city", "region", "postal_code"))
    assert ("MI", "Milano") in italy["region"].choices
    assert not any(part.required for part in layout(""))
    assert part("region", "GB").label == "County"
    assert part("region", "DE").choices == ()


@pytest.mark.parametrize("country", CODES)
def test_every_country_has_a_street_and_tidies_its_own_regions(country: str) -> None:
    parts = {part.name: part for part in layout(country)}
    assert "street" in parts
    assert set(parts) <= set(PARTS)
    choices = parts["region"].choices if "region" in parts else ()
    assert [key for key, _ in choices if tidy_region(key, country) != key] == []
    names = [name for _, name in choices]
    assert [
        name for key, name in choices if names.count(name) == 1 and tidy_region(name, country) != key
    ] == []
    assert [region_name(key, country) for key, _ in choices] == names


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("US", "California", "CA"),
        ("US", "ca", "CA"),
        ("US", "Calif.", "CA"),
        ("US", "State of New York", "NY"),
        ("US", "Kansas City", "Kansas City"),
        ("CA", "Québec", "QC"),
        ("JP", "Tokyo", "東京都"),
        ("JP", "Ōsaka-fu", "大阪府"),
        ("IE", "County Cork", "Co. Cork"),
        ("MX", "México D.F.", "CDMX"),
        ("VE", "Tachira", "Táchira"),
        ("TW", "Chiayi", "Chiayi"),  # a city and a county
        ("GB", "Isle of Wight", "Isle of Wight"),
        ("", "CA", "CA"),
    ],
)
def test_regions_are_stored_by_their_key_or_as_typed(country: str, typed: str, stored: str) -> None:
    assert tidy_region(typed, country) == stored


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("GB", "wa11dp", "WA1 1DP"),
        ("GB", "WA1 1DP", "WA1 1DP"),
        ("GB", "bfpo1234", "BFPO 1234"),
        ("GG", "gy101aa", "GY10 1AA"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("US", "05021", "05021"),
        ("US", "221621010", "22162-1010"),
        ("SE", "95822", "958 22"),
        ("SE", "S-958 22", "S-958 22"),
        ("NL", "1234ab", "1234 AB"),
        ("JP", "１５００ー００４１", "１５００ー００４１"),
        ("JP", "１５０－００４１", "150-0041"),
        ("PL", "01012", "01-012"),
        ("IE", "a65f4e2", "A65 F4E2"),
        ("DE", "1234", "1234"),
        ("", "wa11dp", "wa11dp"),
    ],
)
def test_postal_codes_are_spelled_as_printed_or_as_typed(country: str, typed: str, stored: str) -> None:
    assert tidy_postal_code(typed, country) == stored


@pytest.mark.parametrize(
    "parts",
    [
        BERLIN,
        COWES,
        EUGENE,
        SHIBUYA,
        {**LULEA, "postal_code": "S-958 22"},
        {**LULEA, "postal_code": "SE-95822"},
        {"street": "Rue Joseph-Bens 532", "city": "Bruxelles", "postal_code": "B-1180", "country": "BE"},
        {"street": "8 Johnstown Road", "city": "Cork", "region": "Co. Cork", "country": "IE"},
        {"street": "Carrera 22", "city": "San Cristóbal", "region": "Táchira", "country": "VE"},
        {"country": "XX", "postal_code": "?"},
        {},
    ],
)
def test_a_proper_address_has_no_problems(parts: dict[str, str]) -> None:
    assert problems(parts) == []


def test_problems_say_what_is_wrong_and_what_to_do() -> None:
    no_region = {"street": "Via Bianco 34", "city": "Torino", "postal_code": "10100", "country": "IT"}
    (missing,) = problems(no_region)
    assert (missing.part, missing.missing) == ("region", True)
    assert missing.message == "Province is missing. Addresses in Italy have one: add it."
    wrong = problems({**EUGENE, "region": "Oregano", "postal_code": "974"})
    assert [(problem.part, problem.missing) for problem in wrong] == [
        ("region", False),
        ("postal_code", False),
    ]
    assert [problem.message for problem in wrong] == [
        "“Oregano” is not a known state of the United States. Choose one from the list.",
        "“974” is not a ZIP code of the United States. Check it: one looks like 95014.",
    ]
    (elsewhere,) = problems({**EUGENE, "region": "CA"})
    assert elsewhere.message == "ZIP code 97403 does not belong to California. Check both."


@pytest.mark.parametrize(
    ("parts", "home", "lines"),
    [
        (BERLIN, "DE", ["Obere Str. 57", "12209 BERLIN"]),
        (BERLIN, "US", ["Obere Str. 57", "12209 BERLIN", "GERMANY"]),
        (COWES, "GB", ["Garden House", "Crowther Way", "COWES", "Isle of Wight", "PO31 7PJ"]),
        (EUGENE, "DE", ["2732 Baker Blvd.", "EUGENE, OR 97403", "UNITED STATES"]),
        ({**EUGENE, "region": ""}, "US", ["2732 Baker Blvd.", "EUGENE 97403"]),
        (LULEA, "DE", ["Berguvsvägen 8", "SE-958 22 LULEÅ", "SWEDEN"]),
        (LULEA, "SE", ["Berguvsvägen 8", "958 22 LULEÅ"]),
        ({**LULEA, "postal_code": "S-958 22"}, "DE", ["Berguvsvägen 8", "S-958 22 LULEÅ", "SWEDEN"]),
        (SHIBUYA, "DE", ["1-2-3 Jinnan, Shibuya-ku, TOKYO", "150-0041", "JAPAN"]),
        ({**BERLIN, "region": "Berlin"}, "DE", ["Obere Str. 57", "12209 BERLIN"]),
        ({**BERLIN, "country": ""}, "DE", ["Obere Str. 57", "12209 Berlin"]),
        (
            {"street": "1 x", "city": "Madrid", "region": "M", "postal_code": "28023", "country": "ES"},
            "ES",
            ["1 x", "28023 MADRID"],
        ),
        (
            {"street": "9 x", "city": "Singapore", "postal_code": "048616", "country": "SG"},
            "SG",
            ["9 x", "SINGAPORE 048616"],
        ),
    ],
)
def test_the_block_is_the_countrys(parts: dict[str, str], home: str, lines: list[str]) -> None:
    assert block(parts, home=home).splitlines() == lines


def test_who_it_is_for_comes_where_the_country_has_it() -> None:
    assert block(BERLIN, home="DE", name="Maria Anders", company="Alfreds").startswith(
        "Maria Anders\nAlfreds\nOb"
    )
    assert block(LULEA, home="SE", name="C. Berglund", company="Berglunds").startswith(
        "Berglunds\nC. Berglund\nBe"
    )
    local = block(SHIBUYA_LOCAL, home="JP", name="山田", company="会社").splitlines()
    assert local == ["〒150-0041", "東京都渋谷区", "神南1-2-3", "会社", "山田"]
    assert block({}, home="DE") == ""


def test_one_line_and_the_map() -> None:
    assert one_line(BERLIN) == "Obere Str. 57, 12209 Berlin, DE"
    assert one_line(COWES) == "Garden House, Crowther Way, Cowes, Isle of Wight, PO31 7PJ, GB"
    assert one_line({}) == ""
    url = urlsplit(map_url(SHIBUYA_LOCAL))
    assert (url.scheme, url.netloc, url.path) == ("https", "www.openstreetmap.org", "/search")
    assert unquote(url.query) == "query=神南1-2-3, 150-0041 渋谷区, Tokyo, Japan"
    assert map_url({"country": "DE"}) == map_url({}) == ""


addresses = st.fixed_dictionaries({"country": country_codes}, optional=dict.fromkeys(PARTS, texts))


@given(parts=addresses, home=country_codes, name=texts)
def test_any_text_is_an_address(parts: dict[str, str], home: str, name: str) -> None:
    lines = block(parts, home=home, name=name, company=name).split("\n")
    assert lines == [""] or all(line.strip() for line in lines)
    assert "\n" not in one_line(parts)
    assert map_url(parts).isascii()
    assert all(problem.message and problem.part in PARTS for problem in problems(parts))


@given(parts=addresses)
def test_nothing_that_was_typed_is_left_out_of_the_block(parts: dict[str, str]) -> None:
    address = {**parts, "country": "GB", "city": "Cowes", "region": "Wight", "district": "Quay"}
    text = block(address, home="GB")
    assert "COWES" in text
    assert "Wight" in text
    assert "Quay" in text


@given(text=texts, country=country_codes)
def test_regions_and_postal_codes_are_tidied_once_and_never_lost(text: str, country: str) -> None:
    for tidied in (tidy_region, tidy_postal_code):
        once = tidied(text, country)
        assert tidied(once, country) == once
        assert bool(once) == bool(text.strip())
    region_name(text, country)
    layout(country)


@given(
    code=st.from_regex(r"[A-Za-z0-9]{1,4}[ -]?[A-Za-z0-9]{0,4}", fullmatch=True),
    country=st.sampled_from(CODES),
)
def test_tidying_a_postal_code_changes_blanks_dashes_and_case_only(code: str, country: str) -> None:
    def bare(text: str) -> str:
        return text.replace(" ", "").replace("-", "").upper()

    once = tidy_postal_code(code, country)
    assert bare(once) == bare(code)
    assert tidy_postal_code(once, country) == once


@pytest.mark.parametrize("text", LONG, ids=lambda text: repr(text[:2]))
def test_long_text_takes_no_time(text: str) -> None:
    start = time.thread_time()
    parts = {**dict.fromkeys(PARTS, text), "country": "GB"}
    tidy_region(text, "US")
    tidy_postal_code(text, "GB")
    block(parts, home="DE", name=text)
    one_line(parts)
    problems(parts)
    assert len(map_url(parts)) < 4_000
    assert time.thread_time() - start < 0.5
