"""One row of every tenant model, so that whole-model tests need no list of their own.

A new model needs a line in `BUILDERS`; `test_statements` fails until it has one. History rows come by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.apps import apps
from django.db import models

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import KeptRow, Operation
from history.operations import current_operation, require_operation
from history.records import HistoryRow
from imports.models import Clock, ImportRun, Matching, PlanRow, Schedule
from lists.models import Export, ExportTemplate, ListSettings, SavedView, Selection, ViewUse
from marketing.models import Channel, Segment, Status
from tenants.base import TenantModel
from tenants.models import Membership


def first_member() -> Membership:
    return Membership.objects.current()[0]


# Called in this order, inside the tenant and a running operation.
BUILDERS: dict[type[models.Model], Callable[[], Any]] = {
    Operation: current_operation,
    Segment: lambda: Segment.objects.create(name="Mill"),
    Status: lambda: Status.objects.create(name="Dormant"),
    Channel: lambda: Channel.objects.create(name="Radio"),
    Customer: lambda: Customer.objects.create(
        name="Alfreds Futterkiste",
        reference="ALFKI",
        segment=Segment.objects.get(name="Mill"),
        status=Status.objects.get(name="Dormant"),
        channel=Channel.objects.get(name="Radio"),
        responsible_manager=Membership.objects.current().first(),
        service_manager=Membership.objects.current().first(),
    ),
    ListSettings: lambda: ListSettings.objects.create(
        membership=first_member(), list="customers", columns=["name"]
    ),
    SavedView: lambda: SavedView.objects.create(
        list="customers",
        name="Leads",
        query="sort=name&columns=name",
        owner=first_member().user,
        is_shared=True,
    ),
    ViewUse: lambda: ViewUse.objects.create(
        view=SavedView.objects.get(), membership=first_member(), day=date(2026, 5, 1)
    ),
    Selection: lambda: Selection.objects.create(
        list="customers", by=first_member().user, ids=[1], number=1, operation=current_operation()
    ),
    ExportTemplate: lambda: ExportTemplate.objects.create(
        list="customers",
        name="For the mailing",
        owner=first_member().user,
        is_shared=True,
        columns=["name"],
    ),
    KeptRow: lambda: KeptRow.objects.create(
        operation=require_operation(), place=1, model="customers.customer", row=1, reason="edited since"
    ),
    Export: lambda: Export.objects.create(
        list="customers",
        operation=require_operation(),
        selection=Selection.objects.get(),
        columns=["name"],
        name="c.csv",
    ),
    Contact: lambda: Contact.objects.create(
        customer=Customer.objects.get(reference="ALFKI"), name="Maria Anders", is_primary=True
    ),
    Address: lambda: Address.objects.create(
        customer=Customer.objects.get(reference="ALFKI"),
        street="Obere Str. 57",
        city="Berlin",
        is_billing=True,
    ),
    ImportRun: lambda: ImportRun.objects.create(  # checked, and waiting for approval
        by=first_member().user,
        name="customers.csv",
        size=11,
        sha256="0" * 64,
        found={
            "headers": ["Name"],
            "rows": 1,
            "notices": [],
            "profiles": [{"filled": 1, "samples": ["Alder"], "looks_like": ""}],
            "sheets": [],
            "sheet": "",
            "encoding": "UTF-8",
            "separator": ",",
        },
        choices={"columns": {"0": "name"}},
        plan={
            "counts": {"create": 0, "update": 0, "unchanged": 0, "skip": 0, "error": 1},
            "warnings": 0,
            "columns": {},
            "entries": {},
        },
        checking=require_operation(),
    ),
    Matching: lambda: Matching.objects.create(subject="customers", headings_key="name", choices={}),
    PlanRow: lambda: PlanRow.objects.create(
        run=ImportRun.objects.get(), number=2, action="error", problems=[["name", "", "Fill it in."]]
    ),
    Schedule: lambda: Schedule.objects.create(
        name="Every night", owner=first_member().user, file_name="customers.csv", time=time(3)
    ),
    Clock: lambda: Clock.objects.create(schedule=Schedule.objects.get()),
}


def tenant_models() -> list[type[models.Model]]:
    """Every model whose rows belong to a tenant and are under the policy, history included."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel | HistoryRow)]


def build_everything() -> None:
    """A row of every tenant model, in the active tenant and operation."""
    for build in BUILDERS.values():
        build()


def name_of(model: type[models.Model]) -> str:
    return model.__name__
