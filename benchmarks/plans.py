"""What the database does for every list request at the big company, asked as the application's role."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from benchmarks.asking import Visitor, explaining
from benchmarks.filling import BIG
from benchmarks.requests import Request, requests
from benchmarks.tables import Tell, header, line
from tenants.constraints import TenantPolicy

FEW = 10_000  # rows; the tenants' own small lists are best read whole
SEQUENTIAL = re.compile(r"Seq Scan on (\w+)")
COLUMNS = ("request", "statements", "ms", "slowest ms", "pages read", "sequential scans")


@dataclass(frozen=True)
class Plan:
    sql: str
    text: str

    @property
    def milliseconds(self) -> float:
        found = re.search(r"Execution Time: ([\d.]+) ms", self.text)
        planned = re.search(r"Planning Time: ([\d.]+) ms", self.text)
        return sum(float(match[1]) for match in (found, planned) if match)

    @property
    def pages(self) -> int:
        """Of 8 kB, found in memory or not."""
        first = re.search(r"Buffers: (?:shared|local|temp)[^\n]*", self.text)
        return sum(map(int, re.findall(r"(?:hit|read)=(\d+)", first[0]))) if first else 0

    def scanned(self, tables: set[str]) -> set[str]:
        return set(SEQUENTIAL.findall(self.text)) & tables


def explain_lists(tell: Tell, only: str = "", *, show: bool = False, scanning: bool = False) -> int:
    """Prints a table (of those with a sequential scan if `scanning`), and the plans themselves if `show`.

    Returns how many requests have a sequential scan.
    """
    big = Visitor.of(BIG)
    tables = tenant_tables()
    header(tell, "Plans", COLUMNS)
    shown: list[tuple[Request, list[Plan]]] = []
    found = 0
    asked = requests(big, only)
    for request in asked:
        plans = plans_of(big, request)
        scanned = sorted(set().union(*(plan.scanned(tables) for plan in plans)))
        found += bool(scanned)
        if scanning and not scanned:
            continue
        slowest = max(plans, key=lambda plan: plan.milliseconds)
        tell(
            line(
                (
                    request.name,
                    len(plans),
                    f"{sum(plan.milliseconds for plan in plans):.1f}",
                    f"{slowest.milliseconds:.1f}",
                    f"{sum(plan.pages for plan in plans):,}",
                    ", ".join(scanned),
                )
            )
        )
        shown.append((request, plans))
    tell(f"\n{len(asked)} requests, {found} with a sequential scan of a tenant's table.")
    if show:
        for request, plans in shown:
            tell(f"\n#### {request.name}\n{request.path}")
            for plan in sorted(plans, key=lambda plan: -plan.milliseconds):
                tell(f"\n```\n{plan.sql}\n\n{plan.text}\n```")
    return found


def plans_of(visitor: Visitor, request: Request) -> list[Plan]:
    """Of every statement that reads."""
    visitor.ask(request.path)
    with explaining("ANALYZE, BUFFERS") as found:
        visitor.ask(request.path)
    return [Plan(sql, text) for sql, text in found]


def tenant_tables() -> set[str]:
    """Those under the policy that have more than a few rows."""
    held = [
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(one, TenantPolicy) for one in model._meta.constraints)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND reltuples > %s", [held, FEW])
        return {name for (name,) in cursor.fetchall()}
