"""Customers for the tests of lists and exports."""

from __future__ import annotations

from typing import Any

from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User


def add_customers(company: Tenant, *names: str, by: User | None = None, **fields: Any) -> list[Customer]:
    """Customers of these names, each as one operation."""
    with tenant(company):
        return [_add(name, by, fields) for name in names]


def _add(name: str, by: User | None, fields: dict[str, Any]) -> Customer:
    with operation("add", by=by):
        return Customer.objects.create(name=name, **fields)


def member(company: Tenant, user: User) -> Membership:
    return Membership.objects.get(tenant=company, user=user)
