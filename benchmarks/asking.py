"""Requests as a browser makes them, of somebody who has signed in, and what they ask of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client

from tenants.context import tenant
from tenants.database import by_index
from tenants.models import Tenant, User


class Refused(Exception):
    """A request of the benchmark was not answered with a page."""


@dataclass
class Asked:
    """The statements of one request, with their parameters, and the time until all were answered, in seconds."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += perf_counter() - started
            self.statements.append((sql, params))

    @property
    def queries(self) -> list[tuple[str, Any]]:
        """Those that read."""
        return [(sql, params) for sql, params in self.statements if reads(sql)]


def reads(sql: str) -> bool:
    return sql.startswith(("SELECT", "(", "WITH"))


@contextmanager
def explaining(options: str) -> Iterator[list[tuple[str, str]]]:
    """Of each statement inside that reads, itself and its plan, as the database makes it in this very place."""
    found: list[tuple[str, str]] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if reads(sql):
            execute(f"EXPLAIN ({options}) {sql}", params, many, context)
            found.append((sql, "\n".join(line for (line,) in context["cursor"].fetchall())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


@dataclass(frozen=True)
class Visitor:
    """A manager of one company, in front of a browser."""

    company: Tenant

    @classmethod
    def of(cls, slug: str) -> Visitor:
        return cls(Tenant.objects.get(slug=slug))

    @cached_property
    def user(self) -> User:
        return User.objects.get(email=f"manager@{self.company.slug}.example")

    @cached_property
    def client(self) -> Client:
        client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
        client.force_login(self.user, backend="company.accounts.EmailBackend")
        return client

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The code runs in the company, as the application's role."""
        with tenant(self.company):
            self.user.membership  # noqa: B018  known from here on
            yield

    def ask(self, path: str) -> float:
        """Seconds until the page is there, with everything the server does for it. Raises Refused."""
        address = f"/{self.company.slug}{path}"
        started = perf_counter()
        response = self.client.get(address)
        taken = perf_counter() - started
        if response.status_code != 200:
            raise Refused(f"{address} answers {response.status_code}")
        return taken

    def watch(self, path: str) -> tuple[float, Asked]:
        """The same, and what was asked of the database meanwhile."""
        asked = Asked()
        with connection.execute_wrapper(asked):
            taken = self.ask(path)
        return taken, asked

    def repeat(self, queries: list[tuple[str, Any]]) -> float:
        """Seconds for these statements alone, answers fetched."""
        with tenant(self.company), by_index(), connection.cursor() as cursor:
            started = perf_counter()
            for sql, params in queries:
                cursor.execute(sql, params)
                cursor.fetchall()
            return perf_counter() - started
