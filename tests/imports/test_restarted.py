"""Postgres ends in the middle of an import and comes back: the product goes on by itself, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.conf import settings

from config import embedded
from tests.demo import Demo

ROWS = 11_000  # two batches and a bit
# Run by manage.py shell. "Read", "check" and "approve" are what a person does on three pages.
STEP = """
from imports import runs
from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Membership, Tenant
with tenant(Tenant.objects.get(slug="northwind")):
    by = Membership.objects.filter(role="owner").first().user
    if {step!r} == "read":
        lines = ["Name,Reference,Contact,City,Country"]
        lines += [f"Company {{n}},NEW-{{n}},Person {{n}},Berlin,DE" for n in range({rows})]
        runs.begin("many.csv", ["\\n".join(lines).encode()], by=by)
    else:
        run = ImportRun.objects.latest("pk")
        runs.check(run, runs.settings_of(run, by), by=by) if {step!r} == "check" else runs.approve(run, by=by)
"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "data", "--customers=0", "--empty").up()
    yield running
    running.stop()


def do(demo: Demo, step: str) -> None:
    code = STEP.format(step=step, rows=ROWS)
    environment = {"CLIENTELE_DATA": str(demo.folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def ask(demo: Demo, question: str) -> list[tuple[Any, ...]]:
    server = embedded.superuser_conninfo(demo.folder / "postgres")
    with psycopg.connect(server, dbname="clientele") as connection:
        return connection.execute(question.encode()).fetchall()


def wait_for(demo: Demo, kind: str, wanted: str, seconds: float = 120) -> None:
    """Until the latest operation of that kind is so."""
    question = f"SELECT {wanted} FROM history_operation WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1"
    deadline = time.monotonic() + seconds
    while ask(demo, question) != [(True,)]:
        assert time.monotonic() < deadline, demo.output[-3000:]
        time.sleep(0.02)


def crash(demo: Demo) -> None:
    """One of its processes is killed, so that Postgres ends every other one at once and recovers from its log."""
    [(victim,)] = ask(demo, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    process = psutil.Process(victim)
    process.kill()
    psutil.wait_procs([process], timeout=30)
    server = embedded.superuser_conninfo(demo.folder / "postgres")
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(server).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_an_import_outlives_the_crash_of_its_database(demo: Demo) -> None:
    do(demo, "read")
    for step, kind in (("check", "check"), ("approve", "import")):
        do(demo, step)
        wait_for(demo, kind, "position > 0 AND state = 'running'")
        crash(demo)
        wait_for(demo, kind, "state = 'done'")
    [(counts,)] = ask(
        demo, "SELECT counts FROM history_operation WHERE kind = 'import' ORDER BY id DESC LIMIT 1"
    )
    assert (counts["rows"], counts["created"], counts["failed"]) == (ROWS, ROWS, 0)
    for table in ("customers_customer", "customers_historicalcustomer"):
        told = ask(
            demo, f"SELECT count(*), count(DISTINCT reference) FROM {table} WHERE reference LIKE 'NEW-%'"
        )
        assert told == [(ROWS, ROWS)]
    assert ask(demo, "SELECT count(*) FROM contacts_contact WHERE name LIKE 'Person %'") == [(ROWS,)]
    assert "Clientele" in demo.get("/accounts/login/")
