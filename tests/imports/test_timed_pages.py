"""The pages of timed imports: what runs when, adding, changing, pausing, deleting, and running at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from history.models import Operation
from history.operations import operation
from imports import runs
from imports.models import Clock, ImportRun, Schedule
from imports.timed import start_now
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import asked
from tests.imports.timing import SHEET, next_time, timed

pytestmark = pytest.mark.django_db

People = dict[str, User]
LIST, NEW = "/acme/imports/timed/", "/acme/imports/timed/new/"
ASKED = {
    "name": "Every night",
    "subject": "customers",
    "source": "file",
    "rhythm": "daily",
    "time": "03:00",
    "most_changed": "10",
    "most_failed": "0",
}


@pytest.fixture
def manager(people: People, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["manager"])


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.IMPORT_FOLDERS = {"acme": str(tmp_path)}
    settings.IMPORT_HOSTS = ["files.example.com"]
    return tmp_path


def text(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split()).replace(" : ", ": ")


def upload(data: str = SHEET) -> SimpleUploadedFile:
    return SimpleUploadedFile("customers.csv", data.encode())


def send(client: Client, path: str = NEW, **given: Any) -> Any:
    return client.post(path, {**ASKED, **given})


def kept(company: Tenant) -> list[Schedule]:
    with tenant(company):
        return list(Schedule.objects.select_related("owner", "after"))


def refused(client: Client, company: Tenant, words: str, path: str = NEW, **given: Any) -> None:
    answer = send(client, path, **given)
    assert answer.status_code == 422
    assert words in text(answer), text(answer)


def test_it_begins_empty_and_says_what_belongs_there(acme: Tenant, manager: Client) -> None:
    assert "Nothing runs by the clock" in text(manager.get(LIST))


def test_one_is_added_with_its_file(acme: Tenant, people: People, manager: Client, uploads: Path) -> None:
    assert send(manager, upload=upload()).headers["Location"] == LIST
    [schedule] = kept(acme)
    assert (schedule.owner, schedule.file_name) == (people["manager"], "customers.csv")
    assert (uploads.parent / schedule.file).read_text() == SHEET
    with tenant(acme):
        assert next_time(acme) > timezone.now()
        assert Operation.objects.latest("pk").summary == "Added timed import “Every night”"
    page = text(manager.get(LIST))
    assert "Every night Customers from customers.csv Every day at 3 a.m." in page
    assert "None Manager Run now" in page


def test_a_time_at_the_end_of_a_sentence_ends_it_once(acme: Tenant, manager: Client, uploads: Path) -> None:
    for at, words in [("03:00", "Every day at 3 a.m."), ("12:00", "Every day at noon.")]:
        said = text(manager.post(NEW, {**ASKED, "time": at, "upload": upload(), "name": at}, follow=True))
        assert f"is set: {words} " in f"{said} "
        assert ".." not in said
    first = min(kept(acme), key=lambda one: one.pk)
    for path, told in [("pause", "is paused."), ("resume", "runs again: Every day at 3 a.m. ")]:
        said = text(manager.post(f"/acme/imports/timed/{first.pk}/{path}/", follow=True))
        assert told in said
        assert ".." not in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "CSV or Excel file: Choose a file."),
        ({"upload": SimpleUploadedFile("a.csv", b"%PDF-1.7")}, "This is a PDF document"),
        (
            {"upload": SimpleUploadedFile("a.csv", b"Telex\n1\n")},
            "No column of the file is the customer name",
        ),
        ({"name": ""}, "Name: This field is required."),
        ({"time": ""}, "Time: This is needed for what you have chosen."),
        ({"rhythm": "weekly"}, "Day of the week: This is needed"),
        ({"rhythm": "after"}, "Which one: This is needed"),
        ({"rhythm": "once", "day": "2020-01-01"}, "This is over. Choose a time to come."),
        ({"most_changed": "101"}, "Most that may change, in percent"),
        ({"source": "folder", "pattern": "*.csv"}, "Where the file comes from"),
        ({"source": "address", "address": "https://files.example.com/"}, "Where the file comes from"),
    ],
)
def test_what_can_not_be_is_refused(
    acme: Tenant, manager: Client, folder: Path, given: dict[str, Any], words: str
) -> None:
    refused(manager, acme, words, **given)
    assert kept(acme) == []


class TestPlaces:
    """Server folders and web addresses are for admins, where the installation has set them up."""

    @pytest.fixture
    def admin(self, people: People, signed_in: Callable[[User], Client]) -> Client:
        return signed_in(people["admin"])

    def test_admins_choose_them(self, acme: Tenant, admin: Client, folder: Path) -> None:
        assert send(admin, source="folder", pattern="customers-*.csv").status_code == 302
        given = {"source": "address", "address": "https://files.example.com/a.csv?token=secret"}
        assert send(admin, name="Web", **given).status_code == 302
        page = text(admin.get(LIST))
        assert "Customers from customers-*.csv in the server folder" in page
        assert "Customers from https://files.example.com/a.csv Every day" in page
        assert "secret" not in page

    def test_without_a_set_up_there_are_none(self, acme: Tenant, admin: Client) -> None:
        page = admin.get(NEW).content.decode()
        assert 'value="folder"' not in page
        refused(admin, acme, "Where the file comes from", source="folder", pattern="*.csv")

    def test_a_path_or_another_host_is_refused(self, acme: Tenant, admin: Client, folder: Path) -> None:
        refused(admin, acme, "without a path", source="folder", pattern="../*.csv")
        refused(admin, acme, "are not allowed here", source="address", address="https://example.com/a.csv")
        refused(admin, acme, "are not allowed here", source="address", address="http://files.example.com/a")
        wrong_port = "Files from https://files.example.com:8443 are not allowed here"
        refused(admin, acme, wrong_port, source="address", address="https://files.example.com:8443/a")

    def test_managers_may_not_change_them(
        self, acme: Tenant, people: People, manager: Client, folder: Path
    ) -> None:
        schedule = timed(acme, people["admin"], source="folder", pattern="*.csv")
        for verb in ("edit", "delete"):
            assert manager.get(f"{LIST}{schedule.pk}/{verb}/").status_code == 403
        for verb in ("edit", "delete", "pause", "resume", "run"):
            assert manager.post(f"{LIST}{schedule.pk}/{verb}/", ASKED).status_code == 403
        page = manager.get(LIST)
        assert "Every night" in text(page)
        assert "Run now" not in text(page)


def test_a_change_runs_in_the_name_of_who_made_it(
    acme: Tenant, people: People, signed_in: Callable[[User], Client]
) -> None:
    schedule = timed(acme, people["manager"])
    edit = f"{LIST}{schedule.pk}/edit/"
    admin = signed_in(people["admin"])
    seen = str(admin.get(edit).context["form"]["seen"].value())
    assert send(admin, edit, name="Mondays", rhythm="weekly", weekday="0", seen=seen).status_code == 302
    [changed] = kept(acme)
    assert (changed.name, changed.owner, changed.file) == ("Mondays", people["admin"], schedule.file)
    assert changed.when_words == "Mondays at 3 a.m."
    with tenant(acme):
        assert timezone.localtime(next_time(acme)).weekday() in {6, 0}  # as the test's own zone has it
        assert Schedule.history.filter(id=schedule.pk).count() == 2


def test_a_change_of_somebody_else_meanwhile_is_said_once(
    acme: Tenant, people: People, manager: Client
) -> None:
    schedule = timed(acme, people["manager"])
    edit = f"{LIST}{schedule.pk}/edit/"
    seen = str(manager.get(edit).context["form"]["seen"].value())
    with tenant(acme), operation("settings", by=people["admin"]):
        Schedule.objects.filter(pk=schedule.pk).update(most_failed=7)
    answer = send(manager, edit, name="Mine", seen=seen)
    assert answer.status_code == 422
    assert "Admin saved this while you were typing." in text(answer)
    again = str(answer.context["form"]["seen"].value())
    assert send(manager, edit, name="Mine", seen=again).status_code == 302


def test_two_can_not_have_one_name(acme: Tenant, people: People, manager: Client) -> None:
    timed(acme, people["manager"])
    refused(manager, acme, "There is one with this name already.", name="every  NIGHT", upload=upload())


def test_none_comes_after_itself(acme: Tenant, people: People, manager: Client) -> None:
    first = timed(acme, people["manager"], name="First")
    second = timed(acme, people["manager"], name="Second", rhythm="after", after=first)
    third = timed(acme, people["manager"], name="Third", rhythm="after", after=second)
    edit = f"{LIST}{first.pk}/edit/"
    seen = str(manager.get(edit).context["form"]["seen"].value())
    refused(manager, acme, "comes after this one itself", edit, rhythm="after", after=third.pk, seen=seen)
    refused(manager, acme, "Select a valid choice", edit, rhythm="after", after=first.pk, seen=seen)
    lines = manager.get(LIST).context["lines"]
    assert [(line.schedule.name, line.depth) for line in lines] == [("First", 0), ("Second", 1), ("Third", 2)]


def test_it_is_like_an_import_that_there_was(acme: Tenant, people: People, manager: Client) -> None:
    """Its columns, its settings and its file."""
    with tenant(acme):
        run = runs.begin("trees.csv", [b"Firm;No.\nAlder;7\n"], by=people["manager"])
        choices = type(run.decided)(columns={0: "name", 1: "reference"}, mode="add", kind="individual")
        runs.check(run, choices, by=people["manager"])
    form = manager.get(f"{NEW}?like={run.pk}").context["form"]
    asked = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    assert asked["name"] == "trees"
    assert manager.post(f"{NEW}?like={run.pk}", {**asked, "time": "03:00"}).status_code == 302
    [schedule] = kept(acme)
    assert schedule.columns == {"Firm": "name", "No.": "reference"}
    assert (schedule.decided.mode, schedule.decided.kind) == ("add", "individual")
    assert (schedule.file_name, schedule.file != run.file) == ("trees.csv", True)


def test_imports_are_offered_by_kind_the_latest_of_those_with_the_same_headings(
    acme: Tenant, people: People, manager: Client
) -> None:
    def imported(name: str, headings: str, subject: str = "customers") -> int:
        run = runs.begin(name, [f"{headings}\nC-1,Alder\n".encode()], by=people["manager"], subject=subject)
        runs.check(run, runs.settings_of(run, people["manager"]), by=people["manager"])
        return int(run.pk)

    with tenant(acme):
        imported("early.csv", "Reference,Name")
        late = imported("late.csv", "Reference,Name")
        other = imported("other.csv", "No.,Name")
        of_contacts = imported("contacts.csv", "Customer reference,Name", "contacts")
        corrected = imported("errors.csv", "No.,Name,What is wrong")
    _, *groups = manager.get(NEW).context["form"].fields["like"].choices
    offered = [(label, [value.value for value, _ in choices]) for label, choices in groups]
    assert offered == [("Customers", [corrected, late]), ("Contacts", [of_contacts])]
    assert other not in dict(offered)["Customers"]
    [(_, [(_, label), *_]), _] = groups
    assert label.startswith("As in errors.csv, ")


def test_only_the_latest_twenty_imports_of_a_kind_are_offered(
    acme: Tenant, people: People, manager: Client
) -> None:
    with tenant(acme):
        for number in range(22):
            run = runs.begin("a.csv", [f"Name,Note {number}\nAlder,x\n".encode()], by=people["manager"])
            runs.check(run, runs.settings_of(run, people["manager"]), by=people["manager"])
        first = ImportRun.objects.order_by("pk")[0]
    _, (_, choices) = manager.get(NEW).context["form"].fields["like"].choices
    assert (len(choices), choices[0][0].value) == (20, run.pk)
    _, (_, choices) = manager.get(f"{NEW}?like={first.pk}").context["form"].fields["like"].choices
    assert choices[-1][0].value == first.pk


def test_one_of_contacts_has_nothing_that_is_of_customers(
    acme: Tenant, people: People, manager: Client
) -> None:
    sheet = "Customer reference,Name\nC-1,Anna\n"
    given = {"subject": "contacts", "match": "email", "unknown": "create", "kind": "individual"}
    refused(
        manager,
        acme,
        "No column of the file is the customer reference",
        upload=upload("Name\nAnna\n"),
        **given,
    )
    assert send(manager, upload=upload(sheet), **given).status_code == 302
    [schedule] = kept(acme)
    decided = schedule.decided
    assert (schedule.subject, decided.match, decided.unknown, decided.kind) == (
        *("contacts", "reference", "error", ""),
    )
    assert "Every night Contacts from customers.csv" in text(manager.get(LIST))


def test_columns_are_those_of_what_the_rows_are(acme: Tenant, people: People, manager: Client) -> None:
    with tenant(acme):
        run = runs.begin("trees.csv", [b"Firm;No.\nAlder;7\n"], by=people["manager"])
        runs.check(run, type(run.decided)(columns={0: "name", 1: "reference"}), by=people["manager"])
    given: dict[str, Any] = {"subject": "contacts", "like": run.pk}
    refused(manager, acme, "The rows of that import are customers.", **given, upload=upload())
    schedule = timed(acme, people["manager"], columns={"Firm": "name", "No.": "reference"})
    edit = f"{LIST}{schedule.pk}/edit/"
    page = manager.get(edit)
    assert "Firm → Customer name" in text(page)
    seen = str(page.context["form"]["seen"].value())
    assert send(manager, edit, subject="addresses", seen=seen).status_code == 302
    assert [(one.subject, one.columns) for one in kept(acme)] == [("addresses", {})]


def test_it_is_paused_and_resumed(acme: Tenant, people: People, manager: Client) -> None:
    schedule = timed(acme, people["manager"])
    manager.post(f"{LIST}{schedule.pk}/pause/")
    with tenant(acme):
        assert Clock.objects.get().next_at is None
    assert "Paused" in text(manager.get(LIST))
    manager.post(f"{LIST}{schedule.pk}/resume/")
    with tenant(acme):
        assert next_time(acme) > timezone.now()


def test_it_is_run_at_once_and_not_twice(acme: Tenant, people: People, manager: Client) -> None:
    schedule = timed(acme, people["manager"])
    with tenant(acme):
        before = Clock.objects.get().next_at
    manager.post(f"{LIST}{schedule.pk}/run/")
    page = manager.get(LIST)
    assert "“Every night” begins." in text(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    manager.post(f"{LIST}{schedule.pk}/run/")
    with tenant(acme):
        assert ImportRun.objects.get().schedule == schedule
        assert Clock.objects.get().next_at == before
    assert ProcrastinateJob.objects.count() == 1


def test_what_it_has_imported_stays_when_it_is_deleted(
    acme: Tenant, people: People, manager: Client, uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    schedule = timed(acme, people["manager"])
    manager.post(f"{LIST}{schedule.pk}/run/")
    assert "What it has imported stays." in text(manager.get(f"{LIST}{schedule.pk}/delete/"))
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(f"{LIST}{schedule.pk}/delete/")
    assert kept(acme) == []
    assert not (uploads.parent / schedule.file).exists()
    with tenant(acme):
        assert ImportRun.objects.get().schedule is None
        assert not Clock.objects.exists()


def test_one_that_others_come_after_is_not_deleted(acme: Tenant, people: People, manager: Client) -> None:
    first = timed(acme, people["manager"], name="First")
    timed(acme, people["manager"], name="Second", rhythm="after", after=first)
    answer = manager.post(f"{LIST}{first.pk}/delete/")
    assert answer.status_code == 422
    assert "“Second” comes after “First”, which can’t be deleted." in text(answer)
    assert len(kept(acme)) == 2


def test_they_are_handed_over_when_a_member_leaves(
    acme: Tenant, people: People, signed_in: Callable[[User], Client]
) -> None:
    timed(acme, people["manager"])
    with tenant(acme):
        leaving = Membership.objects.get(user=people["manager"])
        heir = Membership.objects.get(user=people["admin"])
    owner = signed_in(people["owner"])
    remove = f"/acme/settings/people/{leaving.pk}/remove/"
    assert "Timed imports" in text(owner.get(remove))
    assert owner.post(remove, {"owner": heir.pk}).status_code == 302
    assert [schedule.owner for schedule in kept(acme)] == [people["admin"]]


def test_more_of_them_cost_no_more_queries(acme: Tenant, people: People, manager: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            manager.get(LIST)
        return len(asked(queries))

    before = None
    for number in range(3):
        first = timed(acme, people["manager"], name=f"First {number}")
        timed(acme, people["manager"], name=f"Second {number}", rhythm="after", after=first)
        with tenant(acme):
            start_now(first)
        before = before or cost()
    assert cost() == before


def test_one_that_is_over_stays_where_only_its_name_changes(
    acme: Tenant, people: People, manager: Client
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    schedule = timed(acme, people["manager"], rhythm="once", day=day)
    edit = f"{LIST}{schedule.pk}/edit/"
    seen = str(manager.get(edit).context["form"]["seen"].value())
    given = {"rhythm": "once", "day": day.isoformat(), "seen": seen}
    assert send(manager, edit, name="Renamed", **given).status_code == 302
    assert "Never" in text(manager.get(LIST))
