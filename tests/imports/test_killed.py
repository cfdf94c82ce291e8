"""Whatever happens to the process that does an import, every row is done once, and none is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from psycopg.conninfo import make_conninfo

from config import embedded
from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from imports import runs, steps
from imports.models import ImportRun, PlanRow
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.children import Child, Work, run_and_kill

pytestmark = pytest.mark.django_db(transaction=True)

ROWS, KILLS = 600, 10  # as often in the check, and as often in the import
FEW = 250  # for what needs some batches, but is not killed
HEADING = "Name,Reference,E-mail,Contact,Contact phone,Street,City,Country,Segment"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 50)
    monkeypatch.setattr(runs, "AT_ONCE", 0)


def sheet(rows: int = ROWS, *, city: str = "Berlin") -> bytes:
    """One row of fifty is refused."""
    lines = [
        f"Company {n},R-{n},info@c{n}.example,Person {n},+4930123{n:04},Road {n},{city},DE,"
        f"{'Nowhere' if n % 50 == 7 else 'Enterprise'}"
        for n in range(rows)
    ]
    return "\n".join([HEADING, *lines]).encode()


def begun(company: Tenant, by: User, data: bytes) -> tuple[ImportRun, Work]:
    """An import to be checked, and what checks it."""
    with tenant(company):
        run = runs.begin("some.csv", [data], by=by)
        asked = runs.check(run, runs.settings_of(run, by), by=by)
    return run, Work("check_rows", {"tenant_id": company.pk, "operation_id": asked.pk})


def approved(company: Tenant, by: User, run: ImportRun) -> tuple[Operation, Work]:
    """An import to be carried out, and what carries it out."""
    with tenant(company):
        asked = runs.approve(run, by=by)
    return asked, Work("carry_out", {"tenant_id": company.pk, "operation_id": asked.pk})


def whole(company: Tenant) -> dict[str, Any]:
    """All that an import leaves, without what differs from one to another."""
    with tenant(company):
        return {
            "customers": list(
                Customer.objects.order_by("name").values_list("name", "reference", "search", "traits")
            ),
            "contacts": list(Contact.objects.order_by("name").values_list("name", "phone", "search")),
            "addresses": list(
                Address.objects.order_by("street").values_list("street", "city", "customer__name")
            ),
            "history": [
                sorted(model.history.values_list("history_type", flat=True))
                for model in (Customer, Contact, Address)
            ],
            "plan": list(
                PlanRow.objects.order_by("number").values_list(
                    "number", "action", "outcome", "diff", "problems"
                )
            ),
        }


def until_done(work: Work, seconds: float, dice: random.Random) -> int:
    """Do it in processes that are killed at random moments, before all of them together could have done it, and in
    the end undisturbed. `seconds` is how long it takes. How often it was killed."""
    killed = 0
    while killed < KILLS and not run_and_kill(work, dice.uniform(0, seconds / KILLS)):
        killed += 1
    assert Child(work).wait() == 0
    return killed


def test_a_worker_killed_at_twenty_moments_does_every_row_once(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User
) -> None:
    other, check = begun(globex, bob, sheet())
    child, started = Child(check), time.monotonic()
    assert child.wait() == 0
    checking = time.monotonic() - started
    _, carry = approved(globex, bob, other)
    child, started = Child(carry), time.monotonic()
    assert child.wait() == 0
    importing = time.monotonic() - started

    dice = random.Random(7)
    run, check = begun(acme, people["manager"], sheet())
    killed = until_done(check, checking, dice)
    operation, carry = approved(acme, people["manager"], run)
    killed += until_done(carry, importing, dice)

    assert killed == 2 * KILLS
    assert whole(acme) == whole(globex)
    with tenant(acme):
        operation.refresh_from_db()
        assert operation.state == "done"
        assert operation.counts == {
            "rows": ROWS, "created": 588, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 12, "warnings": 588,
        }  # fmt: skip


def test_a_lost_connection_loses_nothing(acme: Tenant, people: dict[str, User]) -> None:
    """As when Postgres is restarted: the worker's statement fails, and the job is run again."""
    run, check = begun(acme, people["manager"], sheet())
    with tenant(acme):
        asked = Operation.objects.get(kind="check")
    _interrupt(acme, asked, check)
    asked, carry = approved(acme, people["manager"], run)
    _interrupt(acme, asked, carry)
    with tenant(acme):
        assert Customer.objects.count() == 588
        assert Customer.history.count() == 588
        assert Operation.objects.get(kind="import").counts["created"] == 588


def _interrupt(company: Tenant, asked: Operation, work: Work) -> None:
    child = Child(work)
    _wait_for_position(company, asked.pk, 100)
    _end_other_connections()
    assert child.wait() != 0
    assert Child(work).wait() == 0


def _wait_for_position(company: Tenant, operation_id: int, position: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        with tenant(company):
            reached = Operation.objects.get(pk=operation_id).position
        if reached >= position:
            return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _end_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [own] = cursor.fetchone()
    server = make_conninfo(embedded.superuser_conninfo(settings.EMBEDDED_POSTGRES["data"]))
    with psycopg.connect(server, autocommit=True) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
            [connection.settings_dict["NAME"], own],
        )


def test_two_imports_of_the_same_customers_at_once_do_each_row_once(
    acme: Tenant, people: dict[str, User]
) -> None:
    by = people["manager"]
    run, check = begun(acme, by, sheet(FEW))
    assert Child(check).wait() == 0
    assert Child(approved(acme, by, run)[1]).wait() == 0
    planned = []
    for city in ("Paris", "London"):
        run, check = begun(acme, by, sheet(FEW, city=city))
        assert Child(check).wait() == 0
        planned.append(approved(acme, by, run))
    children = [Child(carry) for _, carry in planned]
    assert [child.wait() for child in children] == [0, 0]
    with tenant(acme):
        counts = [Operation.objects.get(pk=asked.pk).counts for asked, _ in planned]
        assert sum(one["updated"] for one in counts) == 245
        assert sum(one["failed"] for one in counts) == 245 + 5 + 5
        cities = set(Address.objects.values_list("city", flat=True))
        assert cities <= {"Paris", "London"}
        assert Address.history.filter(history_type="~").count() == 245


def test_people_edit_while_an_import_runs_and_neither_loses_anything(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    by, agent = people["manager"], signed_in(people["agent"])
    run, check = begun(acme, by, sheet(FEW))
    assert Child(check).wait() == 0
    assert Child(approved(acme, by, run)[1]).wait() == 0
    run, check = begun(acme, by, sheet(FEW).replace(b"info@", b"post@"))
    assert Child(check).wait() == 0
    with tenant(acme):
        keys = list(Customer.objects.order_by("-pk").values_list("pk", flat=True))
    importing, dice, edited, refused = Child(approved(acme, by, run)[1]), random.Random(7), set(), 0
    while importing.process.is_alive():
        address = f"/acme/customers/{(pk := dice.choice(keys))}/edit/"
        form = agent.get(address).context["form"]
        shown = {one.html_name: "" if one.value() is None else one.value() for one in form}
        answer = agent.post(address, {**shown, "name": f"Edited {pk}"})
        assert answer.status_code in (302, 422)
        refused += answer.status_code == 422  # the import was there between page and click, and it says so
        if answer.status_code == 302:
            edited.add(pk)
    assert importing.wait() == 0
    assert edited
    with tenant(acme):
        counts = Operation.objects.filter(kind="import").latest("pk").counts
        left = set(PlanRow.objects.filter(run=run, outcome="moved").values_list("customer_id", flat=True))
        assert left <= edited
        assert (counts["updated"], counts["failed"]) == (245 - len(left), 5 + len(left))
        for customer in Customer.objects.all():
            assert customer.name.startswith("Edited") == (customer.pk in edited)
            assert customer.email.startswith("info@" if customer.pk in left else "post@")
            assert customer.history.count() == 1 + (customer.pk not in left) + (customer.pk in edited)
