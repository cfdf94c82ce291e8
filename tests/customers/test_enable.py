from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User


def is_disabled(company: Tenant, customer: Customer) -> bool:
    with tenant(company):
        return Customer.objects.get(pk=customer.pk).is_disabled


@pytest.fixture
def disabled(acme: Tenant, alder: Customer, people: dict[str, User]) -> Customer:
    with tenant(acme):
        alder.disable(by=people["manager"], reason="Unpaid")
    return alder


def enable_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/enable/"


def test_a_disabled_customer_is_enabled_again(acme: Tenant, disabled: Customer, agent: Client) -> None:
    page = agent.post(enable_url(disabled), follow=True).content.decode()
    assert not is_disabled(acme, disabled)
    assert "Alder Bikes was enabled." in page
    assert "Unpaid" not in page.partition('id="latest"')[0]


def test_enabling_twice_is_harmless(acme: Tenant, disabled: Customer, agent: Client) -> None:
    for _ in range(2):
        assert agent.post(enable_url(disabled)).status_code == 302
    with tenant(acme):
        assert Operation.objects.filter(kind=Operation.Kind.ENABLE).count() == 1


def test_reading_the_address_enables_nothing(acme: Tenant, disabled: Customer, agent: Client) -> None:
    page = agent.get(enable_url(disabled))
    assert page.status_code == 405
    assert "Nothing was done" in page.content.decode()
    assert f'href="/acme/customers/{disabled.pk}/"' in page.content.decode()
    assert is_disabled(acme, disabled)


def test_viewers_see_the_banner_and_may_not_enable(acme: Tenant, disabled: Customer, viewer: Client) -> None:
    page = viewer.get(f"/acme/customers/{disabled.pk}/").content.decode()
    assert "Disabled by Manager</b>" in page
    assert "Enable" not in page
    assert viewer.post(enable_url(disabled)).status_code == 403
    assert is_disabled(acme, disabled)


def test_strangers_find_nothing(acme: Tenant, disabled: Customer, bob: User, signed_in: Any) -> None:
    assert signed_in(bob).post(f"/globex/customers/{disabled.pk}/enable/").status_code == 404
    assert is_disabled(acme, disabled)
