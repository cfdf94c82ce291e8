"""The customers a member looks after, for when the member leaves."""

from __future__ import annotations

from django.urls import reverse

from company.holdings import Holding
from customers.models import Customer
from tenants.models import Membership


def _holding(name: str, label: str) -> Holding:
    def count(member: Membership) -> int:
        return int(Customer.objects.filter(**{name: member}).count())

    def url(member: Membership) -> str:
        return f"{reverse('customers:list')}?{name}={member.pk}&state=all"

    def hand_over(member: Membership, to: Membership | None) -> int:
        return int(Customer.objects.filter(**{name: member}).update(**{name: to}))

    return Holding(name=name, label=label, count=count, url=url, hand_over=hand_over)


RESPONSIBLE = _holding("responsible_manager", "Customers as responsible manager")
SERVICE = _holding("service_manager", "Customers as service manager")
