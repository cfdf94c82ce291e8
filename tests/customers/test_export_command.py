"""`manage.py export_customers`: which customers, which columns, and how it ends."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from lists.models import Export
from marketing.models import Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.commands import manage
from tests.terminal import pressed_twice

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def customers(acme: Tenant, people: People) -> Tenant:
    with tenant(acme), operation("import", by=people["manager"]):
        lead = Status.objects.get(name="Lead")
        Customer.objects.create(name="=Birch", reference="007", status=lead)
        Customer.objects.create(name="Alder", reference="C-1", status=Status.default())
    return acme


def export(file: Path, *arguments: str) -> str:
    call_command("export_customers", str(file), "--tenant=acme", *arguments)
    return file.read_text("utf-8-sig")


def refused(file: Path, *arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as refusal:
        call_command("export_customers", str(file), "--tenant=acme", *arguments)
    assert not file.exists()
    return refusal.value.returncode, str(refusal.value)


def test_programs_are_told_in_one_object(customers: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    done = manage("export_customers", file, "--tenant", "acme", "--json", "--columns", "reference,name")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert file.read_text("utf-8-sig") == "Reference,Customer name\n007,'=Birch\nC-1,Alder\n"
    assert (told["rows"], told["size"]) == (2, file.stat().st_size)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    with tenant(customers):
        kept = Export.objects.select_related("operation__by").get(pk=told["export"])
        assert kept.operation.pk == told["operation"]
        assert kept.operation.by
        assert kept.operation.by.email == "owner@acme.example"


def test_a_filter_is_that_of_the_lists_address(customers: Tenant, tmp_path: Path) -> None:
    with tenant(customers):
        lead = Status.objects.get(name="Lead").pk
    assert (
        export(tmp_path / "c.csv", "--columns=name", f"--filter=status={lead}&q=birch")
        == "Customer name\n'=Birch\n"
    )
    assert (
        export(tmp_path / "d.csv", "--columns=name", "--filter=sort=-name")
        == "Customer name\nAlder\n'=Birch\n"
    )


def test_a_filter_that_is_not_understood_exports_nothing(customers: Tenant, tmp_path: Path) -> None:
    """Left out, it would give away all customers in place of a few."""
    for query in ("stauts=1", "status=lead", "status=999999"):
        code, words = refused(tmp_path / "c.csv", f"--filter={query}")
        assert (code, query.partition("=")[0] in words.lower()) == (2, True), words


def test_the_files_name_tells_its_format(customers: Tenant, tmp_path: Path) -> None:
    text = export(tmp_path / "c.json", "--columns=name")
    assert [row["name"] for row in json.loads(text)] == ["=Birch", "Alder"]
    call_command("export_customers", str(tmp_path / "c.xlsx"), "--tenant=acme")
    assert (tmp_path / "c.xlsx").read_bytes().startswith(b"PK")
    assert export(tmp_path / "c.txt", "--columns=name").startswith("Customer name\n")
    assert json.loads(export(tmp_path / "d.txt", "--columns=name", "--format=json"))


def test_what_is_exported_is_imported_without_a_change(customers: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    assert export(file)
    call_command("import_customers", str(file), "--tenant=acme", "--yes")
    with tenant(customers):
        counts = Operation.objects.filter(kind="import").latest("pk").counts
    assert (counts["rows"], counts["unchanged"]) == (2, 2)


def test_programs_are_told_why_there_is_no_file(
    customers: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, options, words in [
        (tmp_path / "no" / "folder.csv", (), "can't be written"),
        (tmp_path / "c.csv", ("--columns=telex",), "There is no column 'telex'."),
    ]:
        assert words in refused(file, "--json", *options)[1]
        told = json.loads(capsys.readouterr().out)
        assert (told["file"], set(told)) == (str(file), {"file", "error"})
        assert words in told["error"]


def test_what_can_not_be_used_is_refused(customers: Tenant, people: People, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    assert refused(file, "--columns=name,telex")[0] == 2
    code, words = refused(file, "--by=viewer@acme.example")
    assert (code, "customers.export_customer" in words) == (2, True)
    assert refused(tmp_path / "no" / "folder.csv")[0] == 1


def test_ctrl_c_leaves_no_file_however_often_it_is_pressed(
    customers: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "Cancelled. No file was written."
    with pressed_twice(monkeypatch):
        assert refused(tmp_path / "c.csv", "--json") == (130, words)
    assert json.loads(capsys.readouterr().out) == {"file": str(tmp_path / "c.csv"), "error": words}
    with tenant(customers):
        assert Operation.objects.get(kind="export").state == "cancelled"
