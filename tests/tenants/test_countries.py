"""Countries by all the names that people have for them."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given

from tenants.countries import country_code, country_name, country_options
from tenants.country_names import LOCAL_NAMES, OTHER_NAMES
from tenants.fields import fold
from tests.strange import CODES, LONG, texts

NAMES = {
    "AE": ["UAE", "U.A.E.", "United Arab Emirates"],
    "BO": ["Bolivia", "Bolivia, Plurinational State of", "Bolivia (Plurinational State of)"],
    "BR": ["Brasil", "Brazil", "BRA"],
    "BS": ["Bahamas", "The Bahamas", "Bahamas (The)"],
    "CD": ["Congo-Kinshasa", "DR Congo", "Congo, Democratic Republic of the", "Zaire"],
    "CG": ["Congo-Brazzaville", "Republic of the Congo"],
    "CI": ["Ivory Coast", "Côte d’Ivoire", "Cote d'Ivoire"],
    "CN": ["PRC", "P.R. China", "People's Republic of China", "中国"],
    "CZ": ["Czechia", "Czech Republic", "Česko"],
    "DE": ["Deutschland", "Germany", " GERMANY ", "Federal Republic of Germany", "DEU"],
    "GB": ["UK", "U.K.", "the UK", "England", "Great Britain", "Scotland"],
    "GE": ["Georgia", "Republic of Georgia"],
    "GR": ["Greece", "Hellas", "Ελλάδα"],
    "HK": ["Hong Kong", "Hongkong", "Hong Kong SAR China"],
    "IE": ["Ireland", "Eire", "Éire", "Republic of Ireland"],
    "IR": ["Iran", "Iran (Islamic Republic of)", "Iran, Islamic Republic of"],
    "JP": ["Japan", "日本", "Japon"],
    "KP": ["North Korea", "DPRK", "Korea, Democratic People's Republic of"],
    "KR": ["Korea", "South Korea", "Korea, Republic of", "Republic of Korea", "대한민국"],
    "LC": ["St. Lucia", "Saint Lucia", "St Lucia"],
    "MK": ["Macedonia", "North Macedonia", "Macedonia, the former Yugoslav Republic of"],
    "MM": ["Burma", "Myanmar"],
    "NE": ["Niger"],
    "NI": ["NI"],  # ISO's code, whatever it abbreviates in Britain
    "NL": ["Holland", "The Netherlands", "Kingdom of the Netherlands", "Niederlande"],
    "RU": ["Russia", "Russian Federation", "Россия"],
    "SY": ["Syria", "Syrian Arab Republic"],
    "SZ": ["Swaziland", "Eswatini"],
    "TR": ["Turkey", "Türkiye", "Turkiye"],
    "TW": ["Taiwan", "Taiwan, Province of China", "Republic of China"],
    "TZ": ["Tanzania, United Republic of"],
    "US": ["USA", "U.S.A.", "America", "United States", "the United States of America", "us"],
    "VE": ["Venezuela", "Venezuela, Bolivarian Republic of"],
    "VI": ["Virgin Islands (U.S.)", "US Virgin Islands"],
    "VN": ["Vietnam", "Viet Nam", "Việt Nam"],
}


@pytest.mark.parametrize("code", NAMES)
def test_a_country_is_known_by_its_usual_names(code: str) -> None:
    assert {name: country_code(name) for name in NAMES[code]} == dict.fromkeys(NAMES[code], code)


@pytest.mark.parametrize(
    "name", ["Congo", "Virgin Islands", "Georgia, USA", "Republic of", "Narnia", "London, UK", "The"]
)
def test_nothing_is_guessed(name: str) -> None:
    assert country_code(name) == ""


def test_codes_are_themselves_and_every_name_that_is_offered_leads_to_its_country() -> None:
    assert [country_code(code) for code in CODES] == CODES
    wrong = [
        (word, option.code, country_code(word))
        for option in country_options()
        for word in (option.name, *OTHER_NAMES.get(option.code, ()), *LOCAL_NAMES.get(option.code, ()))
        if country_code(word) != option.code
    ]
    assert wrong == []


def test_options_are_sorted_as_people_look_for_them() -> None:
    names = [option.name for option in country_options()]
    assert names == sorted(names, key=fold)
    assert names[:2] == ["Afghanistan", "Åland Islands"]
    germany = next(option for option in country_options() if option.code == "DE")
    assert germany.name == country_name("DE") == "Germany"
    assert {"DEU", "Deutschland"} <= set(germany.words.split(", "))
    assert country_name("XX") == country_name("") == ""


@given(text=texts)
def test_any_text_is_a_country_or_not(text: str) -> None:
    code = country_code(text)
    assert code == "" or code in CODES
    assert country_code(code) == code
    assert country_name(text) == "" or text in CODES


@pytest.mark.parametrize("text", LONG, ids=lambda text: repr(text[:2]))
def test_long_text_takes_no_time(text: str) -> None:
    start = time.thread_time()
    assert country_code(text) == ""
    assert time.thread_time() - start < 0.05


BABEL = """
import json, sys
from babel import Locale, localedata
from babel.languages import get_official_languages
found = {}
for code in json.loads(sys.argv[1]):
    languages = [l for l in get_official_languages(code, regional=True, de_facto=True) if localedata.exists(l)]
    found[code] = [Locale.parse(l).territories.get(code) for l in languages]
print(json.dumps(found))
"""


def test_local_names_are_babels() -> None:
    """In a process of its own: Babel keeps every language that it has read."""
    answer = subprocess.run([sys.executable, "-c", BABEL, json.dumps(CODES)], check=True, capture_output=True)
    babel: dict[str, list[str]] = json.loads(answer.stdout)
    assert {name for code, names in LOCAL_NAMES.items() for name in names if name not in babel[code]} == set()
    unknown = {
        (code, name) for code, names in babel.items() for name in names if name and country_code(name) != code
    }
    assert unknown == set()
