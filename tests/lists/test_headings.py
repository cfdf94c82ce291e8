"""Where the heading is: below titles, in two rows (people merge cells for both), or where somebody says."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from lists import headings
from lists.sheets import Row
from tests.lists.spooling import Read, read, refusal
from tests.sheets import xlsx

ABOVE = ["Name", "Reference", "Billing address", None, None, "Phone"]
BELOW = [None, None, "Street", "City", "Country", None]
ACME = ["Acme", "C-1", "Via Appia 1", "Rome", "IT", "0612345"]
BIRCH = ["Birch", "C-2", "Elm Street 2", "Bath", "GB", ""]
WHOLE = [
    "Name",
    "Reference",
    "Billing address Street",
    "Billing address City",
    "Billing address Country",
    "Phone",
]


def merged(rows: list[list[Any]], *ranges: str) -> Read:
    """What is read of a sheet with these rows and merged cells."""
    book = load_workbook(io.BytesIO(xlsx(*rows)))
    for cells in ranges:
        book.worksheets[0].merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    return read(file.getvalue())


@pytest.mark.parametrize("down", [["A1:A2", "B1:B2", "F1:F2"], []])
def test_two_rows_of_which_one_completes_the_other_are_one_heading(down: list[str]) -> None:
    upload = merged([ABOVE, BELOW, ACME, BIRCH], "C1:E1", *down)
    assert upload.found.headers == WHOLE
    assert upload.cells == [(3, ACME), (4, BIRCH)]
    assert upload.found.notices == ["Rows 1 and 2 were read together as the heading."]


def test_groups_above_all_columns_are_completed_too() -> None:
    above = ["Customer", None, None, "Billing address", None]
    below = ["Name", "Reference", "E-mail", "City", "Country"]
    row = ["Acme", "C-1", "info@acme.example", "Rome", "IT"]
    upload = merged([above, below, row], "A1:C1", "D1:E1")
    assert upload.found.headers == [
        "Customer Name",
        "Customer Reference",
        "Customer E-mail",
        "Billing address City",
        "Billing address Country",
    ]
    assert upload.cells == [(3, row)]


def test_one_column_of_a_group_is_completed_beside_cells_that_are_merged_over_both_rows() -> None:
    upload = merged(
        [
            ["Name", "Contact", "Address", None],
            [None, "E-mail", "Address", "City"],
            ["Acme", "a@b.example", "X", "Y"],
        ],
        "A1:A2",
        "C1:D1",
    )
    assert upload.found.headers == ["Name", "Contact E-mail", "Address", "Address City"]


def test_a_title_above_a_heading_of_two_rows_is_none_of_them() -> None:
    upload = merged([["Customers 2026"], ABOVE, BELOW, ACME], "A1:F1", "C2:E2", "A2:A3", "B2:B3", "F2:F3")
    assert upload.found.headers == WHOLE
    assert upload.cells == [(4, ACME)]
    assert upload.found.notices == [
        "Row 1, “Customers 2026”, was taken for a title: the heading is row 2.",
        "Rows 2 and 3 were read together as the heading.",
    ]


@pytest.mark.parametrize(
    ("rows", "ranges"),
    [
        ([["Customers 2026"], ["Name", "City"], ["Acme", "Rome"]], ["A1:B1"]),
        ([["Customers 2026"], ["As of May"], ["Name", "City"], ["Acme", "Rome"]], ["A1:B1", "A2:B2"]),
        ([["Customers 2026"], ["As of May"], ["Name", "City", "Phone"], ["Acme", "Rome", "1"]], ["A1:C1"]),
        ([[None, "Customers 2026"], [], [None, "Name", "City"], [None, "Acme", "Rome"]], ["B1:C2"]),
    ],
)
def test_titles_that_are_merged_over_columns_are_no_heading(rows: list[list[Any]], ranges: list[str]) -> None:
    upload = merged(rows, *ranges)
    assert list(filter(None, upload.found.headers))[:2] == ["Name", "City"]
    assert len(upload.cells) == 1
    assert "“Customers 2026”, was taken for a title" in upload.found.notices[0]


@pytest.mark.parametrize(
    ("rows", "ranges"),
    [
        # What stands below is a row: of a heading that is merged, it fills all cells, or it holds values.
        (
            [["Name", "Address", None, "Phone"], ["Acme", "Rome", "IT", "1"], ["Birch", "Bath", "GB", "2"]],
            ["B1:C1"],
        ),
        (
            [["Name", None, "Phone", None], ["Ann", "Berg", "030", "031"], ["Bo", "Lee", "040", "041"]],
            ["A1:B1", "C1:D1"],
        ),
        (
            [["Name", None, "Place", None], ["Ann", "Berg", "Rome", "IT"], ["Bo", "Lee", "Bath", "GB"]],
            ["A1:B1", "C1:D1"],
        ),
        # Nothing is merged, or only what is not above the gap.
        ([ABOVE, BELOW, ACME], []),
        ([ABOVE, BELOW, ACME], ["C3:E3"]),
        # The group reaches over columns of which the second row says nothing.
        (
            [
                ["Name", "Address", None, None, "Phone"],
                [None, "Street", "City"],
                ["Acme", "Via Appia", "Rome", "IT", "1"],
            ],
            ["B1:D1"],
        ),
        # A row is missing between them, or none is below.
        ([ABOVE, [], BELOW, ACME], ["C1:E1"]),
        ([ABOVE, BELOW], ["C1:E1", "A1:A2"]),
    ],
)
def test_where_it_is_not_sure_the_first_row_is_the_heading(rows: list[list[Any]], ranges: list[str]) -> None:
    upload = merged(rows, *ranges)
    first = [cell or "" for cell in rows[0]]
    assert upload.found.headers[: len(first)] == first
    assert upload.found.notices == []


def test_a_single_text_that_is_not_merged_above_two_columns_is_a_heading() -> None:
    assert merged([["Name"], ["Acme", "a remark"]]).found.headers == ["Name", ""]


def never() -> list[headings.Merged]:
    raise AssertionError


def test_merged_cells_are_looked_for_only_where_the_first_rows_have_gaps() -> None:
    """They stand behind all rows of the sheet."""
    for cells in (["Name", "City"], ["Name", "", "City"]):
        rows = [Row(1, cells), Row(2, ["Acme", "", "Rome"][: len(cells)]), Row(3, ["Birch"])]
        assert headings.beginning_of(rows, never).heading == rows[0]


@pytest.mark.parametrize("piece", [7, 64])
def test_merged_cells_are_found_wherever_they_lie(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headings, "PIECE", piece)
    ranges = [f"A{number}:B{number}" for number in range(4, 60)]
    rows: list[list[Any]] = [ABOVE, BELOW, *([f"Name {number}"] for number in range(60))]
    assert merged(rows, *ranges, "C1:E1", "A1:A2").found.headers == WHOLE


def test_very_many_merged_cells_are_no_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headings, "MOST_MERGED", 1)
    assert merged([ABOVE, BELOW, ACME], "C1:E1", "A1:A2").found.headers == [cell or "" for cell in ABOVE]


# Titles of a CSV file

TABLE = "Name;Reference;City\nAcme;C-1;Rome\nBirch;C-2;Bath\n"
COLUMNS = ["Name", "Reference", "City"]


@pytest.mark.parametrize(
    "above", ["Our customers\n", "Our customers;;\n", "Our customers\n\nas of May\n\n", "A\nB, C\nD\n\n"]
)
def test_titles_above_the_heading_of_a_csv_file_are_passed_over_and_said(above: str) -> None:
    upload = read(f"{above}{TABLE}".encode())
    first = above.count("\n") + 1
    assert (upload.found.headers, upload.found.heading, upload.found.separator) == (
        COLUMNS,
        first,
        "semicolon",
    )
    assert upload.cells == [(first + 1, ["Acme", "C-1", "Rome"]), (first + 2, ["Birch", "C-2", "Bath"])]
    said = upload.found.notices
    assert len(said) == len([line for line in above.splitlines() if line])
    assert all(f"was taken for a title: the heading is row {first}." in notice for notice in said)


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Name\nAcme, Rome, Italy\nBirch\n", ["Name"]),  # one column, of texts that hold separators
        ("Name\nAcme\nBirch\n", ["Name"]),
        ("Our customers\nName;City\nAcme;Rome\nBirch;Bath\n", ["Our customers"]),  # two columns don't tell
        ("A\nB\nC\nD\nName;Reference;City\nAcme;C-1;Rome\n", ["A"]),  # too many titles
        ("Our customers\nName;Reference;City\n", ["Our customers"]),  # nothing below tells
    ],
)
def test_where_it_is_not_sure_the_first_row_of_a_csv_file_is_the_heading(
    text: str, headers: list[str]
) -> None:
    upload = read(text.encode())
    assert ([one for one in upload.found.headers if one], upload.found.heading) == (headers, 1)


# A row that somebody has chosen


@pytest.mark.parametrize(
    "data", [b"A\nB\nC\nD\nE;;\n\n" + TABLE.encode(), b"Name;City\n" * 5 + b"\n" + TABLE.encode()]
)
@pytest.mark.parametrize("chosen", [6, 7])  # an empty one stands for the next
def test_the_heading_of_a_csv_file_may_be_chosen(data: bytes, chosen: int) -> None:
    upload = read(data, heading=chosen)
    assert (upload.found.headers, upload.found.heading, upload.found.rows) == (COLUMNS, 7, 2)
    assert upload.cells[0] == (8, ["Acme", "C-1", "Rome"])
    assert upload.found.separator == "semicolon"
    assert upload.found.notices == [
        "Row 7 was read as the heading, as you chose. What stands above it was not read."
    ]


def test_the_heading_of_a_sheet_may_be_chosen() -> None:
    rows: list[list[Any]] = [
        ["Customers", None, None],
        COLUMNS,
        ["Firma", "Nummer", "Ort"],
        ["Acme", "C-1", "Rome"],
    ]
    assert read(xlsx(*rows)).found.headers == COLUMNS
    upload = read(xlsx(*rows), heading=3)
    assert (upload.found.headers, upload.found.heading) == (["Firma", "Nummer", "Ort"], 3)
    assert upload.cells == [(4, ["Acme", "C-1", "Rome"])]
    assert read(xlsx(*rows), heading=1).found.notices == ["Row 1 was read as the heading, as you chose."]


@pytest.mark.parametrize("data", [TABLE.encode(), xlsx(COLUMNS, ["Acme", "C-1", "Rome"])])
def test_a_row_behind_the_last_is_no_heading(data: bytes) -> None:
    assert "No row holds anything from row 1,000 on." in refusal(data, heading=1_000)
    assert "a heading and no rows" in refusal(
        data, heading=len(data.splitlines()) if data[:2] != b"PK" else 2
    )
