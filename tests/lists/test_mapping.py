"""Which column a heading means."""

import pytest

from lists.columns import Column, ColumnGroup
from lists.mapping import match_headings, rivals

NAME = Column(key="name", label="Customer name", expression="name", synonyms=("company name", "client"))
REFERENCE = Column(key="reference", label="Reference", expression="reference", synonyms=("customer id", "id"))
EMAIL = Column(key="email", label="E-mail", expression="email", synonyms=("mail", "name"))
COLUMNS = [NAME, REFERENCE, EMAIL]


@pytest.mark.parametrize(
    "heading", ["Customer name", "customer_NAME", "companyName", "Company-Name ", "name", "CLIENT", "Cliént"]
)
def test_case_blanks_and_punctuation_do_not_matter(heading: str) -> None:
    assert match_headings([heading], COLUMNS).columns == {0: NAME}


def test_headings_that_are_no_column_are_ignored_by_name() -> None:
    found = match_headings(["Name", "Colour", "", "customerID"], COLUMNS)
    assert found.columns == {0: NAME, 3: REFERENCE}
    assert found.ignored == ["Colour", "column 3 (without a heading)"]


def test_of_two_headings_for_one_column_the_nearer_is_read_and_it_is_said() -> None:
    headings = ["id", "Name", "Reference", "Customer ID"]
    found = match_headings(headings, COLUMNS)
    assert found.columns == {1: NAME, 2: REFERENCE}
    assert sorted(found.ignored) == ["Customer ID", "id"]
    assert list(rivals(headings, COLUMNS, {1: "name", 2: "reference"})) == [
        "“id” (column 1) and “Customer ID” (column 4) name the reference too: only “Reference” (column 3) is read."
    ]


def test_of_two_equal_headings_the_first_is_read_and_it_is_said() -> None:
    headings = ["Name", "Name", "Colour", "Colour", "", "", "Name", "Mail"]
    found = match_headings(headings, COLUMNS)
    assert found.columns == {0: NAME, 7: EMAIL}
    assert list(rivals(headings, COLUMNS, {0: "name", 7: "email"})) == [
        "“Name” stands there 3 times: column 1 is read, columns 2 and 7 are not."
    ]


def test_what_is_said_of_two_headings_is_what_was_decided() -> None:
    headings = ["Name", "Name", "Colour", "Colour"]
    assert list(rivals(headings, COLUMNS, {1: "name", 2: "reference"})) == [
        "“Name” stands there twice: column 2 is read, column 1 is not.",
        "“Colour” stands there twice: column 3 is read, column 4 is not.",
    ]
    assert list(rivals(headings, COLUMNS, {0: "name", 1: "reference"})) == []
    assert list(rivals(headings, COLUMNS, {})) == []
    assert list(rivals(["Name"] * 500, COLUMNS, {0: "name"})) == [
        "“Name” stands there 500 times: column 1 is read, columns 2, 3, 4, 5, 6 and 494 more are not."
    ]


def test_a_synonym_hides_no_columns_own_name() -> None:
    assert match_headings(["name"], [EMAIL, NAME]).columns == {0: NAME}


def test_a_heading_may_name_the_group_first() -> None:
    city = Column(key="city", label="Billing city", expression="city", synonyms=("city", "town"))
    groups = [ColumnGroup("Customer", tuple(COLUMNS)), ColumnGroup("Billing address", (city,))]
    columns = [*COLUMNS, city]
    headings = ["Customer E-mail", "Billing address Town", "Shipping address Town"]
    assert match_headings(headings, columns, groups).columns == {0: EMAIL, 1: city}
    assert match_headings(headings, columns).columns == {}
    nearer = match_headings(["Billing address City", "Town"], columns, groups)
    assert nearer.columns == {1: city}
