"""Removing a member: what they look after goes to somebody, or the removal is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from company.holdings import held_by
from customers.models import Customer
from history.operations import operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.company.test_profile import change_profile
from tests.company.test_roles import address, member, people_operations
from tests.people import add_member, lists_of, make_user

SignIn = Callable[[User], Client]


def give_customers(company: Tenant, *, responsible: User, service: User, count: int = 3) -> list[int]:
    """Customers of theirs, the last one disabled."""
    with tenant(company), operation("add", by=responsible):
        customers = [
            Customer.objects.create(
                name=f"Customer {number}",
                responsible_manager=member(company, responsible),
                service_manager=member(company, service),
                **lists_of(company),
            )
            for number in range(count)
        ]
        customers[-1].disable(by=responsible, reason="Test")
    return [customer.pk for customer in customers]


def managers(company: Tenant, field: str) -> set[int | None]:
    with tenant(company):
        return set(Customer.objects.values_list(field, flat=True))


def is_member(company: Tenant, user: User) -> bool:
    return Membership.objects.filter(tenant=company, user=user).exists()


def test_somebody_who_holds_nothing_is_removed_after_a_question(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    admin, pk = signed_in(people["admin"]), member(acme, people["agent"]).pk
    page = admin.get(address(acme, people["agent"], "remove")).content.decode()
    assert "Agent looks after no customers." in page
    assert is_member(acme, people["agent"])
    answer = admin.post(address(acme, people["agent"], "remove"), follow=True)
    assert "Agent is removed." in answer.content.decode()
    assert not is_member(acme, people["agent"])
    last = people_operations(acme)[-1]
    assert (last.by, last.summary) == (people["admin"], "Removed Agent (agent@acme.example)")
    with tenant(acme):
        record = Membership.history.filter(id=pk).first()  # type: ignore[attr-defined]
    assert (record.history_type, record.operation_id) == ("-", last.pk)
    assert signed_in(people["agent"]).get("/acme/").status_code == 404


def test_the_page_counts_what_the_member_holds(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    answer = signed_in(people["admin"]).get(address(acme, people["agent"], "remove"))
    page = answer.content.decode()
    pk = member(acme, people["agent"]).pk
    assert "Customers as responsible manager: 3" in page
    assert "service manager" not in page
    assert f'href="/acme/customers/?responsible_manager={pk}&amp;state=all"' in page
    assert [label for _, label in answer.context["form"]["responsible_manager"].field.choices] == [
        "Choose who takes over",
        "Admin (admin@acme.example)",
        "Manager (manager@acme.example)",
        "Owner (owner@acme.example)",
        "Viewer (viewer@acme.example)",
    ]


def test_the_link_leads_to_the_customers_disabled_ones_too(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    client = signed_in(people["admin"])
    for field, user in (("responsible_manager", "agent"), ("service_manager", "manager")):
        address_of_list = f"/acme/customers/?{field}={member(acme, people[user]).pk}&state=all"
        page = client.get(address_of_list).content.decode()
        assert all(f"Customer {number}" in page for number in range(3))
    held_by_nobody = f"/acme/customers/?service_manager={member(acme, people['viewer']).pk}&state=all"
    assert "Customer 0" not in client.get(held_by_nobody).content.decode()


def test_the_customers_are_handed_over_in_the_same_operation(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    customers = give_customers(acme, responsible=people["agent"], service=people["agent"])
    heir, other = member(acme, people["manager"]).pk, member(acme, people["viewer"]).pk
    answer = signed_in(people["admin"]).post(
        address(acme, people["agent"], "remove"), {"responsible_manager": heir, "service_manager": other}
    )
    assert answer.status_code == 302
    assert not is_member(acme, people["agent"])
    assert (managers(acme, "responsible_manager"), managers(acme, "service_manager")) == ({heir}, {other})
    last = people_operations(acme)[-1]
    with tenant(acme):
        for pk in customers:
            newest = Customer.objects.get(pk=pk).history.first()
            assert newest is not None
            assert newest.operation_id == last.pk
        assert Customer.objects.filter(last_operation=last).count() == 3
    told = signed_in(people["admin"]).get(f"/acme/customers/{customers[0]}/history/").content.decode()
    assert "<span>Removed Agent (agent@acme.example)</span>" in told


def test_a_mandatory_manager_is_not_handed_to_nobody(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    before = people_operations(acme)
    pk = member(acme, people["agent"]).pk
    for choice in ("", "nobody"):
        answer = signed_in(people["admin"]).post(
            address(acme, people["agent"], "remove"), {"responsible_manager": choice}
        )
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["responsible_manager"]
    assert managers(acme, "responsible_manager") == {pk}
    assert people_operations(acme) == before


def test_an_optional_manager_may_be_handed_to_nobody_on_purpose_only(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["manager"], service=people["agent"])
    admin, page = signed_in(people["admin"]), address(acme, people["agent"], "remove")
    assert admin.post(page).status_code == 422
    assert is_member(acme, people["agent"])
    assert admin.post(page, {"service_manager": "nobody"}).status_code == 302
    assert managers(acme, "service_manager") == {None}


def test_where_the_responsible_manager_is_optional_nobody_may_take_over(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    change_profile(acme, mandatory_fields=["name"])
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    answer = signed_in(people["admin"]).post(
        address(acme, people["agent"], "remove"), {"responsible_manager": "nobody"}
    )
    assert answer.status_code == 302
    assert managers(acme, "responsible_manager") == {None}


def test_customers_are_not_handed_to_a_stranger_or_to_the_one_who_goes(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User, signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    leaving = member(acme, people["agent"]).pk
    stranger = member(globex, bob).pk
    for heir in (stranger, leaving, 9_999_999, "9e99", "x\x00"):
        answer = signed_in(people["admin"]).post(
            address(acme, people["agent"], "remove"), {"responsible_manager": heir}
        )
        assert answer.status_code == 422
    assert managers(acme, "responsible_manager") == {leaving}


def test_nobody_else_loses_a_customer(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User, signed_in: SignIn
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["agent"])
    give_customers(acme, responsible=people["owner"], service=people["owner"])
    give_customers(globex, responsible=bob, service=bob)
    heir = member(acme, people["manager"]).pk
    signed_in(people["admin"]).post(
        address(acme, people["agent"], "remove"), {"responsible_manager": heir, "service_manager": "nobody"}
    )
    assert managers(acme, "responsible_manager") == {heir, member(acme, people["owner"]).pk}
    assert managers(acme, "service_manager") == {None, member(acme, people["owner"]).pk}
    assert managers(globex, "responsible_manager") == {member(globex, bob).pk}


def test_one_query_counts_each_holding(
    acme: Tenant, people: dict[str, User], django_assert_num_queries: Any
) -> None:
    give_customers(acme, responsible=people["agent"], service=people["agent"])
    agent = member(acme, people["agent"])
    with tenant(acme), django_assert_num_queries(3):
        assert [(holding.name, count) for holding, count in held_by(agent)] == [
            ("responsible_manager", 3),
            ("service_manager", 3),
        ]


def test_the_only_owner_cannot_leave(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    owner = signed_in(people["owner"])
    answer = owner.get("/acme/settings/people/leave/")
    assert "You are the only owner" in answer.content.decode()
    answer = owner.post("/acme/settings/people/leave/")
    assert answer.status_code == 422
    assert is_member(acme, people["owner"])


def test_one_of_two_owners_may_leave_or_be_removed(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    second = make_user("second@acme.example")
    add_member(acme, second, "owner")
    assert signed_in(second).post(address(acme, people["owner"], "remove")).status_code == 302
    assert not is_member(acme, people["owner"])
    assert signed_in(second).post("/acme/settings/people/leave/").status_code == 422
    assert is_member(acme, second)


@pytest.mark.parametrize("role", ["admin", "manager", "agent", "viewer"])
def test_anybody_else_may_leave_by_themself(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str
) -> None:
    client = signed_in(people[role])
    assert "until somebody invites you again" in client.get("/acme/settings/people/leave/").content.decode()
    answer = client.post("/acme/settings/people/leave/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://testserver/")
    assert not is_member(acme, people[role])
    last = people_operations(acme)[-1]
    assert (last.by, last.summary) == (people[role], f"Left ({role}@acme.example)")


def test_who_leaves_hands_over_too(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    give_customers(acme, responsible=people["agent"], service=people["manager"])
    client = signed_in(people["agent"])
    assert client.post("/acme/settings/people/leave/").status_code == 422
    assert is_member(acme, people["agent"])
    heir = member(acme, people["manager"]).pk
    assert client.post("/acme/settings/people/leave/", {"responsible_manager": heir}).status_code == 302
    assert managers(acme, "responsible_manager") == {heir}


def test_a_stranger_has_nothing_to_leave(acme: Tenant, bob: User, signed_in: SignIn) -> None:
    assert signed_in(bob).get("/acme/settings/people/leave/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_member_who_is_given_a_customer_meanwhile_stays(
    acme: Tenant, people: dict[str, User], signed_in: SignIn
) -> None:
    given, commit = threading.Event(), threading.Event()

    def add_customer() -> None:
        try:
            with tenant(acme), operation("add", by=people["manager"]):
                Customer.objects.create(name="New", responsible_manager=member(acme, people["agent"]))
                given.set()
                commit.wait(10)
        finally:
            given.set()
            connection.close()

    other = threading.Thread(target=add_customer)
    other.start()
    given.wait(10)
    before = people_operations(acme)
    threading.Timer(0.5, commit.set).start()  # by then the removal waits for the other transaction
    answer = signed_in(people["admin"]).post(address(acme, people["agent"], "remove"))
    other.join()
    assert answer.status_code == 422
    assert "has just been given something more" in answer.content.decode()
    assert is_member(acme, people["agent"])
    assert people_operations(acme) == before
