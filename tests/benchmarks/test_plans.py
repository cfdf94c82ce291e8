"""What the database does for every list request that is measured, asked as the application's role.

In a company among others: reading a table from its beginning would read mostly what is not its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from benchmarks import words
from benchmarks.asking import Visitor, explaining
from benchmarks.filling import BIG, Sizes, fill
from benchmarks.requests import Request, requests
from customers import jump
from lists.declaration import list_named
from lists.listing import Listing
from lists.tables import lookups_of
from tenants.database import by_index
from tests.database import empty_tables, new_tables

READ_WHOLE = re.compile(r"Seq Scan on (?:customers|contacts)_\w+")


@pytest.fixture(scope="module")
def visitor(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Visitor]:
    with django_db_blocker.unblock():
        new_tables()
        try:
            fill(Sizes(big=2_000, small=50, others=4, others_each=1_500))
            found = Visitor.of(BIG)
            with found.inside():
                yield found
        finally:
            empty_tables()


def plans(request: Request, visitor: Visitor) -> list[str]:
    """Of what counts the rows and of what reads the page."""
    listing = Listing(*request.declared(visitor))
    with explaining("COSTS OFF") as found:
        assert listing.total.number or listing.is_filtered
        listing.matches.page(lookups_of(listing.shown))
    return [plan for _, plan in found]


def test_no_list_request_reads_a_table_whole(visitor: Visitor) -> None:
    """Whatever it is narrowed by, searched for and sorted by, alone and together, and on whichever page."""
    asked = requests(visitor)
    assert len(asked) > 150
    read_whole = {
        f"{request.name}: {request.query}": plan
        for request in asked
        for plan in plans(request, visitor)
        if READ_WHOLE.search(plan)
    }
    assert not read_whole, "\n\n".join(f"{name}\n{plan}" for name, plan in read_whole.items())


def test_each_order_is_read_from_its_index(visitor: Visitor) -> None:
    for request in requests(visitor, "sort "):
        *_, page = plans(request, visitor)
        rows = page.partition("SubPlan")[0]
        assert "Sort" not in rows, f"{request.name}\n{page}"
        assert "ROW(" in rows.partition("Index Cond")[2] or "after=" not in request.query, request.name


@pytest.mark.parametrize(
    ("name", "index"), [("customers", "customers_found"), ("contacts", "contacts_search")]
)
def test_words_are_looked_for_in_the_trigram_index(visitor: Visitor, name: str, index: str) -> None:
    """Under row-level security only because LIKE is marked LEAKPROOF."""
    for more in ("", "&state=all", "&status=none", "&sort=-updated_at"):
        request = Request(name, "searched", f"q={words.RARE}{more}")
        finding, *_ = plans(request, visitor)
        assert f"Bitmap Index Scan on {index}" in finding
        assert f"search ~~ '%{words.RARE.casefold()}%'" in finding.partition("Index Cond")[2]


def test_words_traits_and_choices_are_looked_for_together(visitor: Visitor) -> None:
    for request in requests(visitor, "medium word, active, mid-market"):
        finding, *_ = plans(request, visitor)
        [condition] = re.findall(r"Bitmap Index Scan on customers_found\n *Index Cond: (.*)", finding)
        assert all(part in condition for part in ("tenant_id", "search ~~", "status_id", "segment_id"))


@pytest.mark.parametrize(
    ("asked", "index", "condition"),
    [
        ("customers: name starts:zanwick", "customers_by_name", "sort_name >= 'zanwick'"),
        ("customers: reference starts", "customers_by_reference", "reference_key >= 'c-0001'"),
        ("customers: email starts", "customers_by_email", "email_key >= 'post@'"),
        ("contacts: name starts", "contacts_by_name", "sort_name >= 'anna'"),
        ("contacts: email starts", "contacts_by_email", "email_key >= 'maria'"),
    ],
)
def test_what_begins_alike_stands_together_in_an_index(
    visitor: Visitor, asked: str, index: str, condition: str
) -> None:
    """Letter by letter: with another collation than C it would not."""
    [request] = requests(visitor, asked)
    counting, *_ = plans(request, visitor)
    assert f"using {index} " in counting
    assert condition in counting.partition("Index Cond")[2]


def test_a_page_of_what_begins_alike_is_read_from_that_index(visitor: Visitor) -> None:
    for request in requests(visitor, "customers: name starts"):
        counting, page = plans(request, visitor)
        assert "customers_by_name" in counting
        assert "customers_by_name" in page


def test_an_exact_search_asks_an_index_of_each_key(visitor: Visitor) -> None:
    for request in requests(visitor, "exactly"):
        finding, *_ = plans(request, visitor)
        for order in ("name", "email"):
            assert f"Bitmap Index Scan on {request.list}_by_{order}" in finding


def test_an_exact_search_asks_the_trigram_index_for_whole_lines(visitor: Visitor) -> None:
    """Whatever is compared beside the keys, and be it a letter: with what parts the lines it makes a trigram."""
    for request in requests(visitor, "exactly"):
        finding, *_ = plans(request, visitor)
        index = "customers_found" if request.list == "customers" else "contacts_search"
        conditions = re.findall(rf"Bitmap Index Scan on {index}\n *Index Cond: (.*(?:\n.*'\)\))?)", finding)
        assert conditions
        assert all("search ~~ '%" in condition for condition in conditions), finding


@pytest.mark.parametrize("missing", ["contact", "primary", "billing"])
def test_what_is_missing_has_an_index_of_its_own(visitor: Visitor, missing: str) -> None:
    counting, *_ = plans(Request("customers", "missing", f"missing={missing}"), visitor)
    assert f"using customers_no_{missing} " in counting


@pytest.mark.parametrize("value", ["empty", "starts:Berlin"])
def test_cities_are_counted_in_the_index_that_sorts_by_them(visitor: Visitor, value: str) -> None:
    counting, *_ = plans(Request("customers", "city", f"billing_city={value}"), visitor)
    assert "using customers_by_city " in counting


def test_a_country_is_counted_in_a_small_index(visitor: Visitor) -> None:
    for request in requests(visitor, "customers: country"):
        counting, *_ = plans(request, visitor)
        assert "using customers_of_country " in counting, request.name


@pytest.mark.parametrize("name", ["customers", "contacts"])
def test_how_a_phone_begins_is_looked_for_in_an_index_of_its_digits(visitor: Visitor, name: str) -> None:
    for typed in ("+49 30 50", "30 50"):
        _, counting, *_ = plans(Request(name, "begun", urlencode({"phone": f"starts:{typed}"})), visitor)
        assert re.search(rf"on {name}_by_phone.*\n *Index Cond: .*phone_digits >= '493050'", counting), (
            counting
        )


def test_a_period_of_days_is_counted_in_a_small_index(visitor: Visitor) -> None:
    """Of those alone of whom the day is known."""
    for request in requests(visitor, "customers: customer_since"):
        counting, *_ = plans(request, visitor)
        assert "using customers_of_since " in counting, request.name


def test_a_range_of_employees_is_counted_in_a_small_index(visitor: Visitor) -> None:
    """Of those alone of whom the number is known."""
    for request in requests(visitor, "customers: employees"):
        counting, *_ = plans(request, visitor)
        assert "using customers_of_size " in counting, request.name


@pytest.mark.parametrize("name", ["customers", "contacts"])
def test_whether_a_list_is_empty_is_told_by_an_index(visitor: Visitor, name: str) -> None:
    """One query, which does not look at what other companies have."""
    declaration = list_named(name)
    assert declaration
    with explaining("COSTS OFF") as found:
        assert not declaration.is_empty
    [(_, plan)] = found
    assert f"using {name}_by_name" in plan


def test_every_column_that_sorts_has_its_order_measured(visitor: Visitor) -> None:
    measured = {(request.list, request.query) for request in requests(visitor, "sort ")}
    for name in ("customers", "contacts"):
        declaration = list_named(name)
        assert declaration
        for column in declaration.columns(visitor.user).values():
            assert not column.order or (name, f"sort=-{column.key}") in measured


def test_only_what_counts_is_kept_from_reading_tables_whole(visitor: Visitor) -> None:
    """Whatever the transaction asks afterwards is planned as ever."""

    def allowed() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            return str(cursor.fetchone()[0])

    with by_index():
        assert allowed() == "off"
    assert allowed() == "on"


def test_the_jump_box_asks_indexes_for_those_in_which_a_word_stands(visitor: Visitor) -> None:
    """It takes the first that match, which the planner would expect at the beginning of everybody's table."""
    with explaining("COSTS OFF, SETTINGS") as found:
        jump.find(words.BROAD.casefold(), visitor.user)
    anywhere = [plan for sql, plan in found if "LIKE" in sql]
    assert anywhere
    assert all("enable_seqscan = 'off'" in plan for plan in anywhere)
