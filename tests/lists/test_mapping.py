"""Which column a heading means."""

import pytest

from lists.columns import Column
from lists.mapping import match_headings

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
    assert found.notices == []


def test_of_two_headings_for_one_column_the_nearer_is_read_and_it_is_said() -> None:
    found = match_headings(["id", "Name", "Reference", "Customer ID"], COLUMNS)
    assert found.columns == {1: NAME, 2: REFERENCE}
    assert sorted(found.ignored) == ["Customer ID", "id"]
    assert "“Reference” (column 3) is read" in found.notices[0]


def test_of_two_equal_headings_the_first_is_read_and_it_is_said() -> None:
    found = match_headings(["Name", "Name"], COLUMNS)
    assert found.columns == {0: NAME}
    assert "(column 2)" in found.notices[0]


def test_a_synonym_hides_no_columns_own_name() -> None:
    assert match_headings(["name"], [EMAIL, NAME]).columns == {0: NAME}
