"""One row of every tenant model, so that whole-model tests need no list of their own.

A new model needs a line in `BUILDERS`; `test_statements` fails until it has one. History rows come by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import current_operation
from history.records import HistoryRow
from lists.models import ListSettings
from marketing.models import Channel, Segment, Status
from tenants.base import TenantModel
from tenants.models import Membership

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
        membership=Membership.objects.current()[0], list="customers", columns=["name"]
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
