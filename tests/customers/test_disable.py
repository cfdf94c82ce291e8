from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User


def state(company: Tenant, customer: Customer) -> tuple[bool, str]:
    with tenant(company):
        found = Customer.objects.get(pk=customer.pk)
    return found.is_disabled, found.disabled_reason


def disable_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/disable/"


def test_a_customer_is_disabled_with_a_reason_and_carries_a_banner(
    acme: Tenant, alder: Customer, agent: Client
) -> None:
    page = agent.post(disable_url(alder), {"reason": "Invoices <unpaid>"}, follow=True).content.decode()
    assert state(acme, alder) == (True, "Invoices <unpaid>")
    assert "Alder Bikes was disabled." in page
    assert "Disabled by Agent</b>" in page
    assert ": Invoices &lt;unpaid&gt;" in page
    assert f'action="/acme/customers/{alder.pk}/enable/"' in page


def test_disabling_is_an_operation(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    agent.post(disable_url(alder), {"reason": "Unpaid"})
    with tenant(acme):
        last = Customer.objects.select_related("last_operation").get(pk=alder.pk).last_operation
        assert (last.kind, last.by) == (Operation.Kind.DISABLE, people["agent"])


def test_the_page_says_that_it_is_temporary(alder: Customer, agent: Client) -> None:
    assert "Disabling is temporary" in agent.get(disable_url(alder)).content.decode()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00b", "a\x1bb"])
def test_a_missing_or_wrong_reason_is_refused(
    acme: Tenant, alder: Customer, agent: Client, reason: str
) -> None:
    answer = agent.post(disable_url(alder), {"reason": reason})
    assert answer.status_code == 422
    assert state(acme, alder) == (False, "")


def test_line_breaks_count_once(acme: Tenant, alder: Customer, agent: Client) -> None:
    agent.post(disable_url(alder), {"reason": "x" * 249 + "\r\n" + "y" * 250})
    assert state(acme, alder) == (True, "x" * 249 + "\n" + "y" * 250)


def test_disabling_twice_keeps_the_first_reason(acme: Tenant, alder: Customer, agent: Client) -> None:
    agent.post(disable_url(alder), {"reason": "First"})
    page = agent.post(disable_url(alder), {"reason": "Second"}, follow=True).content.decode()
    assert state(acme, alder) == (True, "First")
    assert "is disabled already" in page


def test_the_banner_names_who_disabled_also_after_an_edit(
    acme: Tenant, alder: Customer, agent: Client, manager: Client
) -> None:
    manager.post(disable_url(alder), {"reason": "Unpaid"})
    form = agent.get(f"/acme/customers/{alder.pk}/edit/").context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    agent.post(f"/acme/customers/{alder.pk}/edit/", {**data, "name": "Alder"})
    assert "Disabled by Manager</b>" in agent.get(f"/acme/customers/{alder.pk}/").content.decode()


def test_a_disabled_profile_offers_no_disabling(alder: Customer, agent: Client) -> None:
    agent.post(disable_url(alder), {"reason": "Unpaid"})
    assert "/disable/" not in agent.get(f"/acme/customers/{alder.pk}/").content.decode()


def test_reading_the_page_disables_nothing(acme: Tenant, alder: Customer, agent: Client) -> None:
    agent.get(disable_url(alder), {"reason": "Unpaid"})
    assert state(acme, alder) == (False, "")


def test_viewers_may_not_disable(acme: Tenant, alder: Customer, viewer: Client) -> None:
    assert viewer.get(disable_url(alder)).status_code == 403
    assert viewer.post(disable_url(alder), {"reason": "Unpaid"}).status_code == 403
    assert state(acme, alder) == (False, "")


def test_strangers_find_nothing(acme: Tenant, alder: Customer, bob: User, signed_in: Any) -> None:
    stranger = signed_in(bob)
    for address in (disable_url(alder), f"/globex/customers/{alder.pk}/disable/"):
        assert stranger.post(address, {"reason": "Unpaid"}).status_code == 404
    assert state(acme, alder) == (False, "")
