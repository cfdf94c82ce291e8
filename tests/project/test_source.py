"""Rules that a search through the source can check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.project.test_direction import PRESENT

SOURCES = sorted(
    file for app in PRESENT for file in (settings.BASE_DIR / app).rglob("*.py") if file.is_file()
)
LINES = 400
# Where the product speaks SQL by itself, and why it is right there.
RAW_SQL = {
    "history/records.py": "one statement writes the history of many rows; it names the tenant",
    "history/kept.py": "one statement writes down ten thousand rows that an undo kept; it names the tenant",
    "contacts/search.py": "settles what many rows carry of others, in one statement; it names the tenant",
    "imports/drafting.py": "asks sequences for ids; reads no table",
    "imports/duplicates.py": "compares a plan's rows with each other, in one statement; it names the tenant",
    "imports/moved.py": "holds customers and looks at what was written last, by ids; it names the tenant",
    "imports/writing.py": "one statement a batch and table, of the plan's rows; it names the tenant",
    "lists/reading.py": "reads what a queryset yields by COPY, which streams; the queryset names the tenant",
    "lists/paging.py": "counts and finds what a queryset yields in one statement; the queryset names the tenant",
    "tenants/kept.py": "asks again what a manager's queryset was made into; it names the tenant",
    "tenants/database/__init__.py": "has the planner look at the tables; touches no row",
    "config/health.py": "asks whether the database answers; touches no table of a tenant",
}
# Where a queryset is made without its manager, and why.
BARE_QUERYSETS = {
    "history/models.py": "the tracked queryset's own way to the table; it names the tenant",
    "tenants/fields.py": "an empty one, for forms made before a tenant is known",
    "config/demo_customers.py": "gives the demo's made-up history its dates; it names the tenant",
}


def found(pattern: str, *, allowed: tuple[str, ...] = ()) -> list[str]:
    """Where it occurs, but for the files in `allowed`."""
    compiled = re.compile(pattern)
    return [
        f"{name(file)}:{number}"
        for file in SOURCES
        if name(file) not in allowed
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if compiled.search(line)
    ]


def name(file: Path) -> str:
    return str(file.relative_to(settings.BASE_DIR))


def test_the_tenant_is_never_set_for_a_session() -> None:
    """A session's setting would reach the next client of a pooled connection; set_config() reaches no shard."""
    assert found(r"set_config\s*\(") == []
    assert found(r"(?i)\bSET\s+(SESSION\s+)?['\"]?app\.") == []


def test_the_tenant_is_set_in_one_place() -> None:
    assert found(r"(?i)\bSET\s+LOCAL\b") == [
        line for line in found(r"(?i)\bSET\s+LOCAL\b") if line.startswith("tenants/database/base.py")
    ]


def test_rows_are_not_reached_past_the_managers() -> None:
    """Raw SQL and bare querysets are held by the policy alone, and slow on a sharded database: few places, known."""
    raw = found(r"\.raw\(|RawSQL|connection\.(?:chunked_)?cursor\(|\.extra\(")
    assert {place.partition(":")[0] for place in raw} <= set(RAW_SQL)
    bare = found(r"models\.QuerySet\(")
    assert {place.partition(":")[0] for place in bare} <= set(BARE_QUERYSETS)


def test_no_answer_is_streamed() -> None:
    """Its queries would run after the tenant's transaction has ended: they would fail, and could not be undone.

    The files of exports and imports are: they were written before, and sending them asks nothing.
    """
    files = ("lists/export_pages.py", "imports/views/files.py")
    assert found(r"StreamingHttpResponse|FileResponse", allowed=files) == []


def test_nothing_waits_for_a_deferred_constraint() -> None:
    """A sharded database reports them at the commit, when no form can show them any more."""
    assert found(r"deferrable\s*=\s*|Deferrable\.") == []


def test_every_module_fits_one_sitting() -> None:
    long = {name(file): len(file.read_text().splitlines()) for file in SOURCES}
    assert {file: lines for file, lines in long.items() if lines > LINES} == {}


def test_nothing_is_printed_or_left_open() -> None:
    assert found(r"\b(TODO|FIXME|XXX)\b") == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
