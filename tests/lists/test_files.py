"""Reading sheets as people's programs write them, and refusing what is none, in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from pytest_django import Settings

from lists.files import read_sheet
from lists.sheets import FileRefused, Sheet
from tests.sheets import xlsx

NAMES = "Name;Reference\nÄrzte GmbH;05021\n"


def replaced(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The XLSX file with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return file.getvalue()


def rows(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(row.number, row.cells) for row in sheet.rows]


def refusal(data: bytes, **options: str) -> str:
    with pytest.raises(FileRefused) as caught:
        read_sheet(data, **options)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_in_every_encoding_separator_and_line_end(encoding: str, separator: str, line_end: str) -> None:
    text = NAMES.replace(";", separator).replace("\n", line_end)
    sheet = read_sheet(text.encode(encoding))
    assert sheet.headers == ["Name", "Reference"]
    assert rows(sheet) == [(2, ["Ärzte GmbH", "05021"])]


def test_a_file_that_is_not_unicode_is_read_in_the_countrys_windows_encoding_and_says_so() -> None:
    sheet = read_sheet("Name;Reference\nŁódź;1\n".encode("cp1250"), country="PL")
    assert rows(sheet) == [(2, ["Łódź", "1"])]
    assert "Windows-1250" in sheet.notices[0]


def test_excels_line_that_names_the_separator_is_no_row() -> None:
    assert rows(read_sheet(b"sep=;\nName;Reference\nAcme, Inc.;1\n")) == [(3, ["Acme, Inc.", "1"])]


def test_a_quoted_text_may_hold_separators_quotation_marks_and_line_breaks() -> None:
    sheet = read_sheet(b'Name,Reference\n"Say ""hi"", twice\nand again",7\nNext,8\n')
    assert rows(sheet) == [(2, ['Say "hi", twice\nand again', "7"]), (3, ["Next", "8"])]


def test_empty_lines_are_left_out_and_the_numbers_of_the_rows_stay() -> None:
    assert rows(read_sheet(b"\n\nName,Reference\n\nAcme,1\n,\n  , \nBeta,2\n")) == [
        (5, ["Acme", "1"]),
        (8, ["Beta", "2"]),
    ]


def test_one_column_is_enough() -> None:
    assert rows(read_sheet(b"Name\nAcme\n")) == [(2, ["Acme"])]


def test_separators_at_the_end_of_the_rows_do_no_harm() -> None:
    assert rows(read_sheet(b"Name,Reference\nAcme,1,\nBeta, 2,\n")) == [
        (2, ["Acme", "1"]),
        (3, ["Beta", " 2"]),
    ]
    assert rows(read_sheet(b"Name,Reference,,\nAcme,1,,\n")) == [(2, ["Acme", "1"])]


def test_a_row_shorter_or_longer_than_the_heading_is_named() -> None:
    sheet = read_sheet(b"Name,Reference,Phone\nAlone\nAcme,1\nBeta,2,3,4\nGamma,3,4\n")
    assert [row.problems.get(None, "")[:40] for row in sheet.rows] == [
        "The row has 1 cell, the heading has 3. W",
        "The row has 2 cells, the heading has 3. ",
        "The row has 4 cells, the heading has 3. ",
        "",
    ]


def test_an_unquoted_separator_in_a_text_is_put_right_only_where_it_is_certain() -> None:
    sheet = read_sheet(b"Name,Street,City\nAcme,Main St, 5,Rome\nBeta, Main St, 5,Rome\n")
    certain, uncertain = sheet.rows
    assert certain.cells == ["Acme", "Main St, 5", "Rome"]
    assert certain.problems == {}
    assert None in uncertain.problems
    assert "Look at row 2." in sheet.notices[0]


def test_a_row_that_ends_early_because_of_an_unquoted_separator_is_not_taken_as_it_looks() -> None:
    sheet = read_sheet(b"Name,Street,City\nAcme,Main St, 5,\nBeta,Main St,Rome\n")
    assert None in sheet.rows[0].problems


def test_a_very_long_cell_is_named() -> None:
    sheet = read_sheet(b"Name,Note\nAcme," + b"x" * 40_000 + b"\n")
    assert "more than" in sheet.rows[0].problems[1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b" \n\n \n", "The file is empty."),
        (b",,,\n,,,\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"Name,Reference\n", "a heading and no rows"),
        (b'Name,Reference\nAcme,"1\nBeta,2\n', "opens in row 2 is never closed"),
        (b'Name,Reference\n"Acme" Inc,1\n', "Row 2: more text follows"),
        (b'Name,Reference\n"' + b"x" * 200_000, "never closed"),
        ("Näme\nÄrzte\nÜber\n".encode() + b"\xff\n", "Line 4 holds bytes that are not UTF-8"),
        (b"Name\n\x81\x8d\x8f\n", "letters of the file can't be read"),
        (b"Name\n\x01\x02\x03\x04\x05", "not a CSV or XLSX file"),
        (b"Name\nAcme\n" + b"," * 2_000_000, "Line 3 has more than"),
        (b"%PDF-1.7 x", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08\x00", "a packed file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old Excel file (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 cut off", "damaged"),
        ((",".join("abcdefghij" * 51) + "\n1\n").encode(), "has 510 columns; 500 can be read"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(data: bytes, message: str) -> None:
    assert message in refusal(data)


def test_a_file_over_the_limits_is_refused(settings: Settings) -> None:
    settings.IMPORT_MAX_ROWS = 2
    assert rows(read_sheet(b"Name\nA\n\nB\n")) == [(2, ["A"]), (4, ["B"])]
    assert "more than 2 rows" in refusal(b"Name\nA\nB\nC\n")
    assert "more than 2 rows" in refusal(xlsx(["Name"], ["A"], ["B"], ["C"]))
    settings.IMPORT_MAX_BYTES = 10
    assert "can be imported" in refusal(b"Name,Reference\nAcme,1\n")


def test_xlsx_values_are_what_the_cells_hold() -> None:
    sheet = read_sheet(
        xlsx(
            ["Name", "Number", "Text", "Share", "Large", "Day", "Yes", "Nothing"],
            ["Ärzte", 5021, "05021", 0.25, 49301234567.0, date(2026, 2, 3), True, None],
        )
    )
    assert rows(sheet) == [(2, ["Ärzte", "5021", "05021", "0.25", "49301234567", "2026-02-03", "yes", ""])]


def test_xlsx_empty_rows_are_left_out_and_the_numbers_stay() -> None:
    assert rows(read_sheet(xlsx([], ["Name"], [], ["Acme"], [None, " "], ["Beta"]))) == [
        (4, ["Acme"]),
        (6, ["Beta"]),
    ]


def test_the_first_sheet_that_holds_anything_is_read_and_the_others_are_named() -> None:
    sheet = read_sheet(xlsx(Customers=[["Name"], ["Acme"]], Notes=[["x"]]))
    assert rows(sheet) == [(2, ["Acme"])]
    assert sheet.notices == ["The sheet “Customers” was read, “Sheet”, “Notes” not."]


def test_a_cell_beside_the_heading_moves_nothing() -> None:
    sheet = read_sheet(xlsx(["Name"], ["Acme", "a remark"]))
    assert sheet.headers == ["Name", ""]
    assert rows(sheet) == [(2, ["Acme", "a remark"])]


def test_the_content_tells_the_format_whatever_the_name() -> None:
    """An XLSX file that was renamed to .csv is read like any other: the name isn't even asked for."""
    assert rows(read_sheet(xlsx(["Name"], ["Acme"]))) == [(2, ["Acme"])]


def test_a_formulas_result_is_taken_and_one_without_result_is_named() -> None:
    data = xlsx(["Name", "Phone"], ["=1+1", "x"], ["=2+2", "y"])

    def with_result(part: bytes) -> bytes:
        return part.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    first, second = read_sheet(replaced(data, "xl/worksheets/sheet1.xml", with_result)).rows
    assert (first.cells[0], first.problems) == ("2", {})
    assert "formula without its result" in second.problems[0]


def test_what_the_file_says_of_its_size_need_not_be_true() -> None:
    def lie(part: bytes) -> bytes:
        return part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"')

    data = replaced(xlsx(["Name", "Reference"], ["Acme", "1"]), "xl/worksheets/sheet1.xml", lie)
    assert rows(read_sheet(data)) == [(2, ["Acme", "1"])]


def test_a_cell_in_the_last_corner_of_the_sheet_is_refused_quickly() -> None:
    def far(part: bytes) -> bytes:
        return part.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        )

    data = replaced(xlsx(["Name"], ["Acme"]), "xl/worksheets/sheet1.xml", far)
    assert "columns; 500 can be read" in refusal(data)


def test_a_row_beyond_the_last_of_a_sheet_is_refused_quickly() -> None:
    def far(part: bytes) -> bytes:
        return part.replace(
            b"</sheetData>", b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row></sheetData>'
        )

    data = replaced(xlsx(["Name"], ["Acme"]), "xl/worksheets/sheet1.xml", far)
    assert "more than 1,048,576 rows" in refusal(data)


def test_a_zip_bomb_is_not_opened() -> None:
    assert "unpacks to far more" in refusal(
        replaced(xlsx(["Name"], ["Acme"]), "xl/worksheets/sheet1.xml", lambda part: part + b" " * 60_000_000)
    )


@pytest.mark.parametrize(
    ("part", "used"),
    [
        ("xl/worksheets/sheet1.xml", (b"</sheetData>", b"<row><c><v>&bomb;</v></c></row></sheetData>")),
        ("xl/workbook.xml", (b'name="Sheet"', b'name="&bomb;"')),
    ],
)
def test_a_bomb_of_entities_is_not_expanded(part: str, used: tuple[bytes, bytes]) -> None:
    levels = [b'<!ENTITY l0 "hahahahaha">']
    levels += [b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 9)]
    bomb = b"<!DOCTYPE x [" + b"".join(levels) + b'<!ENTITY bomb "&l8;">]>'
    data = replaced(xlsx(["Name"], ["Acme"]), part, lambda old: bomb + old.replace(*used))
    assert "damaged" in refusal(data)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"\x00\x01", b"<a/>"])
def test_a_damaged_xlsx_file_is_refused_in_words(part: str, content: bytes) -> None:
    data = replaced(xlsx(["Name"], ["Acme"]), part, lambda old: content)
    assert "damaged" in refusal(data) or "empty" in refusal(data)


def test_a_zip_archive_that_is_no_xlsx_file_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("customers.csv", "Name\nAcme\n")
    assert "zip archive" in refusal(file.getvalue())
