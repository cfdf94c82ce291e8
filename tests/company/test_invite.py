"""Inviting people from the people page, sending again, withdrawing. What the link does is tested in tests/accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tenants.models import Invitation, Tenant, User
from tests.company.test_roles import people_operations

SignIn = Callable[[User], Client]
ADDRESS = "/acme/settings/people/"


@pytest.fixture
def admin(people: dict[str, User], signed_in: SignIn) -> Client:
    return signed_in(people["admin"])


def invite(client: Client, email: str = "new@acme.example", role: str = "agent") -> Invitation:
    answer = client.post(f"{ADDRESS}invite/", {"email": email, "role": role})
    assert answer.status_code == 302
    return Invitation.objects.get(email=email)


def test_an_invited_person_is_listed_until_they_accept(
    acme: Tenant, people: dict[str, User], admin: Client
) -> None:
    assert "No invitation is open." in admin.get(ADDRESS).content.decode()
    answer = admin.post(f"{ADDRESS}invite/", {"email": "new@acme.example", "role": "viewer"}, follow=True)
    page = answer.content.decode()
    assert "new@acme.example is invited." in page
    assert "<td>new@acme.example</td>" in page
    assert mail.outbox[-1].to == ["new@acme.example"]
    assert "http://testserver/invitations/" in mail.outbox[-1].body
    last = people_operations(acme)[-1]
    assert (last.by, last.summary) == (people["admin"], "Invited new@acme.example as viewer")
    Invitation.objects.update(accepted_at=timezone.now())
    assert "<td>new@acme.example</td>" not in admin.get(ADDRESS).content.decode()


def test_the_form_offers_no_owner_to_an_admin(
    people: dict[str, User], admin: Client, signed_in: SignIn
) -> None:
    assert b'value="owner"' not in admin.get(ADDRESS).content
    assert b'value="owner"' in signed_in(people["owner"]).get(ADDRESS).content
    answer = admin.post(f"{ADDRESS}invite/", {"email": "new@acme.example", "role": "owner"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()
    assert invite(signed_in(people["owner"]), role="owner").role == "owner"


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@b.example\nBcc: c@d.example", "x" * 300 + "@b.example"])
def test_what_is_no_address_is_refused_and_stays(acme: Tenant, admin: Client, email: str) -> None:
    before = people_operations(acme)
    answer = admin.post(f"{ADDRESS}invite/", {"email": email, "role": "agent"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["email"]
    assert not mail.outbox
    assert not Invitation.objects.exists()
    assert people_operations(acme) == before


def test_a_member_is_refused_at_the_field(acme: Tenant, admin: Client) -> None:
    answer = admin.post(f"{ADDRESS}invite/", {"email": "VIEWER@acme.example", "role": "agent"})
    assert answer.status_code == 422
    assert "is a member already, as viewer." in answer.context["form"].errors["email"][0]
    assert 'value="VIEWER@acme.example"' in answer.content.decode()
    assert not Invitation.objects.exists()


def test_sending_again_gives_a_new_link_and_more_time(acme: Tenant, admin: Client) -> None:
    old = invite(admin)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in admin.get(ADDRESS).content.decode()
    answer = admin.post(f"{ADDRESS}invitations/{old.pk}/resend/", follow=True)
    assert "gets a new link; the old one stops working." in answer.content.decode()
    new = Invitation.objects.get()
    assert new.is_open
    assert new.token_hash != old.token_hash
    assert len(mail.outbox) == 2


def test_a_withdrawn_invitation_is_gone(acme: Tenant, people: dict[str, User], admin: Client) -> None:
    invitation = invite(admin)
    answer = admin.post(f"{ADDRESS}invitations/{invitation.pk}/withdraw/", follow=True)
    assert "The invitation of new@acme.example is withdrawn." in answer.content.decode()
    assert not Invitation.objects.exists()
    assert people_operations(acme)[-1].by == people["admin"]


@pytest.mark.parametrize("action", ["resend", "withdraw"])
def test_an_admin_leaves_an_owners_invitation_alone(
    people: dict[str, User], admin: Client, signed_in: SignIn, action: str
) -> None:
    invitation = invite(signed_in(people["owner"]), role="owner")
    address = f"{ADDRESS}invitations/{invitation.pk}/{action}/"
    assert address not in admin.get(ADDRESS).content.decode()
    assert admin.post(address).status_code == 403
    assert Invitation.objects.get().token_hash == invitation.token_hash


@pytest.mark.parametrize("action", ["resend", "withdraw"])
def test_an_invitation_of_another_company_is_not_found(
    globex: Tenant, bob: User, admin: Client, signed_in: SignIn, action: str
) -> None:
    invitation = invite(admin)
    for company in ("acme", "globex"):
        address = f"/{company}/settings/people/invitations/{invitation.pk}/{action}/"
        assert signed_in(bob).post(address).status_code == 404
    assert Invitation.objects.get().token_hash == invitation.token_hash


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_others_may_not_invite(
    acme: Tenant, people: dict[str, User], admin: Client, signed_in: SignIn, role: str
) -> None:
    invitation = invite(admin)
    client = signed_in(people[role])
    before = people_operations(acme)
    for address in (
        "invite/",
        f"invitations/{invitation.pk}/resend/",
        f"invitations/{invitation.pk}/withdraw/",
    ):
        answer = client.post(f"{ADDRESS}{address}", {"email": "x@acme.example", "role": "agent"})
        assert answer.status_code == 403
    assert Invitation.objects.get().token_hash == invitation.token_hash
    assert people_operations(acme) == before
