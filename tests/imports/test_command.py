"""`manage.py import_customers`: what it says, how it ends, and what it leaves behind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from customers.models import Customer
from history.models import Operation
from imports import runs
from imports.choices import Choices
from imports.models import ImportRun, Matching, PlanRow, headings_key
from imports.tasks import carry_out
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.commands import manage, start
from tests.terminal import pressed_twice

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]
GOOD = "Name,Reference,E-mail,Fax\nAlder Bikes,C-1,info@alder.example,1\nBirch Books,C-2,,2\n"
BAD = f"{GOOD}Cedar Cars,C-3,nonsense,3\n"
NUMBERS = ("rows", "created", "updated", "unchanged", "skipped", "failed")


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], Path]:
    """`sheet(text)` is a file that holds it."""

    def write(text: str) -> Path:
        path = tmp_path / "customers.csv"
        path.write_text(text)
        return path

    return write


Sheet = Callable[[str], Path]


def run(file: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What it prints for programs."""
    try:
        call_command("import_customers", str(file), "--tenant=acme", "--json", *arguments)
    finally:
        printed = capsys.readouterr().out
    found: dict[str, Any] = json.loads(printed)
    return found


def numbers(told: dict[str, Any]) -> tuple[int, ...]:
    return tuple(told[name] for name in NUMBERS)


def refused(file: Path, *arguments: str, code: int) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("import_customers", str(file), "--tenant=acme", *arguments)
    assert refusal.value.returncode == code
    return str(refusal.value)


def names(company: Tenant) -> list[str]:
    with tenant(company):
        return list(Customer.objects.order_by("name").values_list("name", flat=True))


def test_a_file_goes_in_and_programs_are_told_in_one_object(acme: Tenant, sheet: Sheet) -> None:
    done = manage("import_customers", sheet(GOOD), "--tenant", "acme", "--yes", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert numbers(told) == (2, 2, 0, 0, 0, 0)
    assert names(acme) == ["Alder Bikes", "Birch Books"]
    with tenant(acme):
        found = ImportRun.objects.select_related("operation__by", "by", "reading", "checking").get()
        assert (told["state"], told["run"], told["operation"]) == ("done", found.pk, found.operation_id)
        assert (found.stage, found.name, found.by.email) == ("done", "customers.csv", "owner@acme.example")
        assert found.operation
        assert found.operation.is_undoable
        assert not Matching.objects.exists()


def test_a_person_reads_which_of_two_columns_was_read(acme: Tenant, sheet: Sheet) -> None:
    file = sheet("Name,Name,Reference\nAlder,Birch,1\n")
    done = manage("import_customers", file, "--tenant", "acme", "--yes")
    assert "“Name” stands there twice: column 1 is read, column 2 is not.\n" in done.stdout
    assert names(acme) == ["Alder"]


def test_a_person_reads_what_it_did(acme: Tenant, sheet: Sheet) -> None:
    done = manage("import_customers", sheet(GOOD), "--tenant", "acme", "--yes")
    assert done.returncode == 0
    assert "Name → Customer name\nReference → Reference\nE-mail → E-mail\nFax → not imported\n" in done.stdout
    assert "2 rows\n         2 to be added\n2 rows\n         2 added\nImport " in done.stdout
    assert "\r" not in done.stderr


def test_rows_with_errors_let_nothing_in(acme: Tenant, sheet: Sheet) -> None:
    done = manage("import_customers", sheet(BAD), "--tenant", "acme", "--yes", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (numbers(told), told["state"]) == ((3, 0, 0, 0, 2, 1), "not imported")
    assert "Row 4, E-mail: " in done.stderr
    assert "1 row with errors. Nothing was imported" in done.stderr
    assert "Traceback" not in done.stderr
    assert names(acme) == []
    with tenant(acme):  # to be looked at, and approved or discarded, on its page
        assert ImportRun.objects.select_related("reading", "checking").get(pk=told["run"]).stage == "ready"


def test_rows_with_errors_are_left_out_where_that_is_wanted(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    """That not all went in is told by the exit code."""
    refused(sheet(BAD), "--yes", "--skip-errors", "--json", code=1)
    told = json.loads(capsys.readouterr().out)
    assert (numbers(told), told["state"]) == ((3, 2, 0, 0, 0, 1), "done")
    assert names(acme) == ["Alder Bikes", "Birch Books"]


def test_rows_with_errors_are_written_to_be_corrected(
    acme: Tenant, sheet: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "errors.csv"
    refused(sheet(BAD), "--dry-run", "--errors", str(file), code=1)
    heading, row = file.read_text("utf-8-sig").splitlines()
    assert heading == "Name,Reference,E-mail,Fax,What is wrong"
    assert row.startswith("Cedar Cars,C-3,nonsense,3,")
    file.write_text(file.read_text("utf-8-sig").replace("nonsense", "info@cedar.example"))
    capsys.readouterr()
    told = run(file, "--yes", "--errors", str(file), capsys=capsys)
    assert numbers(told) == (1, 1, 0, 0, 0, 0)
    assert not file.exists(), "nothing is left to be corrected"


def test_rows_to_be_looked_at_are_counted_and_the_first_are_told(acme: Tenant, sheet: Sheet) -> None:
    alike = "".join(f"Alder {n},C-{n},info@alder.example\n" for n in range(23))
    done = manage("import_customers", sheet(f"Name,Reference,E-mail\n{alike}"), "--tenant", "acme", "--yes")
    assert done.returncode == 0
    assert "23 rows\n        23 added\n        22 with warnings\nImport " in done.stdout
    first, *_, last = done.stderr.splitlines()
    assert first == (
        "Warning: row 3, E-mail: Row 2 has this e-mail address too. If both are the same customer, "
        "leave one of the rows out."
    )
    assert last == "… and 2 more"


def test_programs_are_told_how_many_rows_have_warnings(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sheet("Name,Reference,E-mail\nAlder,C-1,a@alder.example\nAlder,C-2,a@alder.example\n")
    assert run(file, "--dry-run", capsys=capsys)["warnings"] == 1
    told = run(file, "--yes", capsys=capsys)
    assert (numbers(told), told["warnings"]) == ((2, 2, 0, 0, 0, 0), 1)
    assert run(file, "--yes", capsys=capsys)["warnings"] == 0


def test_one_row_is_a_row(acme: Tenant, sheet: Sheet) -> None:
    done = manage("import_customers", sheet("Name\nAlder\n"), "--tenant", "acme", "--yes")
    assert "\n1 row\n         1 to be added\n1 row\n" in done.stdout


def test_a_dry_run_tells_what_would_be_and_leaves_nothing(
    acme: Tenant, sheet: Sheet, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(sheet(GOOD), "--dry-run", capsys=capsys)
    assert (numbers(told), told["state"]) == ((2, 2, 0, 0, 0, 0), "planned")
    assert (told["run"], told["operation"]) == (None, None)
    assert names(acme) == []
    with tenant(acme):
        assert not ImportRun.objects.exists()
        assert not PlanRow.objects.exists()
    assert [path for path in (files / "files").rglob("*") if path.is_file()] == []


def test_a_dry_run_fails_where_the_import_would(acme: Tenant, sheet: Sheet) -> None:
    refused(sheet(BAD), "--dry-run", code=1)
    call_command("import_customers", str(sheet(BAD)), "--tenant=acme", "--dry-run", "--skip-errors")


def test_the_same_file_again_changes_nothing(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    run(sheet(GOOD), "--yes", capsys=capsys)
    assert numbers(run(sheet(GOOD), "--yes", capsys=capsys)) == (2, 0, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("Name,Reference\n", [], "a heading and no rows"),
        (GOOD, ["--mapping", "Telex=phone"], "no column “Telex”. It has: Name, Reference, E-mail, Fax."),
        (GOOD, ["--mapping", "Fax=telex"], "There is no column 'telex'. The columns are: "),
        (
            GOOD,
            ["--mapping", "Name="],
            "No column of the file is the customer name, which new customers must have.",
        ),
        (GOOD, ["--mapping", "E-mail=", "--match", "email"], "No column of the file is the e-mail address"),
        (GOOD, ["--mapping", "nowhere.json"], "neither 'HEADING=COLUMN' nor a JSON file"),
        (GOOD, ["--by", "manager@globex.example"], "Acme has no member 'manager@globex.example'."),
        (GOOD, ["--unknown=create", "--by=manager@acme.example"], "may not add segments"),
        (BAD, ["--errors", "/no/such/folder/e.csv"], "/no/such/folder/e.csv can't be written"),
        (GOOD, ["--by", "agent@acme.example"], "agent@acme.example may not do this at Acme"),
        (GOOD, ["--tenant", "nobody"], "There is no company 'nobody'."),
    ],
)
def test_what_can_not_be_used_is_refused_and_leaves_nothing(
    acme: Tenant, people: People, sheet: Sheet, text: str, arguments: list[str], words: str
) -> None:
    assert words in refused(sheet(text), "--yes", *arguments, code=2)
    with tenant(acme):
        assert not Customer.objects.exists()
        assert not ImportRun.objects.exists()


def test_a_file_that_can_not_be_read_is_refused(acme: Tenant, tmp_path: Path, sheet: Sheet) -> None:
    assert "No such file" in refused(tmp_path / "nowhere.csv", "--yes", code=2)
    with override_settings(IMPORT_MAX_BYTES=10):
        assert "10\xa0bytes can be imported" in refused(sheet(GOOD), "--yes", code=2)
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.7 something")
    done = manage("import_customers", tmp_path / "a.csv", "--tenant", "acme", "--yes", "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert (told["state"], numbers(told)) == ("refused", (0,) * 6)
    assert "This is a PDF document" in told["error"]


def test_nobody_to_ask_is_a_refusal(acme: Tenant, sheet: Sheet) -> None:
    done = manage("import_customers", sheet(GOOD), "--tenant", "acme")
    assert (done.returncode, names(acme)) == (2, [])
    assert "Give --yes or --dry-run." in done.stderr


def test_columns_are_named(
    acme: Tenant, sheet: Sheet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "mapping.json"
    kept.write_text(json.dumps({"E-mail": ""}))
    run(sheet(GOOD), "--yes", "--mapping", str(kept), "--mapping", "fax = phone", capsys=capsys)
    with tenant(acme):
        assert list(Customer.objects.order_by("name").values_list("email", "phone")) == [("", "1"), ("", "2")]


def matched_on_the_web(company: Tenant, headings: list[str], columns: dict[int, str]) -> None:
    with tenant(company):
        kept = Choices(columns=columns).as_json()
        Matching.objects.create(subject="customers", headings_key=headings_key(headings), choices=kept)


def test_columns_that_somebody_matched_are_said_to_be_so(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sheet("Name,Phone,Legal,Name\nAlder,+4930123456,x,y\n")
    told = run(file, "--dry-run", capsys=capsys)
    columns = {"Name": "name", "Phone": "phone", "Legal": None}
    assert (told["matched"], told["columns"]) == ("by headings", columns)
    matched_on_the_web(acme, ["Name", "Phone", "Legal", "Name"], {0: "first_name", 2: "last_name"})
    told = run(file, "--dry-run", capsys=capsys)
    columns = {"Name": "first_name", "Phone": None, "Legal": "last_name"}
    assert (told["matched"], told["columns"]) == ("as last", columns)
    call_command("import_customers", str(file), "--tenant=acme", "--dry-run")
    said = capsys.readouterr().out
    assert "Name → First name\nPhone → not imported\nLegal → Last name\n" in said
    assert "The columns are as somebody has matched them last for a file with these headings." in said


def test_columns_are_told_by_their_headings_where_that_is_wanted(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sheet("Name,Phone\nAlder,+4930123456\n")
    matched_on_the_web(acme, ["Name", "Phone"], {0: "name"})
    call_command("import_customers", str(file), "--tenant=acme", "--yes", "--by-headings")
    said = capsys.readouterr().out
    assert "Phone → Phone\n" in said
    assert "as somebody has matched" not in said
    with tenant(acme):
        assert Customer.objects.get().phone == "+4930123456"
    assert run(file, "--dry-run", "--by-headings", capsys=capsys)["matched"] == "by headings"


def test_the_help_says_where_columns_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("import_customers", "--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "Other columns are as somebody has matched them last on the web" in said
    assert "--by-headings" in said


DATED = "Name,Reference,Customer since\nAlder Bikes,C-1,03/04/2025\nBirch Books,C-2,05/06/2024\n"


def days(company: Tenant) -> list[str]:
    with tenant(company):
        return [f"{one.customer_since}" for one in Customer.objects.order_by("reference")]


def test_the_format_of_dates_is_given(acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]) -> None:
    run(sheet(DATED), "--yes", "--format", "customer since=dmy", capsys=capsys)
    assert days(acme) == ["2025-04-03", "2024-06-05"]


def test_the_format_of_dates_is_told_by_the_values_and_said(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_customers", str(sheet(DATED)), "--tenant=acme", "--dry-run")
    said = capsys.readouterr().out
    assert (
        "“Customer since” is read as month/day/year (12/31/2024). Every date could be read either way."
        in said
    )
    assert "give it with --format" in said
    assert days(acme) == []
    call_command("import_customers", str(sheet(DATED.replace("05/06", "31/05"))), "--tenant=acme", "--yes")
    assert "“Customer since” is read as day/month/year (31/12/2024).\n" in capsys.readouterr().out
    assert days(acme) == ["2025-04-03", "2024-05-31"]


def test_what_dates_leave_open_is_refused_where_nobody_looks(acme: Tenant, sheet: Sheet) -> None:
    words = refused(sheet(DATED), "--yes", code=2)
    assert "“Customer since”: Every date could be read either way." in words
    assert "Give it with --format" in words
    assert days(acme) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Telex=dmy", "no column “Telex”"),
        ("Name=dmy", "“Name” is no column of dates"),
        ("Customer since=point", "'point' is none. Give ymd"),
        ("Customer since=dym", "'dym' is none. Give ymd, dmy, mdy, compact."),
        ("nowhere.json", "neither 'HEADING=FORMAT' nor a JSON file"),
    ],
)
def test_a_format_that_can_not_be_used_is_refused(acme: Tenant, sheet: Sheet, given: str, words: str) -> None:
    assert words in refused(sheet(DATED), "--yes", "--format", given, code=2)
    with tenant(acme):
        assert not ImportRun.objects.exists()


STAFFED = 'Name,Reference,Headcount\nAlder Bikes,C-1,"1,234"\nBirch Books,C-2,12\n'


def staff(company: Tenant) -> list[int | None]:
    with tenant(company):
        return list(Customer.objects.order_by("reference").values_list("employees", flat=True))


def test_what_numbers_leave_open_is_refused_where_nobody_looks(acme: Tenant, sheet: Sheet) -> None:
    words = refused(sheet(STAFFED), "--yes", code=2)
    assert "“Headcount”: 1 of 2 numbers could be read either way. Say how they are written." in words
    assert "Give it with --format" in words
    assert staff(acme) == []


def test_the_format_of_numbers_is_given(
    acme: Tenant, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    run(sheet(STAFFED), "--yes", "--format", "headcount=point", capsys=capsys)
    assert staff(acme) == [1234, 12]


def test_it_is_done_in_the_name_of_a_member_and_as_they_say(
    acme: Tenant, people: People, sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--yes", "--by", "Manager@ACME.example"]
    run(sheet(GOOD), *given, capsys=capsys)
    changed = sheet("Name,Reference,E-mail\nAlder Bicycles,C-1,\nCedar Cars,C-3,\n")
    told = run(changed, *given, "--mode", "update", "--blanks", "clear", capsys=capsys)
    assert numbers(told) == (2, 0, 1, 0, 1, 0)
    with tenant(acme):
        customer = Customer.objects.get(reference="C-1")
        assert (customer.name, customer.email) == ("Alder Bicycles", "")
        assert customer.responsible_manager == people["manager"].membership
        assert Operation.objects.get(pk=told["operation"]).by == people["manager"]


CTRL_C = "\x03"


def interrupt(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does. It has asked, but may not listen yet: one that comes in between is heard with the next key, for
    which no person is quick enough."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def at_a_terminal(file: Path, answer: str, meanwhile: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """Exit code and all that the person sees, who thinks about it while somebody else does something."""
    ours, theirs = pty.openpty()
    process = start(
        *("import_customers", file, "--tenant", "acme"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        batch=1,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it, and nobody else
    )
    os.close(theirs)
    seen = ""
    while "Import? [y/N] " not in seen:
        seen += os.read(ours, 1000).decode()
    meanwhile()
    if answer == CTRL_C:
        interrupt(process)
    else:
        os.write(ours, answer.encode())
    while True:
        try:
            seen += os.read(ours, 1000).decode()
        except OSError:  # the other end is closed
            break
    os.close(ours)
    return process.wait(60), seen


def test_at_a_terminal_it_shows_a_bar_and_asks(acme: Tenant, sheet: Sheet) -> None:
    code, seen = at_a_terminal(sheet(GOOD), "n\n")
    assert (code, names(acme)) == (0, [])
    assert "Nothing was imported." in seen
    code, seen = at_a_terminal(sheet(GOOD), "y\n")
    assert (code, names(acme)) == (0, ["Alder Bikes", "Birch Books"])
    assert "\rChecking [###############               ]  50%  1 of 2" in seen
    assert "\rImporting [" in seen


def test_who_is_asked_too_long_hears_what_was_done_meanwhile(
    acme: Tenant, people: People, sheet: Sheet
) -> None:
    def approve() -> None:
        with tenant(acme):
            runs.approve(ImportRun.objects.get(), by=people["manager"])

    code, seen = at_a_terminal(sheet(GOOD), "y\n", approve)
    assert code == 1
    assert "It was imported meanwhile, by Manager." in seen
    assert "Traceback" not in seen
    assert names(acme) == ["Alder Bikes", "Birch Books"]


def test_ctrl_c_where_it_asks_imports_nothing(acme: Tenant, sheet: Sheet) -> None:
    code, seen = at_a_terminal(sheet(GOOD), CTRL_C)
    assert (code, names(acme)) == (130, [])
    assert "Cancelled. Nothing was imported." in seen
    with tenant(acme):
        assert not ImportRun.objects.exists()


def many(rows: int) -> str:
    return "\n".join(["Name,Reference", *(f"Company {n},R-{n}" for n in range(rows))])


def wait_for(operation: str, company: Tenant) -> None:
    """Until the operation of this kind has done a batch."""
    deadline = time.monotonic() + 60
    while True:
        with tenant(company):
            going = Operation.objects.filter(kind=operation, state="running")
            if going.filter(position__gt=0, total__gt=0).exists():
                return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_ctrl_c_stops_after_the_batch_and_says_what_is_in(acme: Tenant, sheet: Sheet) -> None:
    process = start(*("import_customers", sheet(many(600)), "--tenant", "acme", "--yes", "--json"), batch=10)
    wait_for("import", acme)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    told = json.loads(out)
    assert told["state"] == "cancelled"
    assert 0 < told["created"] < 600
    assert told["created"] == len(names(acme))
    assert sum(numbers(told)[1:]) == told["rows"] == 600
    assert "Cancelled. What was imported until then stays." in error


def press_twice(process: subprocess.Popen[str], operation: str, company: Tenant) -> None:
    """Ctrl-C, while a batch of the operation waits for somebody else."""
    with tenant(company):
        Operation.objects.select_for_update(of=("self",)).get(kind=operation, state="running")
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)


def test_ctrl_c_pressed_twice_is_the_same_wish(acme: Tenant, sheet: Sheet) -> None:
    """Nothing goes in any more, neither then nor by a worker, and what is in is said."""
    process = start(*("import_customers", sheet(many(600)), "--tenant", "acme", "--yes", "--json"), batch=10)
    wait_for("import", acme)
    press_twice(process, "import", acme)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "Cancelled. What was imported until then stays." in error
    told = json.loads(out)
    assert (told["state"], told["created"]) == ("cancelled", len(names(acme)))
    carry_out(**ProcrastinateJob.objects.get().args)
    assert told["created"] == len(names(acme)) < 600
    with tenant(acme):
        assert Operation.objects.get(pk=told["operation"]).state == "cancelled"


def test_ctrl_c_while_the_file_is_read_leaves_nothing(
    acme: Tenant, sheet: Sheet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pressed_twice(monkeypatch):
        assert refused(sheet(GOOD), "--yes", "--json", code=130) == "Cancelled. Nothing was imported."
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], numbers(told)) == ("cancelled", (0,) * 6)
    with tenant(acme):
        assert not ImportRun.objects.exists()


@pytest.mark.parametrize("press", [lambda process, *of: process.send_signal(signal.SIGINT), press_twice])
def test_ctrl_c_while_rows_are_checked_leaves_nothing(
    acme: Tenant, sheet: Sheet, press: Callable[..., None]
) -> None:
    file = sheet(many(2_000))
    process = start("import_customers", file, "--tenant", "acme", "--yes", "--json", batch=10)
    wait_for("check", acme)
    press(process, "check", acme)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, names(acme)) == (130, []), error
    assert "Cancelled. Nothing was imported." in error
    told = json.loads(out)
    assert (told["state"], told["error"]) == ("cancelled", "Cancelled. Nothing was imported.")
    assert (numbers(told), told["run"], told["operation"]) == ((0,) * 6, None, None)
    with tenant(acme):
        assert not ImportRun.objects.exists()
        assert not PlanRow.objects.exists()


def test_one_that_is_killed_is_gone_on_with_by_a_worker(acme: Tenant, sheet: Sheet) -> None:
    process = start("import_customers", sheet(many(500)), "--tenant", "acme", "--yes", batch=10)
    wait_for("import", acme)
    process.kill()
    process.communicate(timeout=60)
    assert 0 < len(names(acme)) < 500
    job = ProcrastinateJob.objects.get()
    assert job.task_name == carry_out.name
    assert job.scheduled_at
    carry_out(**job.args)
    assert len(set(names(acme))) == len(names(acme)) == 500
    with tenant(acme):
        assert Operation.objects.get(kind="import").counts["created"] == 500
