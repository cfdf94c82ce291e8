"""Reading XLSX as people's programs write it, and refusing what is damaged or made to harm, in words."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill
from openpyxl.styles.numbers import BUILTIN_FORMATS

from lists import spool as spooling
from lists import xlsx_parts, xlsx_texts
from lists.cells_text import legal, unescape
from lists.spool import spool
from lists.xlsx_writer import xlsx_pieces
from tests.lists.spooling import Change, read, refusal
from tests.sheets import xlsx

SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
NAMES = xlsx(["Name"], ["Acme"])


def replaced(data: bytes, part: str, change: Change) -> bytes:
    """The XLSX file with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return file.getvalue()


def sharing(data: bytes, texts: str = "<si/>") -> bytes:
    """The workbook with texts that cells may share, which openpyxl writes none of."""
    named = b'<Relationship Id="texts" Type="any/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    data = replaced(data, "xl/_rels/workbook.xml.rels", lambda part: part.replace(b"</Relationships>", named))
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(TEXTS, f'<sst xmlns="{MAIN}">{texts}</sst>')
    return file.getvalue()


SHARING = sharing(NAMES)


def with_rows(xml: str, *, root: str = f'<worksheet xmlns="{MAIN}">', shared: str = "") -> bytes:
    """A workbook whose sheet holds these rows, and whose cells share these texts."""
    prefix = ":".join([*re.findall(r"<(\w+):", root), ""])
    sheet = f"{root}<{prefix}sheetData>{xml}</{prefix}sheetData></{prefix}worksheet>"
    data = replaced(SHARING if shared else NAMES, SHEET, lambda part: sheet.encode())
    return replaced(data, TEXTS, lambda part: part.replace(b"<si/>", shared.encode()))


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_values_are_what_the_cells_hold() -> None:
    upload = read(
        xlsx(
            ["Name", "Number", "Text", "Share", "Large", "Day", "Yes", "Nothing"],
            ["Ärzte", 5021, "05021", 0.25, 49301234567.0, date(2026, 2, 3), True, None],
        )
    )
    assert upload.cells == [(2, ["Ärzte", "5021", "05021", "0.25", "49301234567", "2026-02-03", "yes", ""])]
    assert (upload.found.encoding, upload.found.separator) == ("", "")


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (42, "00000", "00042"),
        (1067, "00000", "01067"),
        (123456, "00000", "123456"),
        (123456789, r"000\-00\-0000", "123-45-6789"),
        (101180042, "00000-0000", "10118-0042"),
        (12, '"C-"0000', "C-0012"),
        (1067.0, "00000", "01067"),
        (10.5, "00000", "10.5"),  # more than the format shows
        (-5, "000", "-5"),
        (7, "0", "7"),
        (7, "0.00", "7"),
        (1067, "#,##0", "1067"),
        (1067, "General", "1067"),
        ("1067", "00000", "1067"),  # a text as it was typed
    ],
)
def test_numbers_have_the_zeros_that_their_format_shows(value: Any, number_format: str, text: str) -> None:
    book = Workbook()
    book.worksheets[0].append(["Name", "Reference"])
    book.worksheets[0].append(["Alder", value])
    book.worksheets[0]["B2"].number_format = number_format
    assert read(saved(book)).cells == [(2, ["Alder", text])]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("123456789012345", "123456789012345"),
        ("1.23456789012E+14", "123456789012000"),
        ("-9.99999999999999E+14", "-999999999999999"),
        ("1.0000000000000001E-5", "0.00001"),
        ("2E-3", "0.002"),
    ],
)
def test_numbers_are_written_in_digits(value: str, text: str) -> None:
    [row] = read(with_rows(f'<row><c t="str"><v>N</v></c></row><row><c><v>{value}</v></c></row>')).rows
    assert (row.cells, row.problems) == ([text], {})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12345678901234567", "12345678901234567"),
        ("1.2345678901234567E+16", "12345678901234567"),
        ("1.23456789012345E+15", "1234567890123450"),
        ("-1234567890123456", "-1234567890123456"),
        ("1234567890123456.5", "1234567890123456.5"),
        ("1e16", "10000000000000000"),
    ],
)
@pytest.mark.parametrize("number_format", ["General", "0000"])
def test_a_number_of_more_digits_than_excel_keeps_is_named(value: str, text: str, number_format: str) -> None:
    book = load_workbook(io.BytesIO(xlsx(["Reference"], [5])))
    book.worksheets[0]["A2"].number_format = number_format
    data = replaced(saved(book), SHEET, lambda part: part.replace(b"<v>5</v>", f"<v>{value}</v>".encode()))
    [row] = read(data).rows
    assert row.cells == [text]
    assert "more than 15 digits" in row.problems[0]
    assert "Format the column as text in the spreadsheet" in row.problems[0]


def test_days_and_times_are_written_as_iso_has_them() -> None:
    book = Workbook()
    book.worksheets[0].append(["A", "B", "C", "D", "E", "F"])
    moments = [
        date(1900, 1, 5),
        datetime(2026, 2, 3, 4, 5, 6),
        time(7, 8),
        timedelta(hours=30),
        45_000,
        10**9,
    ]
    book.worksheets[0].append(moments)
    book.worksheets[0]["E2"].number_format = '[$-409]d. mmm yyyy "at" h'
    book.worksheets[0]["F2"].number_format = "yyyy-mm-dd"
    [row] = read(saved(book)).rows
    assert row.cells == [
        "1900-01-05",
        "2026-02-03T04:05:06",
        "07:08:00",
        "1 day, 6:00:00",
        "2023-03-15",
        "1000000000",
    ]
    from_1904 = replaced(
        saved(book),
        "xl/workbook.xml",
        lambda part: part.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>'),
    )
    assert read(from_1904).rows[0].cells[4] == "2027-03-16"


def test_formats_that_only_look_like_days_are_numbers() -> None:
    book = Workbook()
    book.worksheets[0].append(["Price", "Share", "Colour"])
    book.worksheets[0].append([12.5, 0.5, 3])
    for cell, number_format in zip(book.worksheets[0][2], ['0.00 "days"', "0%", "[Red]0"], strict=True):
        cell.number_format = number_format
    assert read(saved(book)).rows[0].cells == ["12.5", "0.5", "3"]


def test_a_day_in_an_east_asian_format_is_a_day() -> None:
    book = load_workbook(io.BytesIO(xlsx(["Day"], [46_056])))
    book.worksheets[0]["A2"].number_format = BUILTIN_FORMATS[14]
    data = replaced(
        saved(book), "xl/styles.xml", lambda part: part.replace(b'numFmtId="14"', b'numFmtId="31"')
    )
    assert read(data).rows[0].cells == ["2026-02-03"]


def test_empty_rows_are_left_out_and_the_numbers_stay() -> None:
    upload = read(xlsx([], ["Name"], [], ["Acme"], [None, " "], ["Beta"]))
    assert upload.cells == [(4, ["Acme"]), (6, ["Beta"])]


def test_the_first_sheet_that_holds_anything_is_read_and_the_others_are_named() -> None:
    upload = read(xlsx(Customers=[["Name"], ["Acme"]], Notes=[["x"]]))
    assert upload.cells == [(2, ["Acme"])]
    assert upload.found.notices == ["The sheet “Customers” was read, “Sheet”, “Notes” not."]
    assert (upload.found.sheets, upload.found.sheet) == (["Customers", "Notes"], "Customers")


@pytest.mark.parametrize(
    "cover", [[["Our customers"]], [[], ["Our customers"], []], [["Report"], ["Name", "City", "Phone"]]]
)
def test_a_sheet_without_rows_below_its_heading_is_passed_over(cover: list[list[Any]]) -> None:
    data = xlsx(*cover, Customers=[["Name"], ["Acme"]], Notes=[["x"], ["y"]])
    upload = read(data)
    assert (upload.found.headers, upload.cells) == (["Name"], [(2, ["Acme"])])
    assert (upload.found.sheets, upload.found.sheet) == (["Sheet", "Customers", "Notes"], "Customers")
    assert upload.found.notices == ["The sheet “Customers” was read, “Sheet”, “Notes” not."]
    assert "a heading and no rows" in refusal(data, sheet="Sheet")


def test_a_workbook_is_refused_if_none_of_its_sheets_has_rows() -> None:
    assert "a heading and no rows" in refusal(xlsx(["Our customers"], Customers=[["Name"]], Notes=[]))


def test_a_damaged_sheet_is_not_passed_over() -> None:
    data = replaced(xlsx(["Name"], Customers=[["Name"], ["Acme"]]), SHEET, lambda part: part[:-30])
    assert "damaged" in refusal(data)


def test_another_sheet_may_be_chosen() -> None:
    data = xlsx(["Name"], ["Acme"], Contacts=[["Contact"], ["Anna"]], Empty=[])
    upload = read(data, sheet="Contacts")
    assert (upload.found.headers, upload.cells) == (["Contact"], [(2, ["Anna"])])
    assert (upload.found.sheets, upload.found.sheet, upload.found.notices) == (
        ["Sheet", "Contacts"],
        "Contacts",
        [],
    )
    for name in ("Empty", "contacts", "Other"):
        assert "Choose “Sheet”, “Contacts”." in refusal(data, sheet=name)


def test_hidden_sheets_are_not_there() -> None:
    book = load_workbook(io.BytesIO(xlsx(["Old"], ["x"], Customers=[["Name"], ["Acme"]])))
    book["Sheet"].sheet_state = "hidden"
    upload = read(saved(book))
    assert (upload.found.sheets, upload.cells, upload.found.notices) == (["Customers"], [(2, ["Acme"])], [])
    assert "no sheet “Sheet”" in refusal(saved(book), sheet="Sheet")


def test_a_cell_beside_the_heading_moves_nothing() -> None:
    upload = read(xlsx(["Name"], ["Acme", "a remark"]))
    assert upload.found.headers == ["Name", ""]
    assert upload.cells == [(2, ["Acme", "a remark"])]


def test_merged_headings_move_nothing() -> None:
    book = load_workbook(io.BytesIO(xlsx(["Name", "Address", None, "Phone"], ["Acme", "Rome", "IT", "1"])))
    book.worksheets[0].merge_cells("B1:C1")
    upload = read(saved(book))
    assert upload.found.headers == ["Name", "Address", "", "Phone"]
    assert upload.cells == [(2, ["Acme", "Rome", "IT", "1"])]


def test_a_title_above_the_heading_is_no_heading() -> None:
    book = load_workbook(
        io.BytesIO(xlsx([], ["Our customers 2026"], [], ["Name", "City", "Phone"], ["Acme", "Rome", "1"]))
    )
    book.worksheets[0].merge_cells("A2:C2")
    upload = read(saved(book))
    assert upload.found.headers == ["Name", "City", "Phone"]
    assert upload.cells == [(5, ["Acme", "Rome", "1"])]
    assert upload.found.notices == [
        "Row 2, “Our customers 2026”, was taken for a title: the heading is row 4."
    ]


def test_styled_cells_without_a_value_hold_nothing() -> None:
    book = load_workbook(io.BytesIO(xlsx(["Name"], ["Acme"])))
    for row in range(1, 30):
        for column in (1, 2, 600):
            book.worksheets[0].cell(row, column).fill = PatternFill("solid", "FFFF00")
    upload = read(saved(book))
    assert (upload.found.headers, upload.cells) == (["Name"], [(2, ["Acme"])])


def test_the_content_tells_the_format_whatever_the_name() -> None:
    """An XLSX file that was renamed to .csv is read like any other: the name isn't even asked for."""
    assert read(NAMES).cells == [(2, ["Acme"])]


def test_a_formulas_result_is_taken_and_one_without_result_is_named() -> None:
    upload = read(
        with_rows(
            '<row><c t="str"><v>Name</v></c><c t="str"><v>Phone</v></c></row>'
            "<row><c><f>1+1</f><v>2</v></c><c><f>2+2</f></c></row>"
            '<row><c t="str"><f>A1</f><v>Acme</v></c><c t="str"><f>""</f><v></v></c></row>'
            '<row><c t="b"><f>1=1</f><v>1</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
            '<row><c><f t="shared" si="0"/><v/></c><c><v>1</v></c></row>'
        )
    )
    assert [row.cells for row in upload.rows] == [
        ["2", "=2+2"],
        ["Acme", ""],
        ["yes", "#DIV/0!"],
        ["=", "1"],
    ]
    first, second, third, fourth = upload.rows
    assert "formula without its result" in first.problems[1]
    assert (list(first.problems), second.problems, list(fourth.problems)) == ([1], {}, [0])
    assert third.problems == {1: "The cell shows #DIV/0!, an error of Excel's. Correct it there."}


def test_an_error_of_excels_is_named_whether_a_formula_made_it_or_not() -> None:
    upload = read(
        with_rows(
            '<row><c t="str"><v>Name</v></c><c t="str"><v>Job</v></c></row>'
            '<row><c t="e"><v>#REF!</v></c><c t="e"><f>VLOOKUP(1,A:B,2)</f><v>#N/A</v></c></row>'
            '<row><c t="str"><v>#REF!</v></c><c t="e"><v></v></c></row>'
        )
    )
    errors, text = upload.rows
    assert errors.cells == ["#REF!", "#N/A"]
    assert [message.split(",")[0] for message in errors.problems.values()] == [
        "The cell shows #REF!",
        "The cell shows #N/A",
    ]
    assert (text.cells, text.problems) == (["#REF!", ""], {})


def test_texts_are_what_people_see() -> None:
    """Neither how they are pronounced nor how they are set; characters that stand there by number."""
    texts = [
        "<is><t>Acme</t></is>",
        "<is><r><rPr><b/></rPr><t>Ac</t></r><r><t xml:space='preserve'>me </t></r></is>",
        "<is><t>山田</t><rPh sb='0' eb='2'><t>ヤマダ</t></rPh></is>",
        "<is><t>two_x000D_\nlines</t></is>",
        "<is><t>_x005F_x0041_ _x0041_ _xD800_ _x0000_</t></is>",
        "<is><t>&lt;b&gt; &amp; <![CDATA[<i>]]></t></is>",
    ]
    rows = "".join(f'<row><c t="inlineStr">{text}</c></row>' for text in ["<is><t>Name</t></is>", *texts])
    assert [row.cells[0] for row in read(with_rows(rows)).rows] == [
        "Acme", "Acme ", "山田", "two\r\nlines", "_x0041_ A _xD800_ _x0000_", "<b> & <i>",
    ]  # fmt: skip
    shared = "".join(texts).replace("is>", "si>")
    cells = "".join(f'<row><c t="s"><v>{number}</v></c></row>' for number in range(len(texts)))
    upload = read(with_rows(cells, shared=shared))
    assert upload.found.headers + [row.cells[0] for row in upload.rows] == [
        "Acme", "Acme ", "山田", "two\r\nlines", "_x0041_ A _xD800_ _x0000_", "<b> & <i>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "root", [f'<x:worksheet xmlns:x="{MAIN}">', f'<worksheet xmlns="{STRICT}" xmlns:x="other">']
)
def test_other_ways_to_write_the_same_are_read(root: str) -> None:
    rows = '<row><c t="str"><v>Day</v></c></row><row><c t="d"><v>2026-02-03T00:00:00Z</v></c></row>'
    prefixed = re.sub(r"<(/?)(?=\w)", r"<\1x:", rows) if root.startswith("<x:") else rows
    assert read(with_rows(prefixed, root=root)).cells == [(2, ["2026-02-03"])]


def test_cells_stand_where_their_references_say() -> None:
    upload = read(
        with_rows(
            '<row r="2"><c r="B2" t="str"><v>Name</v></c><c r="D2" t="str"><v>Phone</v></c></row>'
            '<row r="9"><c r="D9"><v>7</v></c><c r="B9"><v>8</v></c></row>'
            "<row><c><v>1</v></c><c><v>2</v></c></row>"
        )
    )
    assert upload.found.headers == ["", "Name", "", "Phone"]
    assert upload.cells == [(9, ["", "8", "", "7"]), (10, ["1", "2", "", ""])]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>',
        '<row r="0"><c><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row><c r="1"><v>1</v></c></row>',
        '<row><c r="AAAA1"><v>1</v></c></row>',
        '<row><c t="s"><v>7</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        "<row><c><v>x</v></c></row>",
        "<row>" + "<c>" * 2_000_000,
        "<row><c><v>" + "1" * 9_000_000 + "</v></c></row>",
        "<row" + ' a="1"' * 1_000_000 + "></row>",
        "<!--" + "x" * 9_000_000 + "--><row></row>",
    ],
    ids=lambda rows: rows[:40],
)
def test_rows_that_no_program_writes_are_refused(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_RATIO", 10_000)
    assert "damaged" in refusal(with_rows(rows))


def test_what_the_file_says_of_its_size_need_not_be_true() -> None:
    def lie(part: bytes) -> bytes:
        return part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"')

    data = replaced(xlsx(["Name", "Reference"], ["Acme", "1"]), SHEET, lie)
    assert read(data).cells == [(2, ["Acme", "1"])]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "has 16384 columns; 500 can be read"),
        ('<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>', "more than 1,048,576 rows"),
        ("<row>" + "<c><v>1</v></c>" * 501 + "</row>", "has 501 columns; 500 can be read"),
    ],
)
def test_a_cell_where_none_may_be_is_refused_quickly(row: str, message: str) -> None:
    data = replaced(NAMES, SHEET, lambda part: part.replace(b"</sheetData>", f"{row}</sheetData>".encode()))
    assert message in refusal(data)


def test_a_zip_bomb_is_not_opened() -> None:
    bomb = replaced(NAMES, SHEET, lambda part: part + b" " * 60_000_000)
    assert "unpacks to far more" in refusal(bomb)


def test_a_zip_that_lists_its_parts_without_end_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_DIRECTORY", 500)
    assert "unpacks to far more" in refusal(NAMES)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_parts_that_are_always_small_may_not_be_large(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_parts, "MAX_PART", 50_000)
    assert "unpacks to far more" in refusal(replaced(NAMES, part, lambda old: old + b"<!-- -->" * 9_000))


@pytest.mark.parametrize(
    ("part", "used"),
    [
        (SHEET, (b"</sheetData>", b"<row><c><v>&bomb;</v></c></row></sheetData>")),
        ("xl/workbook.xml", (b'name="Sheet"', b'name="&bomb;"')),
        (TEXTS, (b"<si/>", b"<si><t>&bomb;</t></si>")),
    ],
)
def test_a_bomb_of_entities_is_not_expanded(part: str, used: tuple[bytes, bytes]) -> None:
    levels = [b'<!ENTITY l0 "hahahahaha">']
    levels += [b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 9)]
    bomb = b"<!DOCTYPE x [" + b"".join(levels) + b'<!ENTITY bomb "&l8;">]>'
    data = replaced(SHARING, part, lambda old: bomb + old.replace(*used))
    assert "damaged" in refusal(data)


@pytest.mark.parametrize(
    "part",
    [
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/styles.xml",
        SHEET,
        TEXTS,
    ],
)
@pytest.mark.parametrize("content", [b"", b"<broken", b"\x00\x01", b"<a/>"])
def test_a_damaged_file_is_refused_in_words(part: str, content: bytes) -> None:
    data = replaced(SHARING, part, lambda old: content)
    if (part, content) == ("xl/styles.xml", b"<a/>"):
        assert read(data).cells == [(2, ["Acme"])]  # a workbook needs no styles
    else:
        assert "damaged" in refusal(data) or "empty" in refusal(data)


def test_a_file_that_was_cut_off_or_changed_on_its_way_is_refused() -> None:
    data = xlsx(["Name"], *[[f"Acme {number * 7919}"] for number in range(5_000)])
    assert "damaged" in refusal(data[: len(data) // 2])
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        part = package.getinfo(SHEET)
    changed[part.header_offset + part.compress_size // 2] ^= 255
    assert "damaged" in refusal(bytes(changed))


def test_a_zip_with_a_way_of_packing_that_needs_much_memory_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(NAMES)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert "damaged" in refusal(file.getvalue())


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["customers.csv"], "zip archive"),
        (["[Content_Types].xml", "word/document.xml"], "text document"),
        (["[Content_Types].xml", "xl/workbook.bin"], ".xlsb"),
        (["mimetype", "content.xml"], "OpenDocument"),
    ],
)
def test_a_zip_that_is_no_xlsx_file_is_refused(parts: Sequence[str], message: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in parts:
            archive.writestr(part, "Name\nAcme\n")
    assert message in refusal(file.getvalue())


def test_macros_are_left_alone() -> None:
    file = io.BytesIO(NAMES)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 anything")
    assert read(file.getvalue()).cells == [(2, ["Acme"])]


def test_shared_texts_are_found_again_wherever_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_texts, "HELD", 3_000)
    names = [f"Acme {number}" for number in range(3_000)]
    names += [*names[::-1], *names[::500], "x" * 30_000, *names[::300]]
    upload = read(xlsx(["Name"], *[[name] for name in names]))
    assert [row.cells[0] for row in upload.rows] == names


def most_memory(folder: Path, rows: int) -> int:
    """Bytes that Python holds at the most while a workbook is spooled whose cells share their texts."""
    cells = [f'<c t="s"><v>{number}</v></c>' for number in range(rows * 4)]
    sheet = "".join(f"<row>{''.join(cells[start : start + 4])}</row>" for start in range(0, rows * 4, 4))
    shared = "".join(f"<si><t>{'x' * 40}{number}</t></si>" for number in range(rows * 4))
    (folder / "upload").write_bytes(with_rows(sheet, shared=shared))
    del cells, sheet, shared
    tracemalloc.start()
    spool(folder / "upload", folder / "rows")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_a_large_sheet_takes_no_more_memory_than_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_texts, "HELD", 20_000)
    monkeypatch.setattr(spooling, "CHUNK", 200)
    most_memory(tmp_path, 2_000)  # what is made once
    assert most_memory(tmp_path, 8_000) < 1.2 * most_memory(tmp_path, 2_000)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXT, TEXT | st.sampled_from(["_x0041_", "_x005F_x0041_"])), min_size=1, max_size=8)
)
def test_whatever_an_export_wrote_comes_back(rows: list[tuple[str, str]]) -> None:
    """The last column is filled, since rows without anything are no rows."""
    filled = [(*row, f"C-{number}") for number, row in enumerate(rows)]
    upload = read(b"".join(xlsx_pieces(["Name", "Note", "Reference"], [filled], "Customers")))
    assert [tuple(map(unescape, row.cells)) for row in upload.rows] == [
        tuple(map(legal, row)) for row in filled
    ]


FORMATS = [*BUILTIN_FORMATS.values(), "yyyy-mm-dd", "[h]:mm", "0.0", '"d"0', "[$-407]dd.mm.yy"]
VALUES = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 100_000),
    st.floats(0, 100_000),
    st.booleans(),
    st.datetimes(datetime(1900, 3, 1), datetime(2500, 1, 1)),
    st.dates(date(1900, 3, 1), date(2500, 1, 1)),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=10).filter(
        lambda text: text[:1] != "="
    ),
    st.none(),
)


def as_text(value: Any) -> str:
    """What openpyxl found in a cell, as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(Decimal(repr(value)))) if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date")
@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, st.sampled_from(FORMATS)), min_size=1, max_size=10))
def test_cells_hold_what_openpyxl_finds_in_them(cells: list[tuple[Any, str]]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Reference", *(f"Column {number}" for number in range(len(cells)))])
    sheet.append(["C-1", *(value for value, _ in cells)])
    for cell, (value, number_format) in zip(sheet[2][1:], cells, strict=True):
        if type(value) in (int, float):
            cell.number_format = number_format
    data = saved(book)
    expected = [as_text(cell.value) for cell in load_workbook(io.BytesIO(data)).worksheets[0][2]]
    [row] = read(data).rows
    for found, other in zip(row.cells, expected, strict=True):
        assert found == other or other == "#VALUE!"  # a day that there is none of: the number is kept
