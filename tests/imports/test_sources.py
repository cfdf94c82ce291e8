"""The server folder of timed imports: the newest file like a name, and nothing outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from imports.models import Schedule
from imports.sources import NoFile, file_of, newest_in

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    found = tmp_path / "acme"
    found.mkdir()
    settings.IMPORT_FOLDERS = {"acme": str(found)}
    return found


@pytest.fixture
def write(folder: Path) -> Write:
    """`write("a.csv", age=60)` is a file that was written a minute ago."""

    def make(name: str, text: str = "Name\nAlder\n", *, age: int = 0) -> Path:
        path = folder / name
        path.write_text(text)
        os.utime(path, (1_700_000_000 - age,) * 2)
        return path

    return make


def taken(folder: Path, pattern: str) -> str:
    with newest_in(folder, pattern) as (name, file):
        assert file.read()
        return name


def refusal(folder: Path, pattern: str) -> str:
    with pytest.raises(NoFile) as refused:
        taken(folder, pattern)
    return str(refused.value)


def test_of_several_files_the_newest_is_taken(folder: Path, write: Write) -> None:
    write("customers-1.csv", age=60)
    write("customers-3.csv", age=30)
    write("customers-2.csv", age=90)
    write("others.csv")
    write(".customers-4.csv")
    assert taken(folder, "customers-*.csv") == "customers-3.csv"
    assert taken(folder, "customers-2.csv") == "customers-2.csv"


def test_what_is_not_there_is_said(folder: Path, write: Write) -> None:
    write("customers.csv")
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    assert refusal(folder, "*.xlsx") == "There is no file like *.xlsx in the server folder."
    for name in ("folder.csv", "pipe.csv"):
        assert "There is no file like" in refusal(folder, name)
    assert "can't be read: No such file or directory" in refusal(folder / "nowhere", "*.csv")


@pytest.mark.parametrize(
    "pattern", ["", "../secret.csv", "*/secret.csv", "/etc/passwd", "..", ".hidden", "a\\b"]
)
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, write: Write, pattern: str) -> None:
    (folder.parent / "secret.csv").write_text("Name\nSecret\n")
    assert "Give " in refusal(folder, pattern)


def test_links_count_inside_the_folder_only(folder: Path, write: Write) -> None:
    secret = folder.parent / "secret.csv"
    secret.write_text("Name\nSecret\n")
    (folder / "below").mkdir()
    (folder / "below" / "b.csv").write_text("Name\nBelow\n")
    for name, target in {
        "out.csv": "../secret.csv",
        "absolute.csv": str(secret),
        "below.csv": "below/b.csv",
        "nowhere.csv": "gone.csv",
        "round.csv": "round.csv",
    }.items():
        (folder / name).symlink_to(target)
    assert "There is no file like" in refusal(folder, "*.csv")
    write("customers-7.csv")
    (folder / "latest.csv").symlink_to("customers-7.csv")
    assert taken(folder, "latest.csv") == "latest.csv"


def test_a_file_that_turns_into_a_link_is_not_followed(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking at it and opening it."""
    secret = folder.parent / "secret.csv"
    secret.write_text("Name\nSecret\n")
    path = write("customers.csv")
    usual = os.open

    def swap(name: str | Path, flags: int, *args: int, **options: int) -> int:
        if name == "customers.csv":
            path.unlink()
            path.symlink_to(secret)
        return usual(name, flags, *args, **options)

    monkeypatch.setattr(os, "open", swap)
    assert "can't be read" in refusal(folder, "customers.csv")


def from_folder(pattern: str) -> Schedule:
    return Schedule(source=Schedule.Source.FOLDER, pattern=pattern)


def read_while_it_grows(path: Path) -> None:
    with file_of(from_folder(path.name), "acme") as file:
        next(file.pieces)
        path.write_text(f"{path.read_text()}Birch\n")
        list(file.pieces)


def test_a_file_that_is_still_written_is_refused(folder: Path, write: Write) -> None:
    path = write("customers.csv")
    with pytest.raises(NoFile, match="still writing"):
        read_while_it_grows(path)


def test_it_is_the_companys_own_folder(folder: Path, write: Write) -> None:
    write("customers.csv")
    with file_of(from_folder("*.csv"), "acme") as file:
        assert (file.name, b"".join(file.pieces)) == ("customers.csv", b"Name\nAlder\n")
    with pytest.raises(NoFile, match="No server folder"), file_of(from_folder("*.csv"), "globex"):
        pass


def test_one_that_is_too_large_is_refused(folder: Path, write: Write, settings: LazySettings) -> None:
    write("customers.csv")
    settings.IMPORT_MAX_BYTES = 5
    with pytest.raises(NoFile, match="can be imported"), file_of(from_folder("*.csv"), "acme") as file:
        list(file.pieces)
