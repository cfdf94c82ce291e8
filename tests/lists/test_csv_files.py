"""Reading CSV as people's programs write it, and refusing what is none, in words."""

from __future__ import annotations

import csv
import io
from typing import Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists import encodings
from tests.imports.test_first import NORTHWIND
from tests.lists.spooling import read, refusal

Quoting = Literal[0, 1, 2]  # of the csv module: minimal, all, all but numbers
NAMES = "Name;Reference\nÄrzte GmbH;05021\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize(
    ("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_in_every_encoding_separator_and_line_end(
    encoding: str, separator: str, name: str, line_end: str
) -> None:
    text = NAMES.replace(";", separator).replace("\n", line_end)
    found, rows = read(text.encode(encoding))
    assert found.headers == ["Name", "Reference"]
    assert [(row.number, row.cells) for row in rows] == [(2, ["Ärzte GmbH", "05021"])]
    family = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
    assert (found.encoding, found.separator) == (family.get(encoding, encoding.upper()), name)
    assert (found.sheets, found.sheet) == ([], "")


def test_a_file_that_is_not_unicode_is_read_in_the_countrys_windows_encoding_and_says_so() -> None:
    upload = read("Name;Reference\nŁódź;1\n".encode("cp1250"), country="PL")
    assert upload.cells == [(2, ["Łódź", "1"])]
    assert upload.found.encoding == "Windows-1250"
    assert "Windows-1250" in upload.found.notices[0]


CENTRAL = [
    "Łódzka Spółka",
    "ŁÓDZKA SPÓŁKA",
    "Żółty Żuk",
    "Bąk i Syn",
    "Paweł Nowak",
    "Zbigniew Źródło",
    "Róża",
    "Ťažké stroje",
    "Železniční trať",
    "Dvořák (Plzeň), Žižka (Brno), Šárka Němcová",
    "Ľubomír Poľský",
    "Timişoara",
]
WESTERN = [
    "Straße",
    "Müller & Söhne",
    "Café",
    "naïve",
    "Señor Muñoz",
    "Hôtel Crêpe, Škoda, Père & Fils, Þór, Ærø",
    "10 £, £10, £5m, £ million",
    "Preis (£bn)",
    "½, 1½, 1¼in, ¾",
    "“Straße” – ‘Ångström’ … 5 €",
    "5 µm, m³, 3 km³, x², 20 °C ±1",
    "Mª José, MªJosé, 1º, 3ºB, Nº 5, NºExpediente",
    "¿Qué? ¡Hola!",
    "L’Haÿ-les-Roses",
    "ƒ, ˆ, ˜",
    "Søren, Ægir, l’Œuvre",
    "GBP£, UK£ 10",
    "Škoda, Señor",
]


@pytest.mark.parametrize("country", ["US", "DE", ""])
@pytest.mark.parametrize("text", CENTRAL)
def test_central_european_letters_are_recognised_wherever_the_company_is(text: str, country: str) -> None:
    upload = read(f"Name;Note\n{text};x\n".encode("cp1250"), country=country)
    assert upload.cells == [(2, [text, "x"])]
    assert upload.found.encoding == "Windows-1250"


@pytest.mark.parametrize("text", WESTERN)
def test_western_letters_and_signs_are_not_taken_for_others(text: str) -> None:
    assert read(f"Name;Note\n{text};x\n".encode("cp1252"), country="US").cells == [(2, [text, "x"])]


@pytest.mark.parametrize("text", ["L’Haÿ-les-Roses", "Crème (ƒ)"])
def test_western_letters_that_central_europe_has_not_are_recognised_there(text: str) -> None:
    assert read(f"Name;Note\n{text};x\n".encode("cp1252"), country="PL").cells == [(2, [text, "x"])]


def test_what_could_be_either_is_decided_by_the_companys_country() -> None:
    data = "Name\nDvořák\n".encode("cp1250")
    assert read(data, country="CZ").cells == [(2, ["Dvořák"])]
    assert read(data, country="US").cells == [(2, ["Dvoøák"])]


def test_one_letter_far_into_the_file_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "PIECE", 1_000)
    rows = "Name\n" + "Dvořák\n" * 9_000
    for word in ("Trať", "Spółka"):
        upload = read(f"{rows}{word}\n".encode("cp1250"), country="US")
        assert upload.rows[0].cells == ["Dvořák"]
        assert upload.rows[-1].cells == [word]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_letters_far_into_a_long_file_are_read_as_those_at_its_beginning(encoding: str) -> None:
    lines = [f"Müller {number};{number}" for number in range(15_000)]
    upload = read("\n".join(["Name;Reference", *lines]).encode(encoding))
    assert upload.rows[-1].cells == ["Müller 14999", "14999"]
    assert all(row.cells[0].startswith("Müller ") for row in upload.rows)


def test_the_first_letter_that_is_not_ascii_may_stand_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "PIECE", 1_000)
    start = b"Name;Reference\n" + b"Mueller;1\n" * 9_000
    assert read(start + "Müller;2\n".encode("cp1252")).rows[-1].cells == ["Müller", "2"]
    assert read(start + "Müller;2\n".encode()).rows[-1].cells == ["Müller", "2"]


def test_a_letter_may_be_divided_between_two_pieces_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 2, 3, 5):
        monkeypatch.setattr(encodings, "PIECE", size)
        assert read("Name\n日本語\n".encode()).cells == [(2, ["日本語"])]
        assert "Line 3 holds bytes" in refusal("Name\n日本語\n日".encode()[:-1])


def test_excels_line_that_names_the_separator_is_no_row() -> None:
    for line_end in ("\n", "\r\n", "\r"):
        text = "sep=;\nName;Reference\nAcme, Inc.;1\n".replace("\n", line_end)
        assert read(text.encode()).cells == [(3, ["Acme, Inc.", "1"])]
    upload = read("\ufeffsep=^\nName^Reference\nAcme, Inc.^1\n".encode("utf-16-le"))
    assert upload.cells == [(3, ["Acme, Inc.", "1"])]


def test_a_quoted_text_may_hold_separators_quotation_marks_and_line_breaks() -> None:
    upload = read(b'Name,Reference\n"Say ""hi"", twice\nand again",7\nNext,8\n')
    assert upload.cells == [(2, ['Say "hi", twice\nand again', "7"]), (3, ["Next", "8"])]


def test_empty_lines_are_left_out_and_the_numbers_of_the_rows_stay() -> None:
    upload = read(b"\n\nName,Reference\n\nAcme,1\n,\n  , \nBeta,2\n")
    assert upload.cells == [(5, ["Acme", "1"]), (8, ["Beta", "2"])]
    assert upload.found.rows == 2


def test_one_column_is_enough() -> None:
    assert read(b"Name\nAcme\n").cells == [(2, ["Acme"])]


def test_headings_may_occur_twice_or_not_at_all() -> None:
    upload = read(b"Name,Name,, E-mail \nA,B,C,D\n")
    assert upload.found.headers == ["Name", "Name", "", "E-mail"]
    assert upload.cells == [(2, ["A", "B", "C", "D"])]


def test_five_hundred_columns_are_read() -> None:
    names = [f"Column {number}" for number in range(500)]
    upload = read("\n".join([";".join(names), ";".join(names)]).encode())
    assert upload.found.headers == names
    assert upload.cells == [(2, names)]


def test_separators_at_the_end_of_the_rows_do_no_harm() -> None:
    assert read(b"Name,Reference\nAcme,1,\nBeta, 2,\n").cells == [(2, ["Acme", "1"]), (3, ["Beta", " 2"])]
    assert read(b"Name,Reference,,\nAcme,1,,\n").cells == [(2, ["Acme", "1"])]


def test_a_row_of_one_cell_or_longer_than_the_heading_is_named() -> None:
    upload = read(b"Name,Reference,Phone\nAlone\nBeta,2,3,4\nGamma,3,4\n")
    assert [row.problems.get(None, "")[:40] for row in upload.rows] == [
        "The row has 1 cell, the heading has 3. I",
        "The row has 4 cells, the heading has 3. ",
        "",
    ]
    assert [len(row.cells) for row in upload.rows] == [3, 3, 3]


def test_empty_cells_left_out_at_the_end_of_a_row_are_read_as_empty() -> None:
    rows = b"Acme,1\nBeta,2,0,x,y\n\nGamma,3,4,5\nDelta,4,,6\nOmega,5,6\nSigma,7,8,9,z\n"
    upload = read(b"Name,Reference,Phone,Remark,City\n" + rows)
    assert [row.problems for row in upload.rows] == [{}, {}, {}, {}, {}, {}]
    assert upload.rows[4].cells == ["Omega", "5", "6", "", ""]
    assert upload.found.notices == [
        "4 rows end before the last column; the missing cells were read as empty. Look at rows 2, 5, 6, 7."
    ]


@pytest.mark.parametrize(
    "pieces",
    [
        "Beta,2,first line\nsecond line,x",
        "Beta,first line\nsecond line,3,x",
        "Beta,one\ntwo\nthree,3,x",
        "Beta,one\n\nthree,3,x",
        "Epsilon,5\nBeta,one\ntwo,3,x",
    ],
)
def test_pieces_of_a_row_that_a_line_break_has_broken_are_named(pieces: str) -> None:
    upload = read(f"Name,Reference,Phone,Remark\nAcme,1,2,3\n{pieces}\nGamma,3,4,5\n".encode())
    said = [
        row.problems.get(None, "") for row in upload.rows if row.cells[0] not in ("Acme", "Gamma", "Epsilon")
    ]
    assert len(said) >= 2
    assert all(
        "If a line break within a text has divided a row here, put the text into" in words for words in said
    )
    assert all("If not, add the empty cells that are missing at the row's end" in words for words in said)
    assert not any(row.problems for row in upload.rows if row.cells[0] in ("Acme", "Gamma", "Epsilon"))


def test_how_wide_rows_usually_are_is_told_by_the_first_ten_thousand() -> None:
    """Nine in ten of them end in a separator too many. A later one that holds something there is named all the same."""
    surplus, plain = b"Acme,1,\n", b"Acme,1\n"
    found, rows = read(
        b"Name,Reference\n" + surplus * 9_100 + plain * 900 + surplus * 5_000 + b"Beta,2,x,y\n"
    )
    assert [row.number for row in rows if row.problems] == [15_002]
    assert found.headers == ["Name", "Reference"]


def test_a_cell_beside_the_heading_gets_a_column_without_one() -> None:
    surplus = b"Acme,1,\n" * 20
    upload = read(b"Name,Reference\n" + surplus + b"Beta,2,a remark\n")
    assert upload.found.headers == ["Name", "Reference", ""]
    assert [row.cells for row in upload.rows][-2:] == [["Acme", "1", ""], ["Beta", "2", "a remark"]]
    assert [profile.filled for profile in upload.found.profiles] == [21, 21, 1]


def test_an_unquoted_separator_in_a_text_is_put_right_only_where_it_is_certain() -> None:
    upload = read(b"Name,Street,City\nAcme,Main St, 5,Rome\nBeta, Main St, 5,Rome\n")
    certain, uncertain = upload.rows
    assert certain.cells == ["Acme", "Main St, 5", "Rome"]
    assert certain.problems == {}
    assert None in uncertain.problems
    assert "Look at row 2." in upload.found.notices[0]


def test_northwinds_rows_are_put_right() -> None:
    upload = read(NORTHWIND.read_bytes())
    assert (upload.found.rows, upload.found.encoding, upload.found.separator) == (91, "UTF-8", "comma")
    assert not any(row.problems for row in upload.rows)
    assert upload.found.notices[0].startswith("24 rows hold a comma within a text without quotation marks")
    assert upload.rows[6].cells[:6] == [
        "BLONP", "Blondesddsl père et fils", "Frédérique Citeaux", "Marketing Manager", "24, place Kléber",
        "Strasbourg",
    ]  # fmt: skip
    assert {profile.looks_like for profile in upload.found.profiles[8:10]} == {"country", "phone"}


def test_rows_that_were_put_right_are_counted_and_the_first_are_named() -> None:
    upload = read(b"Name,Street,City\n" + b"Acme,Main St, 5,Rome\n" * 12)
    assert upload.found.notices == [
        "12 rows hold a comma within a text without quotation marks; the text was put together again. "
        "Look at rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more."
    ]


def test_a_row_that_ends_early_because_of_an_unquoted_separator_is_not_taken_as_it_looks() -> None:
    upload = read(b"Name,Street,City\nAcme,Main St, 5,\nBeta,Main St,Rome\n")
    assert None in upload.rows[0].problems


def test_a_very_long_cell_is_named() -> None:
    upload = read(b"Name,Note\nAcme," + b"x" * 40_000 + b"\n")
    assert "more than" in upload.rows[0].problems[1]
    assert upload.rows[0].cells[1] == "x" * 40_000
    [joined] = read(b"Name,Note\nAcme" + b", note" * 100_000 + b",x\n").rows
    assert (list(joined.problems), len(joined.cells[0]), joined.cells[1]) == ([0], 100_000, "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b" \n\n \n", "The file is empty."),
        (b",,,\n,,,\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"\xff\xfe", "The file is empty."),
        (b"sep=;\n", "The file is empty."),
        (b"Name,Reference\n", "a heading and no rows"),
        (b'Name,Reference\nAcme,"1\nBeta,2\n', "opens in row 2 is never closed"),
        (b'Name,Reference\n"Acme" Inc,1\n', "Row 2: more text follows"),
        (b'Name,Reference\n"' + b"x" * 200_000, "never closed"),
        ("Näme\nÄrzte\nÜber\n".encode() + b"\xff\n", "Line 4 holds bytes that are not UTF-8"),
        ("Näme\n".encode() * 400_000 + b"\xff\n", "Line 400001 holds bytes that are not UTF-8"),
        ("Näme\nÄÖÜ".encode()[:-1], "Line 2 holds bytes that are not UTF-8"),
        (b"Name\n\x81\x8d\x8f\n", "letters of the file can't be read"),
        (b"Name\n" + b"x\n" * 200_000 + b"\x81\n", "letters of the file can't be read"),
        (b"\xff\xfeN\x00a", "letters of the file can't be read"),
        (b"Name\n\x01\x02\x03\x04\x05", "not a CSV or XLSX file"),
        (b"Name\n" + b"\x90\x81\x1b\x07\x0f\x02\x13" * 900, "not a CSV or XLSX file"),
        (b"\xe4\x1bf\xc3k\x07\xf0", "not a CSV or XLSX file"),
        (b"Name\nAcme\n" + b"," * 2_000_000, "Line 3 has more than"),
        (b"Name\nAcme\n" + b'"x\n",' * 500_000, "The row that reaches to line"),
        ((",".join("abcdefghij" * 51) + "\n1\n").encode(), "has 510 columns; 500 can be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sheet_is_refused_in_words(data: bytes, message: str) -> None:
    assert message in refusal(data)


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t") | st.sampled_from(
    ",;|'\"=+-@0🚲שع٠\u202e\ufeff"
)
LONG = st.builds(
    lambda text, times: text * times, st.text(CHARACTERS, min_size=1, max_size=5), st.just(2_000)
)
TEXTS = (
    st.text(CHARACTERS, max_size=12) | st.sampled_from(["=1+1", "-5", "00123", "+49 30", 'a"', "'"]) | LONG
)


@settings(deadline=None)
@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=8),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from(get_args(Quoting)),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_csv_writer_wrote_comes_back(
    rows: list[list[str]], separator: str, quoting: Quoting, line_end: str, encoding: str
) -> None:
    """The first column is filled, since rows without anything are no rows."""
    rows = [[f"C-{number}", *cells] for number, cells in enumerate(rows, 1)]
    text = io.StringIO(newline="")
    if quoting == csv.QUOTE_MINIMAL and line_end != "\r\n":
        quoting = csv.QUOTE_ALL  # Python's writer quotes no line ends but its own
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=line_end)
    writer.writerows([["Reference", "Name", "Note", "Phone"], *rows])
    upload = read(text.getvalue().encode(encoding))
    assert upload.found.headers == ["Reference", "Name", "Note", "Phone"]
    assert upload.cells == list(enumerate(rows, 2))
    assert not any(row.problems for row in upload.rows)
