"""What an upload is written to: whole or not there, read again from any row, whatever the format."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings as project
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from lists import spool as spooling
from lists.sheets import FileRefused, Row
from lists.spool import Spooled, read_spool, spool
from tests.lists.spooling import read, refusal
from tests.sheets import xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A CSV file of 9,000 rows, each with a text of three lines."""
    path = tmp_path / "upload"
    rows = "".join(f'"C-{number}","one\ntwo\r\nthree",{number}\n' for number in range(9_000))
    path.write_text(f"Reference,Note,Number\n\n{rows}", newline="")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "rows"


@pytest.mark.parametrize("start", [0, 1, 1_999, 2_000, 2_001, 8_999])
def test_rows_are_read_from_any_row_on(upload: Path, target: Path, start: int) -> None:
    spool(upload, target)
    rows = list(read_spool(target, start))
    assert len(rows) == 9_000 - start
    assert rows[0] == Row(start + 3, [f"C-{start}", "one\ntwo\r\nthree", str(start)])
    assert rows[-1].number == 9_002


def test_behind_the_last_row_there_is_none(upload: Path, target: Path) -> None:
    spool(upload, target)
    assert list(read_spool(target, 9_000)) == list(read_spool(target, 10**9)) == []


@examples(deadline=None)
@given(
    st.lists(st.text("a,\n\"'é🚲", min_size=1, max_size=30), min_size=1, max_size=30),
    st.integers(0, 31),
    st.integers(1, 5),
)
def test_any_rows_are_read_from_any_row_on(names: list[str], start: int, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spooling, "CHUNK", chunk)
        patched.setattr(spooling, "MAX_CHUNK", 40)
        quoted = [f'"{number}","{name.replace(chr(34), 2 * chr(34))}"' for number, name in enumerate(names)]
        upload = read("\r\n".join(["Number,Name", *quoted]).encode(), start=start)
    assert [row.cells for row in upload.rows] == [[str(n), name] for n, name in enumerate(names)][start:]


def test_problems_are_kept_with_their_row(tmp_path: Path) -> None:
    [good, short, long] = read(b"Name,Note\nAcme,x\nBeta\nGamma," + b"x" * 33_000).rows
    assert good.problems == {}
    assert list(short.problems) == [None]
    assert long.problems == {1: "The cell holds more than 32,767 characters. Shorten it."}


def test_a_row_that_is_refused_keeps_the_cells_that_it_has_too_many() -> None:
    whole, long = read(b"Name,Note\nAcme,x\nBeta,y,z,\n").rows
    assert (whole.cells, list(whole.surplus)) == (["Acme", "x"], [])
    assert (long.cells, list(long.surplus)) == (["Beta", "y"], ["z", ""])
    assert list(long.problems) == [None]


def test_of_a_row_without_end_as_much_is_kept_as_a_sheet_may_have_columns(tmp_path: Path) -> None:
    [long] = read(b"Name,Note\nAcme" + b",x" * 5_000 + b"\n").rows
    assert len(long.cells) + len(long.surplus) == 500
    (tmp_path / "upload").write_bytes(b"Name,Note\n" + b"Acme,1,2" + b"," * 3_000 + b"\n" + b"A,1\n" * 5)
    with (tmp_path / "upload").open("ab") as file:
        file.writelines(b"Acme,1,2" + b"," * 300_000 + b"\n" for _ in range(100))
    assert growth(tmp_path) < 40_000


def test_cells_too_many_that_later_rows_have_columns_for_stand_in_these() -> None:
    surplus = b"Acme,1,\n" * 20
    upload = read(b"Name,Reference\n" + b"Alder,2,x,y\n" + surplus + b"Beta,2,a remark\n")
    first = upload.rows[0]
    assert (first.cells, list(first.surplus)) == (["Alder", "2", "x"], ["y"])


def test_what_was_found_out_can_be_stored(upload: Path, target: Path) -> None:
    found = spool(upload, target)
    assert Spooled.from_dict(json.loads(json.dumps(asdict(found)))) == found


def test_nothing_that_a_database_cannot_store_is_found_out() -> None:
    found = read(b"Na\x00me,B\nAc\x00me,1\n").found
    assert "\x00" not in json.dumps(asdict(found))
    assert "u0000" not in json.dumps(asdict(found))


def test_progress_is_told_every_few_thousand_rows(upload: Path, target: Path) -> None:
    told: list[int] = []
    spool(upload, target, progress=told.append)
    assert told == [2_000, 4_000, 6_000, 8_000, 9_000]


class Stopped(Exception):
    pass


def stop(rows: int) -> None:
    if rows > 5_000:
        raise Stopped


def test_what_progress_raises_ends_the_reading_and_leaves_nothing(upload: Path, target: Path) -> None:
    with pytest.raises(Stopped):
        spool(upload, target, progress=stop)
    assert list(target.parent.iterdir()) == [upload]


def test_a_file_read_before_stays_as_it_was_when_the_reading_ends_early(upload: Path, target: Path) -> None:
    spool(upload, target)
    before = target.read_bytes()
    with pytest.raises(Stopped):
        spool(upload, target, progress=stop)
    with upload.open("a") as file:
        file.write('"never closed')
    with pytest.raises(FileRefused):
        spool(upload, target)
    assert target.read_bytes() == before


def test_what_a_process_that_died_left_is_written_over(upload: Path, target: Path) -> None:
    target.with_name("rows.part").write_bytes(b"x" * 10_000_000)
    spool(upload, target)
    assert sorted(target.parent.iterdir()) == [target, upload]
    assert len(list(read_spool(target))) == 9_000


def test_nobody_else_may_read_it(upload: Path, target: Path) -> None:
    spool(upload, target)
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_file_over_the_limits_is_refused(settings: Settings) -> None:
    settings.IMPORT_MAX_ROWS = 2
    assert read(b"Name\nA\n\nB\n").cells == [(2, ["A"]), (4, ["B"])]
    assert "more than 2 rows" in refusal(b"Name\nA\nB\nC\n")
    assert "more than 2 rows" in refusal(xlsx(["Name"], ["A"], ["B"], ["C"]))
    settings.IMPORT_MAX_BYTES = 10
    assert "can be imported" in refusal(b"Name,Reference\nAcme,1\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7 x", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08\x00", "a packed file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (OLE + b"x" * 600, "old Excel file (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + b"x" * (1024 * 1024 - 20) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 cut off", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_formats_are_refused_in_words(data: bytes, message: str) -> None:
    assert message in refusal(data)


def column(*cells: str) -> bytes:
    return "\n".join(
        ["Heading\tNumber", *(f"{cell}\t{number}" for number, cell in enumerate(cells))]
    ).encode()


def test_a_profile_has_the_first_five_different_values_and_how_many_there_are() -> None:
    cells = ["a", " a", "", "b", " ", "a", "x" * 200, "c", "d", "e", "f"]
    [profile, numbers] = read(column(*cells)).found.profiles
    assert profile.filled == 9
    assert profile.samples == ["a", "b", f"{'x' * 99}…", "c", "d"]
    assert numbers.samples == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("email", ["anna@example.com", "a.b+c@mail.example.co.uk", "ÄNNA@exämple.de"]),
        ("website", ["https://example.com/a?b=1", "www.example.com", "example.co.uk/about", "HTTP://X.ORG"]),
        ("yes_no", ["yes", "No", "TRUE", "n", "1", "0"]),
        ("country", ["DE", "Germany", "Deutschland", "USA", "Korea, Republic of", "Österreich"]),
        ("date", ["2026-02-03", "2026-02-03T04:05:06", "3.2.2026", "03/02/26", "3 Feb 2026", "Feb 3, 2026"]),
        ("number", ["5021", "-5", "1,234.50", "1.234.567,8", "0.5", "1e5", "0"]),
        ("phone", ["+49 30 123456", "(171) 555-7788", "030-0074321", "0221/4711-0", "'+4930123456", "4930123456"]),
        ("", ["Main St. 5", "Acme", "05021", "12345-6789", "Vienna", "-", "NULL"]),
        ("", ["12345-6789", "90210-1234"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_column_looks_like_what_its_cells_are(kind: str, cells: list[str]) -> None:
    assert read(column(*cells, "")).found.profiles[0].looks_like == kind


def test_nine_in_ten_of_the_first_ten_thousand_decide() -> None:
    good, bad = ["anna@example.com"], ["unknown"]

    def looks(*cells: str) -> str:
        return read(column(*cells)).found.profiles[0].looks_like

    assert looks(*good * 9, *bad) == "email"
    assert looks(*good * 8, *bad) == ""
    assert looks(*bad * 1_000, *good * 9_000, *bad * 5_000) == "email"
    assert looks(*bad * 1_001, *good * 20_000) == ""
    assert looks(*good * 8_999, *bad * 1_001) == ""


MEASURED = """
import sys
from pathlib import Path
import django
django.setup()
from lists.spool import read_spool, spool
from tenants.countries import country_code
country_code("Germany")  # what is read once in a process's life

def resident(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))

folder = Path(sys.argv[1])
before = resident("VmRSS:")
spool(folder / "upload", folder / "rows")
for _ in read_spool(folder / "rows"):
    pass
print(resident("VmHWM:") - before)
"""


def growth(folder: Path) -> int:
    """By how many kB a process grows that spools the upload in this folder, and reads it again."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder)],
        cwd=project.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_a_large_file_is_never_held_in_memory(tmp_path: Path) -> None:
    """60,000 rows of 20 columns would be 90 MB."""
    cells = ",".join(f"cell {number} of {{0}}" for number in range(20))
    with (tmp_path / "upload").open("w") as file:
        file.write(f"{cells}\n".format("heading"))
        file.writelines(f"{cells}\n".format(number) for number in range(60_000))
    assert growth(tmp_path) < 40_000
