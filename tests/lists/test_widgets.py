"""How an imported cell is understood."""

import pytest

from customers.columns import timezone_names
from customers.fields import language_choices
from lists.widgets import (
    COUNTRY,
    CountryWidget,
    KnownWidget,
    ParagraphWidget,
    PhoneWidget,
    SomeOfWidget,
    TextWidget,
    WebsiteWidget,
)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("example.com", "https://example.com"),
        (" http://münchen.example ", "http://münchen.example"),
    ],
)
def test_a_web_address_gets_a_scheme(cell: str, kept: str) -> None:
    assert WebsiteWidget(500).clean(cell) == kept


@pytest.mark.parametrize("cell", ["no address", "javascript:alert(1)", "https://"])
def test_what_is_no_web_address_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        WebsiteWidget(500).clean(cell)


@pytest.mark.parametrize("cell", ["de", "DE", "German", " german "])
def test_a_language_is_known_by_code_or_name(cell: str) -> None:
    assert KnownWidget(language_choices, "German").clean(cell) == "de"


def test_a_time_zone_is_known_in_any_case() -> None:
    assert KnownWidget(timezone_names, "Europe/Berlin").clean("europe/berlin") == "Europe/Berlin"


def test_an_unknown_value_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="“Klingonisch” is not known here"):
        KnownWidget(language_choices, "German").clean("Klingonisch")


@pytest.mark.parametrize(
    "cell", ["GB", "gb", "UK", "United Kingdom", "Great Britain", "Vereinigtes Königreich"]
)
def test_a_country_is_known_by_code_and_usual_names(cell: str) -> None:
    assert CountryWidget().clean(cell) == "GB"


@pytest.mark.parametrize("cell", ["a\r\nb", "a\rb", "a\nb", " a\nb\n\n"])
def test_a_paragraph_has_lines_whatever_ends_them(cell: str) -> None:
    widget = ParagraphWidget(10)
    assert widget.clean(cell) == "a\nb"
    assert widget.is_same(cell, "a\nb")
    assert widget.is_same(cell, "a\r\nb")
    assert not widget.is_same(cell, "ab")


@pytest.mark.parametrize("widget", [TextWidget(50), ParagraphWidget(50), PhoneWidget(50)])
@pytest.mark.parametrize(
    "cell", ["4.00638E+12", "4,00638E+12", " -4.0e+12", "1E+16", "1.234567890123457e+16"]
)
def test_a_number_that_a_spreadsheet_has_shortened_is_no_text(widget: TextWidget, cell: str) -> None:
    with pytest.raises(ValueError, match="has shortened, so that digits are lost"):
        widget.clean(cell, {COUNTRY: "DE"})


@pytest.mark.parametrize("cell", ["4E5", "12E3", "1E-05", "4.5E6", "E+12", "4.00638E+12 a", "B4E+12"])
def test_a_reference_may_look_like_one(cell: str) -> None:
    assert TextWidget(50).clean(cell) == cell


THINGS = {"gets_news": "Product news", "gets_invoices": "Invoices", "gets_offers": "Offers"}


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("Invoices", ("gets_invoices",)),
        (" offers,PRODUCT  news ;", ("gets_news", "gets_offers")),
        ("Offers\nOffers", ("gets_offers",)),
        ("None", ()),
        (";", ()),
    ],
)
def test_some_of_several_things_are_named_in_any_order_and_case(cell: str, kept: tuple[str, ...]) -> None:
    assert SomeOfWidget(THINGS).clean(cell) == kept


def test_some_things_are_shown_as_they_are_read() -> None:
    widget = SomeOfWidget(THINGS)
    for kept in [(), ("gets_offers",), tuple(THINGS)]:
        assert widget.clean(widget.render(kept)) == kept


@pytest.mark.parametrize("cell", ["Invoices and offers", "Invoices; none", "yes"])
def test_a_thing_that_is_none_of_them_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="Write some of Product news; Invoices; Offers; or none"):
        SomeOfWidget(THINGS).clean(cell)
