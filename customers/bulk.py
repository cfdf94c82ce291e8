"""What can be done to many customers at once: CUSTOMERS names these actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from customers.filters import ENTRIES, MANAGERS
from customers.forms import DisableForm
from customers.models import CustomerQuerySet
from history.models import Operation
from lists.bulk import Answer, BulkAction, DeleteRows, LeadsTo, RowsAction, SetFields
from lists.filters import Option
from tenants.models import Membership

BULK_EDIT = "customers.bulk_edit_customer"
Options = Mapping[str, Sequence[Option]]


def entries(name: str) -> Callable[[Membership], Options]:
    """The tenant's entries that are not retired; nothing too, where the tenant does not call it mandatory."""

    def offered(by: Membership) -> Options:
        found = [Option(str(entry.pk), entry.name) for entry in ENTRIES[name].offered()]
        return {name: [*found, *nothing(name, by, "None")]}

    return offered


def managers(by: Membership) -> Options:
    """The tenant's people, whoever asks first."""
    members = sorted(Membership.objects.current(), key=lambda member: member.pk != by.pk)
    found = [Option(str(member.pk), str(member)) for member in members]
    return {name: [*found, *nothing(name, by, "Nobody")] for name in MANAGERS}


def nothing(name: str, by: Membership, label: str) -> list[Option]:
    return [] if name in by.tenant.mandatory_fields else [Option("none", label)]


def consent(by: Membership) -> Options:
    return {"receive_promotional_emails": [Option("yes", "Yes"), Option("no", "No")]}


def set_entry(name: str, label: str, icon: str) -> SetFields:
    return SetFields(
        key=name,
        label=label,
        icon=icon,
        permission=BULK_EDIT,
        title=f"Set the {label.lower()}",
        button=f"Set {label.lower()}",
        fields={name: label},
        options=entries(name),
    )


@dataclass(frozen=True, kw_only=True)
class Disable(RowsAction):
    def form(self, data: Any, by: Membership) -> forms.Form:
        return DisableForm(data)

    def changes(self, rows: QuerySet[Any], answer: Answer) -> QuerySet[Any]:
        assert isinstance(rows, CustomerQuerySet)
        return rows.active()

    def write(self, rows: QuerySet[Any], answer: Answer) -> int:
        return rows.update(disabled_at=timezone.now(), disabled_reason=answer["reason"])

    def question(self, rows: str) -> str:
        return f"Disable {rows}?"

    def summary(self, form: forms.Form, rows: str) -> str:
        return f"{rows}; reason: {form.cleaned_data['reason']}"


@dataclass(frozen=True, kw_only=True)
class Enable(RowsAction):
    def changes(self, rows: QuerySet[Any], answer: Answer) -> QuerySet[Any]:
        assert isinstance(rows, CustomerQuerySet)
        return rows.disabled()

    def write(self, rows: QuerySet[Any], answer: Answer) -> int:
        return rows.update(disabled_at=None, disabled_reason="")

    def question(self, rows: str) -> str:
        return f"Enable {rows}?"

    def summary(self, form: forms.Form, rows: str) -> str:
        return rows


ACTIONS: tuple[BulkAction, ...] = (
    SetFields(
        key="assign",
        label="Assign",
        icon="user-round-pen",
        permission=BULK_EDIT,
        title="Assign the managers",
        button="Assign",
        fields={"responsible_manager": "Responsible manager", "service_manager": "Service manager"},
        options=managers,
        hints=dict.fromkeys(MANAGERS, "Type a name"),
    ),
    set_entry("segment", "Segment", "layers"),
    set_entry("status", "Status", "circle-dot"),
    set_entry("channel", "Attracting channel", "radio"),
    SetFields(
        key="promotion",
        label="Promotional e-mails",
        icon="mail",
        permission=BULK_EDIT,
        title="Set promotional e-mails",
        button="Set",
        fields={"receive_promotional_emails": "Receive promotional e-mails"},
        options=consent,
    ),
    Disable(
        key="disable",
        label="Disable",
        icon="ban",
        permission=BULK_EDIT,
        kind=Operation.Kind.DISABLE,
        button="Disable",
        changing="Will be disabled",
        already="Disabled already",
        had="had been disabled already",
        deed="disabled",
        intro="Disabling is temporary: customers leave the list, nothing is lost, and they can be enabled again.",
    ),
    Enable(
        key="enable",
        label="Enable",
        icon="circle-check",
        permission=BULK_EDIT,
        kind=Operation.Kind.ENABLE,
        button="Enable",
        changing="Will be enabled",
        already="Enabled already",
        had="had been enabled already",
        deed="enabled",
    ),
    LeadsTo(
        key="export",
        label="Export",
        icon="download",
        permission="customers.export_customer",
        url_name="customers:export",
    ),
    DeleteRows(
        key="delete",
        label="Delete",
        icon="trash-2",
        permission="customers.delete_customer",
        button="Delete",
        intro="The customers are gone at once and for everyone. For 30 days it can be undone, and then no more.",
    ),
)


def actions() -> Sequence[BulkAction]:
    return ACTIONS
