import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.cells_text import escape, guard, legal, unescape

TRICKY = st.text(alphabet=st.sampled_from("'=+-@\t\r\nab ä0")) | st.text()


@given(TRICKY)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert unescape(guard(text)) == text


@given(TRICKY)
def test_nothing_escaped_runs_as_a_formula(text: str) -> None:
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+493012345", "'+493012345"),
        ("'=1+1", "''=1+1"),
        ("'t Hooft", "'t Hooft"),
        ("Ærø", "Ærø"),
        ("", ""),
    ],
)
def test_only_what_needs_it_gets_an_apostrophe(text: str, cell: str) -> None:
    assert escape(text) == cell


def test_characters_that_xml_refuses_are_left_out() -> None:
    assert legal("a\x01b\x1fc\ufffed\te") == "abcd\te"
