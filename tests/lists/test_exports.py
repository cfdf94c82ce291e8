"""Files as they are written: every value comes out as it went in, in every format."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.dom import minidom

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lists.cells_text import legal, unescape
from lists.columns import Column
from lists.exports import pieces
from lists.models import Export
from lists.xlsx_writer import LONGEST
from lists.xml_pieces import decoded

HOSTILE = [
    "Ärzte & Söhne, GmbH", 'Say "hi"', "two\nlines", "a\r\nb", "00123", "=1+1", "+49 30", "-5", "@home", "'=quoted",
    "\ttab", "شركة עברית", "🚲 Bikes", "日本語", " blanks ", "<b>&amp;</b>", "]]>", "100 % {x}", "1e5", "NULL",
    "a;b,c", "_x0041_", "\x01\x1f\ufffe",
]  # fmt: skip
MOMENT = datetime(2026, 5, 17, 21, 30, 15, 999_999, tzinfo=UTC)


def written(kind: str, rows: Sequence[tuple[Any, ...]], *, share: int = 3, **layout: Any) -> bytes:
    """The file of these rows, given in chunks of `share`. Columns are called a, b, c …"""
    columns = [Column(key=key, label=key.upper(), expression=key) for key in "abcdefgh"[: len(rows[0])]]
    chunks = [rows[start : start + share] for start in range(0, len(rows), share)]
    return b"".join(pieces(Export(format=kind, **layout), columns, chunks, "Customers"))


def read_csv(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_xlsx(data: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(data))
    assert book.active
    return [list(row) for row in book.active.iter_rows()]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_gives_every_text_back_and_runs_none(delimiter: str) -> None:
    data = written("csv", [(text, "") for text in HOSTILE], delimiter=delimiter)
    heads, *rows = read_csv(data, delimiter)
    assert heads == ["A", "B"]
    assert [unescape(row[0]) for row in rows] == HOSTILE
    assert not [row for row in rows if row[0].startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert data.startswith(b"\xef\xbb\xbf")
    assert not written("csv", [("a",)], bom=False).startswith(b"\xef\xbb\xbf")


def test_json_gives_every_text_back_as_it_is() -> None:
    rows = json.loads(written("json", [(text, None) for text in HOSTILE]))
    assert rows == [{"a": text, "b": None} for text in HOSTILE]


def test_xlsx_gives_every_text_back_as_text() -> None:
    (heads, *rows) = read_xlsx(written("xlsx", [(text, "") for text in HOSTILE]))
    assert [cell.value for cell in heads] == ["A", "B"]
    texts = [decoded(row[0].value or "") for row in rows]  # which openpyxl leaves to us
    assert list(map(unescape, texts)) == [legal(text) for text in HOSTILE]
    assert {row[0].data_type for row in rows if row[0].value} == {"s"}


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@given(st.lists(st.tuples(TEXT, st.none() | TEXT), min_size=1, max_size=8))
def test_any_text_comes_back_from_any_file(rows: list[tuple[str, str | None]]) -> None:
    assert json.loads(written("json", rows)) == [{"a": a, "b": b} for a, b in rows]
    assert [tuple(map(unescape, row)) for row in read_csv(written("csv", rows))[1:]] == [
        (a, b or "") for a, b in rows
    ]
    cells = [
        tuple(unescape(cell.value or "") for cell in row) for row in read_xlsx(written("xlsx", rows))[1:]
    ]
    assert cells == [(legal(a), legal(b or "")) for a, b in rows]


def test_values_of_other_types_keep_them() -> None:
    rows = [
        (True, MOMENT, date(2026, 5, 17), 7, Decimal("-1.50"), 0.5, "x"),
        (False, None, date(1812, 1, 1), None, None, None, None),
        (None, MOMENT, None, -3, Decimal("0"), 1e21, ""),
    ]
    with timezone.override("Asia/Tokyo"):
        texts = read_csv(written("csv", rows))
        objects = json.loads(written("json", rows))
        sheet = read_xlsx(written("xlsx", rows))
    assert texts[1] == ["yes", "2026-05-18 06:30:15", "2026-05-17", "7", "-1.50", "0.5", "x"]
    assert texts[2] == ["no", "", "1812-01-01", "", "", "", ""]
    assert list(objects[0].values()) == [True, "2026-05-18T06:30:15+09:00", "2026-05-17", 7, -1.5, 0.5, "x"]
    assert list(objects[1].values()) == [False, None, "1812-01-01", None, None, None, None]
    assert [cell.value for cell in sheet[1]] == [
        "yes", datetime(2026, 5, 18, 6, 30, 15), datetime(2026, 5, 17), 7, -1.5, 0.5, "x",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[2]] == ["no", None, "1812-01-01", None, None, None, None]
    assert [cell.value for cell in sheet[3]] == [
        None,
        datetime(2026, 5, 18, 6, 30, 15),
        None,
        -3,
        0,
        1e21,
        None,
    ]


@pytest.mark.parametrize("second", range(0, 86_400, 4_321))
def test_a_sheet_keeps_every_second_of_a_day(second: int) -> None:
    moment = datetime.fromtimestamp(1_779_000_000 + second, UTC)
    with timezone.override("UTC"):
        (_, (cell,)) = read_xlsx(written("xlsx", [(moment,)]))
    assert cell.value == moment.replace(tzinfo=None)


def test_an_xlsx_file_is_a_package_of_valid_parts() -> None:
    rows = [(text, MOMENT, 1) for text in HOSTILE]
    with zipfile.ZipFile(io.BytesIO(written("xlsx", rows))) as package:
        assert package.testzip() is None
        parts = {name: package.read(name) for name in package.namelist()}
    for data in parts.values():
        minidom.parseString(data)  # written by ourselves
    assert set(parts) >= {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    }


def test_a_sheets_cell_holds_no_more_than_it_can() -> None:
    (_, (cell,)) = read_xlsx(written("xlsx", [("&" * (LONGEST + 1),)]))
    assert cell.value == "&" * LONGEST


def most_memory(kind: str, number: int) -> int:
    """Bytes that Python holds at the most while that many chunks of rows are written, all of them alike."""
    columns = [Column(key=key, label=key, expression=key) for key in "abcd"]
    chunks = ([(f"Alder {n} {m}", "=1", MOMENT, m) for m in range(500)] for n in range(number))
    tracemalloc.start()
    for piece in pieces(Export(format=kind), columns, chunks, "Customers"):
        del piece
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_long_file_takes_no_more_memory_than_a_short_one(kind: str) -> None:
    most_memory(kind, 2)  # what is made once
    assert most_memory(kind, 20) < 1.2 * most_memory(kind, 4)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_no_rows_are_a_file_too(kind: str) -> None:
    column = Column(key="a", label="A", expression="a")
    data = b"".join(pieces(Export(format=kind), [column], [], "A/B: [customers]"))
    if kind == "csv":
        assert read_csv(data) == [["A"]]
    elif kind == "json":
        assert json.loads(data) == []
    else:
        assert load_workbook(io.BytesIO(data)).sheetnames == ["A B   customers "]
