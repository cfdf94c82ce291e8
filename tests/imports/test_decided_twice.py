"""Two people who decide about one import at the same moment: one does, and the other hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from history.long import ask_for
from imports import runs
from imports.models import ImportRun, PlanRow
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.contacts.test_races import meanwhile
from tests.imports.pages import address_of, approve, begin, check, text
from tests.sheets import xlsx

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@pytest.fixture
def ready(acme: Tenant, people: People) -> ImportRun:
    """Checked, and waiting for somebody to approve it."""
    with tenant(acme):
        run = runs.begin("two.csv", [b"Name,Reference\nAlder,C-1\nBirch,C-2\n"], by=people["manager"])
        runs.check(run, runs.settings_of(run, people["manager"]), by=people["manager"])
        return run


def decide(what: str, ready: ImportRun, by: User) -> None:
    run = ImportRun.objects.select_related("checking", "operation", "reading").get(pk=ready.pk)
    assert run.stage == ImportRun.Stage.READY
    if what == "approve":
        runs.approve(run, by=by)
    elif what == "check":
        runs.check(run, run.decided, by=by)
    else:
        runs.discard(run, by=by)


@contextmanager
def refused(company: Tenant) -> Iterator[None]:
    with pytest.raises(runs.NotNow), tenant(company):
        yield


@pytest.mark.parametrize("then", ["approve", "check", "discard"])
def test_what_is_imported_by_one_is_left_alone_by_the_other(
    acme: Tenant, people: People, ready: ImportRun, then: str
) -> None:
    def first() -> None:
        decide("approve", ready, people["owner"])

    with meanwhile(acme, first, lambda: None), refused(acme):
        decide(then, ready, people["manager"])
    with tenant(acme):
        run = ImportRun.objects.get(pk=ready.pk)
        assert run.stage == ImportRun.Stage.DONE
        assert run.operation is not None
        assert run.operation.counts["created"] == Customer.objects.count() == 2
        assert list(PlanRow.objects.filter(run=run).values_list("action", flat=True)) == ["create"] * 2


@pytest.mark.parametrize("then", ["approve", "check", "discard"])
def test_what_is_discarded_by_one_is_gone_for_the_other(
    acme: Tenant, people: People, ready: ImportRun, then: str
) -> None:
    def first() -> None:
        decide("discard", ready, people["owner"])

    with meanwhile(acme, first, lambda: None), refused(acme):
        decide(then, ready, people["manager"])
    with tenant(acme):
        assert not ImportRun.objects.exists()
        assert not Customer.objects.exists()


def test_a_plan_that_is_made_anew_is_not_the_one_that_was_shown(
    acme: Tenant, people: People, ready: ImportRun
) -> None:
    def first() -> None:
        decide("check", ready, people["owner"])

    with meanwhile(acme, first, lambda: None), refused(acme):
        shown = ImportRun.objects.get(pk=ready.pk)
        runs.approve(shown, by=people["manager"], plan=shown.checking_id)
    with tenant(acme):
        assert not Customer.objects.exists()


def test_who_comes_late_is_led_to_the_list(
    acme: Tenant, people: People, ready: ImportRun, signed_in: Callable[..., object]
) -> None:
    client = signed_in(people["manager"])
    address = f"/acme/imports/{ready.pk}/discard/"
    with meanwhile(acme, lambda: decide("discard", ready, people["owner"]), lambda: None):
        answer = client.post(address, follow=True)  # type: ignore[attr-defined]
    assert answer.redirect_chain[-1][0] == "/acme/imports/"
    assert "Somebody has discarded it meanwhile" in answer.content.decode()


# A page that is older than what was done meanwhile


def after(answer: Any, client: Client) -> str:
    """What the page says to which it leads."""
    return text(client.get(answer.headers["Location"], follow=True))


def test_who_checks_what_was_imported_meanwhile_hears_by_whom(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    plan = check(manager, "Name\nAlder\n")
    address = address_of(plan)
    approve(admin, plan)
    answer = manager.post(f"{address}columns/", {})
    assert "It was imported meanwhile, by Admin." in after(answer, manager)


def test_who_approves_what_was_read_anew_meanwhile_hears_so(
    acme: Tenant, manager: Client, admin: Client
) -> None:
    plan = check(manager, xlsx(["Name"], ["Alder"], Two=[["Name"], ["Birch"]]), "a.xlsx")
    assert admin.post(f"{address_of(plan)}place/", {"sheet": "Two"}).status_code == 302
    said = "The file was read again meanwhile: its columns are to be matched first."
    assert said in after(approve(manager, plan), manager)
    with tenant(acme):
        assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("state", "words"),
    [("running", "Its rows are being checked again"), ("cancelled", "did not come to its end")],
)
def test_who_approves_what_is_checked_again_hears_so(
    acme: Tenant, manager: Client, people: People, state: str, words: str
) -> None:
    plan = check(manager, "Name\nAlder\n")
    with tenant(acme):
        run = plan.context["run"]
        run.checking = ask_for("check", by=people["admin"], total=1)
        run.checking.begin()
        if state != "running":
            run.checking.end(state)
        run.checking.save_progress()
        run.save()
    said = after(approve(manager, plan), manager)
    assert words in said
    assert "by Admin." in said


@pytest.mark.parametrize("act", ["approve", "cancel", "again", "place", "columns", "discard"])
def test_what_is_sent_to_one_that_was_discarded_is_told_so(acme: Tenant, manager: Client, act: str) -> None:
    address = begin(manager, "Name\nAlder\n")
    manager.post(f"{address}discard/")
    manager.get("/acme/imports/")
    answer = manager.post(f"{address}{act}/")
    assert answer.status_code == 404
    assert "Somebody has discarded it meanwhile." in text(answer)
    assert 'href="/acme/imports/"' in answer.content.decode()
    assert manager.get(address).status_code == 404
