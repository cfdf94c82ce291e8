"""An import as a browser does it: the file, its columns, the plan, the report."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from imports.models import ImportRun
from tenants.context import tenant
from tenants.models import Tenant

NEW = "/acme/imports/new/"


def text(response: Any) -> str:
    """What the page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def upload(
    client: Client, data: bytes | str, name: str = "customers.csv", *, subject: str = "", **headers: str
) -> Any:
    content = data if isinstance(data, bytes) else data.encode()
    sent = {"file": SimpleUploadedFile(name, content), "subject": subject}
    return client.post(NEW, sent, headers=headers)


def begin(client: Client, data: bytes | str, name: str = "customers.csv", *, subject: str = "") -> str:
    """The address of the import. `subject` is what the rows are, customers by default."""
    done = upload(client, data, name, subject=subject)
    assert done.status_code == 302, text(done)
    return str(done.headers["Location"])


def asked(client: Client, address: str) -> dict[str, Any]:
    """What the page of the columns would send as it is."""
    form = client.get(f"{address}columns/").context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}


def match(client: Client, address: str, **changes: Any) -> Any:
    return client.post(f"{address}columns/", {**asked(client, address), **changes})


def check(
    client: Client, data: bytes | str, name: str = "customers.csv", *, subject: str = "", **changes: Any
) -> Any:
    """The page of the plan."""
    address = begin(client, data, name, subject=subject)
    done = match(client, address, **changes)
    assert done.status_code == 302, text(done)
    return client.get(address)


def address_of(page: Any) -> str:
    """Of the import that a page shows."""
    return f"/acme/imports/{page.context['run'].pk}/"


def approve(client: Client, plan: Any, **said: str) -> Any:
    run = plan.context["run"]
    return client.post(f"{address_of(plan)}approve/", {"plan": run.checking_id, **said})


def load(client: Client, data: bytes | str, name: str = "customers.csv", **changes: Any) -> Any:
    """The page of the report, with every row written that can be."""
    done = approve(client, check(client, data, name, **changes), leave_out="on")
    assert done.status_code == 302, text(done)
    return client.get(done.headers["Location"])


def only_run(company: Tenant) -> ImportRun:
    with tenant(company):
        return ImportRun.objects.select_related("reading", "checking", "operation").get()


def assert_nothing_written(company: Tenant) -> None:
    with tenant(company):
        assert not Customer.objects.exists()
        assert not Operation.objects.filter(kind="import").exists()


def insist_on(company: Tenant, *names: str) -> None:
    """They are mandatory for a customer from now on."""
    with tenant(company), operation("settings", by=None):
        company.mandatory_fields = ["name", *names]
        company.save()
