"""The Marketing tab: /customers/<id>/marketing/."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from history.operations import operation
from marketing.models import Channel, Segment
from tenants.context import tenant
from tenants.models import Tenant, User


def marketing_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/marketing/"


def shown(client: Client, customer: Customer) -> dict[str, Any]:
    form = client.get(marketing_url(customer)).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def kept(company: Tenant, customer: Customer) -> Customer:
    with tenant(company):
        return Customer.objects.select_related("segment", "channel", "last_operation").get(pk=customer.pk)


def test_segment_and_consent_are_changed_there(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme):
        enterprise = Segment.objects.get(name="Enterprise")
    answer = agent.post(
        marketing_url(alder),
        {**shown(agent, alder), "segment": enterprise.pk, "receive_promotional_emails": "on"},
    )
    assert answer["Location"] == marketing_url(alder)
    customer = kept(acme, alder)
    assert (customer.segment, customer.receive_promotional_emails) == (enterprise, True)
    assert customer.last_operation.by == people["agent"]


def test_a_later_refusal_is_changed_by_hand(acme: Tenant, alder: Customer, agent: Client) -> None:
    agent.post(marketing_url(alder), {**shown(agent, alder), "receive_promotional_emails": "on"})
    data = shown(agent, alder)
    del data["receive_promotional_emails"]
    agent.post(marketing_url(alder), data)
    assert not kept(acme, alder).receive_promotional_emails


def test_nothing_else_can_be_sent_along(acme: Tenant, alder: Customer, agent: Client) -> None:
    data = {**shown(agent, alder), "receive_promotional_emails": "on", "name": "X", "reference": "X"}
    agent.post(marketing_url(alder), data)
    customer = kept(acme, alder)
    assert (customer.name, customer.reference) == ("Alder Bikes", "C-1")


def test_a_mandatory_entry_cannot_be_taken_away(acme: Tenant, alder: Customer, agent: Client) -> None:
    answer = agent.post(marketing_url(alder), {**shown(agent, alder), "segment": ""})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["segment"]
    assert kept(acme, alder).segment_id == alder.segment_id


def test_another_tenants_channel_is_refused(
    acme: Tenant, globex: Tenant, alder: Customer, agent: Client
) -> None:
    with tenant(globex):
        theirs = Channel.objects.first()
    assert theirs
    answer = agent.post(marketing_url(alder), {**shown(agent, alder), "channel": theirs.pk})
    assert list(answer.context["form"].errors) == ["channel"]
    assert kept(acme, alder).channel_id == alder.channel_id


def test_what_somebody_changed_meanwhile_must_be_confirmed(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    with tenant(acme), operation("edit", by=people["manager"]):
        other = Customer.objects.get(pk=alder.pk)
        other.receive_promotional_emails = True
        other.save()
        trade_fair = Channel.objects.get(name="Trade fair")
    answer = agent.post(marketing_url(alder), {**data, "channel": trade_fair.pk})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert [(c.label, c.theirs, c.yours) for c in form.conflicts] == [
        ("Receive promotional e-mails", "Yes", "")
    ]
    again = dict(form.data.items())
    assert again["receive_promotional_emails"] == "True"
    agent.post(marketing_url(alder), again)
    customer = kept(acme, alder)
    assert (customer.channel, customer.receive_promotional_emails) == (trade_fair, True)


def test_saving_without_a_change_writes_nothing(acme: Tenant, alder: Customer, agent: Client) -> None:
    agent.post(marketing_url(alder), shown(agent, alder))
    assert kept(acme, alder).last_operation_id == alder.last_operation_id


def test_viewers_read_but_may_not_change(acme: Tenant, alder: Customer, viewer: Client) -> None:
    page = viewer.get(marketing_url(alder)).content.decode()
    assert "Small business" in page
    assert "<select" not in page
    assert viewer.post(marketing_url(alder), {"receive_promotional_emails": "on"}).status_code == 403
    assert not kept(acme, alder).receive_promotional_emails


@pytest.mark.parametrize("company", ["acme", "globex"])
def test_strangers_find_nothing(alder: Customer, bob: User, signed_in: Any, company: str) -> None:
    address = f"/{company}/customers/{alder.pk}/marketing/"
    assert signed_in(bob).post(address, {"receive_promotional_emails": "on"}).status_code == 404
