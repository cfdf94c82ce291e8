"""Roles: who may change whose, and that a company always has an owner."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from company.people import Refused, change_role
from history.models import Operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.people import add_member, make_user

SignIn = Callable[[User], Client]


def member(company: Tenant, user: User) -> Membership:
    return Membership.objects.select_related("user", "tenant").get(tenant=company, user=user)


def people_operations(company: Tenant) -> list[Operation]:
    with tenant(company):
        return list(Operation.objects.filter(kind="people").order_by("id"))


def address(company: Tenant, user: User, action: str = "role") -> str:
    return f"/acme/settings/people/{member(company, user).pk}/{action}/"


def test_people_are_listed_with_their_roles(people: dict[str, User], signed_in: SignIn) -> None:
    page = signed_in(people["admin"]).get("/acme/settings/people/").content.decode()
    for role, user in people.items():
        assert user.email in page
        assert f"<td>{role.title()}</td>" in page
    assert "Never" in page


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_others_may_not_see_people(people: dict[str, User], signed_in: SignIn, role: str) -> None:
    assert signed_in(people[role]).get("/acme/settings/people/").status_code == 403


def test_an_admin_changes_a_role(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    client = signed_in(people["admin"])
    page = client.get(address(acme, people["agent"])).content.decode()
    assert 'value="agent"' in page
    assert 'value="owner"' not in page
    answer = client.post(address(acme, people["agent"]), {"role": "manager"}, follow=True)
    assert "Agent is a manager now." in answer.content.decode()
    assert member(acme, people["agent"]).role == "manager"
    operation = people_operations(acme)[-1]
    assert (operation.by, operation.summary) == (people["admin"], "Agent: agent → manager")
    with tenant(acme):
        record = member(acme, people["agent"]).history.first()  # type: ignore[attr-defined]
    assert (record.role, record.operation_id) == ("manager", operation.pk)
    assert operation.summary in answer.content.decode()


def test_the_new_role_counts_at_once(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    demoted = signed_in(people["admin"])
    assert demoted.get("/acme/settings/people/").status_code == 200
    signed_in(people["owner"]).post(address(acme, people["admin"]), {"role": "viewer"})
    assert demoted.get("/acme/settings/people/").status_code == 403


def test_an_owner_appoints_owners(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    signed_in(people["owner"]).post(address(acme, people["admin"]), {"role": "owner"})
    assert member(acme, people["admin"]).role == "owner"


def test_an_admin_appoints_no_owner(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    before = people_operations(acme)
    answer = signed_in(people["admin"]).post(address(acme, people["agent"]), {"role": "owner"})
    assert answer.status_code == 422
    assert member(acme, people["agent"]).role == "agent"
    assert people_operations(acme) == before


def test_an_admin_does_not_raise_themself(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    answer = signed_in(people["admin"]).post(address(acme, people["admin"]), {"role": "owner"})
    assert answer.status_code == 422
    assert member(acme, people["admin"]).role == "admin"
    with tenant(acme), pytest.raises(Refused, match="Nobody can raise their own role"):
        change_role(member(acme, people["admin"]), "owner", by=member(acme, people["admin"]))


def test_an_admin_may_step_down(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    answer = signed_in(people["admin"]).post(address(acme, people["admin"]), {"role": "agent"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/acme/")
    assert member(acme, people["admin"]).role == "agent"


@pytest.mark.parametrize("action", ["role", "remove"])
def test_an_admin_does_not_touch_owners(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, action: str
) -> None:
    client = signed_in(people["admin"])
    assert client.get(address(acme, people["owner"], action)).status_code == 403
    assert client.post(address(acme, people["owner"], action), {"role": "viewer"}).status_code == 403
    assert member(acme, people["owner"]).role == "owner"
    assert address(acme, people["owner"], action) not in client.get("/acme/settings/people/").content.decode()


def test_the_only_owner_stays_one(acme: Tenant, people: dict[str, User], signed_in: SignIn) -> None:
    before = people_operations(acme)
    answer = signed_in(people["owner"]).post(address(acme, people["owner"]), {"role": "admin"})
    assert answer.status_code == 422
    assert "Owner is the only owner. Make somebody else an owner first." in answer.content.decode()
    assert member(acme, people["owner"]).role == "owner"
    assert people_operations(acme) == before


@pytest.mark.parametrize("role", ["", "god", "OWNER", "x" * 10_000, "\x00"])
def test_an_unknown_role_is_refused(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str
) -> None:
    answer = signed_in(people["owner"]).post(address(acme, people["agent"]), {"role": role})
    assert answer.status_code == 422
    assert member(acme, people["agent"]).role == "agent"


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
@pytest.mark.parametrize("action", ["role", "remove"])
def test_others_change_nobody(
    acme: Tenant, people: dict[str, User], signed_in: SignIn, role: str, action: str
) -> None:
    client = signed_in(people[role])
    for user in (people["viewer"], people[role]):
        assert client.get(address(acme, user, action)).status_code == 403
        assert client.post(address(acme, user, action), {"role": "admin"}).status_code == 403
    assert member(acme, people["viewer"]).role == "viewer"
    assert member(acme, people[role]).role == role


@pytest.mark.parametrize("action", ["role", "remove"])
def test_a_member_of_another_company_is_not_found(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User, signed_in: SignIn, action: str
) -> None:
    pk = member(acme, people["agent"]).pk
    assert signed_in(bob).post(f"/acme/settings/people/{pk}/{action}/", {"role": "viewer"}).status_code == 404
    assert (
        signed_in(bob).post(f"/globex/settings/people/{pk}/{action}/", {"role": "viewer"}).status_code == 404
    )
    assert member(acme, people["agent"]).role == "agent"


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_demote_each_other_at_once(acme: Tenant, people: dict[str, User]) -> None:
    second = make_user("second@acme.example")
    add_member(acme, second, "owner")
    first = people["owner"]
    both = threading.Barrier(2)
    refused: list[Refused] = []

    def demote(other: User, by: User) -> None:
        try:
            with tenant(acme):
                target, actor = member(acme, other), member(acme, by)
                both.wait(10)
                change_role(target, "agent", by=actor)
        except Refused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in [(first, second), (second, first)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert Membership.objects.filter(tenant=acme, role="owner").count() == 1
