"""When a timed import is due, and what it lets through."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from imports.models import Schedule
from tenants.models import User

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)  # a Wednesday; two o'clock in Berlin


def due(now: datetime = NOW, zone: ZoneInfo = BERLIN, **given: object) -> str:
    """In UTC, '' for never."""
    found = Schedule(**given).next_time(now, zone)
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M}" if found else ""


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ({"rhythm": "daily", "time": time(3)}, "2026-05-07 01:00"),
        ({"rhythm": "daily", "time": time(14, 1)}, "2026-05-06 12:01"),
        ({"rhythm": "daily", "time": time(14)}, "2026-05-07 12:00"),  # at that very moment it has begun
        ({"rhythm": "daily", "time": time(0)}, "2026-05-06 22:00"),
        ({"rhythm": "weekly", "weekday": 0, "time": time(6)}, "2026-05-11 04:00"),
        ({"rhythm": "weekly", "weekday": 2, "time": time(6)}, "2026-05-13 04:00"),
        ({"rhythm": "weekly", "weekday": 2, "time": time(20)}, "2026-05-06 18:00"),
        ({"rhythm": "once", "day": date(2026, 5, 6), "time": time(20)}, "2026-05-06 18:00"),
        ({"rhythm": "once", "day": date(2026, 5, 6), "time": time(8)}, ""),
        ({"rhythm": "after"}, ""),
        ({"rhythm": "daily", "time": time(3), "is_active": False}, ""),
    ],
)
def test_it_is_due_by_the_companys_clock(given: dict[str, Any], moment: str) -> None:
    assert due(**given) == moment


def test_an_hour_that_the_clocks_leave_out_is_the_one_after_it() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert due(before, rhythm="daily", time=time(2, 30)) == "2026-03-29 01:30"
    assert (
        due(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), rhythm="daily", time=time(2, 30)) == "2026-03-30 00:30"
    )


def test_an_hour_that_there_is_twice_counts_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert due(before, rhythm="daily", time=time(2, 30)) == "2026-10-25 00:30"
    assert (
        due(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), rhythm="daily", time=time(2, 30)) == "2026-10-26 01:30"
    )


def test_the_day_is_the_companys() -> None:
    late = datetime(2026, 5, 6, 23, 30, tzinfo=UTC)  # Thursday in Auckland
    assert (
        due(late, ZoneInfo("Pacific/Auckland"), rhythm="weekly", weekday=3, time=time(12))
        == "2026-05-07 00:00"
    )


@pytest.mark.parametrize(
    ("changed", "failed", "limits", "objection"),
    [
        (10, 0, {}, ""),
        (11, 0, {}, "11 of 100 customers would change, which is more than the 10 % that may."),
        (11, 0, {"most_changed": None}, ""),
        (1, 0, {"most_changed": 0}, "1 of 100 customers would change, which is more than the 0 % that may."),
        (0, 1, {}, "1 row has errors, and 0 may."),
        (0, 5, {"most_failed": 5}, ""),
        (0, 1_006, {"most_failed": 5}, "1,006 rows have errors, and 5 may."),
        (0, 1_006, {"most_failed": None}, ""),
    ],
)
def test_what_somebody_has_to_look_at_first(
    changed: int, failed: int, limits: dict[str, int | None], objection: str
) -> None:
    counts = {"create": 500, "update": changed, "unchanged": 0, "skip": 0, "error": failed}
    assert Schedule(**limits).objection(counts, 100) == objection


def test_what_an_address_asks_for_is_kept_to_itself() -> None:
    kept = Schedule(source="address", address="https://files.example.com/a.csv?token=secret")
    assert kept.source_words == "https://files.example.com/a.csv"


def test_whose_files_may_be_fetched_is_for_admins(people: dict[str, User], in_acme: object) -> None:
    for source, least in (("file", "manager"), ("folder", "admin"), ("address", "admin")):
        may = [role for role, user in people.items() if Schedule(source=source).may_be_changed_by(user)]
        assert set(may) == {"owner", "admin", least}, source
