"""What happens when people are invited, and when they follow the link."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from company.invitations import InvitationClosed, accept, accept_as_new, invite, pending, revoke
from history.models import Operation
from tenants.context import tenant
from tenants.models import Invitation, Membership, Tenant, User
from tests.people import PASSWORD, make_user

SITE = "http://testserver/"


def send_invitation(company: Tenant, email: str, role: str, by: User) -> str:
    """Invites and gives the token that was mailed."""
    with tenant(company):
        invite(company, email, role, by, site=SITE)
    return mailed_token()


def mailed_token() -> str:
    found = re.search(r"http://testserver/invitations/([\w-]+)/", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_the_invited_person_gets_a_mail_with_the_link(acme: Tenant, people: dict[str, User]) -> None:
    token = send_invitation(acme, " New.Person@ACME.example ", "agent", people["admin"])
    message = mail.outbox[0]
    assert message.to == ["New.Person@acme.example"]
    assert message.subject == "Clientele: Admin invites you to Acme"
    invitation = Invitation.objects.get()
    assert token not in invitation.token_hash
    assert (invitation.role, invitation.is_open) == ("agent", True)
    with tenant(acme):
        operation = Operation.objects.latest("id")
    assert operation.by == people["admin"]
    assert operation.summary == "Invited New.Person@acme.example as agent"


def test_inviting_again_sends_a_new_link_and_ends_the_old(acme: Tenant, people: dict[str, User]) -> None:
    old = send_invitation(acme, "new@acme.example", "viewer", people["admin"])
    new = send_invitation(acme, "NEW@acme.example", "manager", people["admin"])
    assert Invitation.objects.get().role == "manager"
    with pytest.raises(InvitationClosed, match="unknown"):
        accept_as_new(old, first_name="Nele", last_name="", password=PASSWORD)
    assert accept_as_new(new, first_name="Nele", last_name="", password=PASSWORD).role == "manager"


def test_a_member_is_not_invited(acme: Tenant, people: dict[str, User]) -> None:
    with tenant(acme), pytest.raises(ValidationError, match="is a member already, as viewer"):
        invite(acme, "VIEWER@acme.example", "admin", people["admin"], site=SITE)
    assert not mail.outbox
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(("email", "role"), [("nonsense", "agent"), ("", "agent"), ("a@b.example", "god")])
def test_a_bad_address_or_role_is_refused(
    acme: Tenant, people: dict[str, User], email: str, role: str
) -> None:
    with tenant(acme), pytest.raises(ValidationError):
        invite(acme, email, role, people["owner"], site=SITE)
    assert not Invitation.objects.exists()


def test_only_an_owner_invites_an_owner(acme: Tenant, people: dict[str, User]) -> None:
    with tenant(acme), pytest.raises(ValidationError, match="Only an owner"):
        invite(acme, "new@acme.example", "owner", people["admin"], site=SITE)
    assert not mail.outbox
    send_invitation(acme, "new@acme.example", "owner", people["owner"])
    with tenant(acme):
        with pytest.raises(ValidationError, match="Only an owner"):
            invite(acme, "new@acme.example", "agent", people["admin"], site=SITE)
        with pytest.raises(PermissionDenied):
            revoke(Invitation.objects.get(), people["admin"])
    assert Invitation.objects.get().role == "owner"


def test_nothing_is_kept_when_the_mail_cannot_be_sent(acme: Tenant, people: dict[str, User]) -> None:
    with tenant(acme):
        before = Operation.objects.count()
        with (
            mock.patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError),
            pytest.raises(ValidationError, match="could not be sent"),
        ):
            invite(acme, "new@acme.example", "agent", people["admin"], site=SITE)
        assert Operation.objects.count() == before
    assert not Invitation.objects.exists()


def test_a_revoked_link_opens_nothing(acme: Tenant, people: dict[str, User]) -> None:
    token = send_invitation(acme, "new@acme.example", "agent", people["admin"])
    with tenant(acme):
        revoke(pending(acme).get(), people["admin"])
        assert Operation.objects.latest("id").summary == "Took back the invitation of new@acme.example"
    with pytest.raises(InvitationClosed, match="unknown"):
        accept_as_new(token, first_name="Nele", last_name="", password=PASSWORD)
    assert not User.objects.filter(email="new@acme.example").exists()


def test_the_link_works_once(acme: Tenant, people: dict[str, User]) -> None:
    token = send_invitation(acme, "new@acme.example", "agent", people["admin"])
    user = make_user("new@acme.example")
    assert accept(token, user).tenant == acme
    with pytest.raises(InvitationClosed, match="used"):
        accept(token, user)
    assert Membership.objects.filter(user=user).count() == 1
    with tenant(acme):
        operation = Operation.objects.latest("id")
        assert (operation.by, operation.source) == (user, "invitation")
        assert Membership.history.model.objects.filter(operation=operation).count() == 1  # type: ignore[attr-defined]


def test_an_expired_link_opens_nothing(acme: Tenant, people: dict[str, User]) -> None:
    token = send_invitation(acme, "new@acme.example", "agent", people["admin"])
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationClosed, match="expired"):
        accept(token, make_user("new@acme.example"))
    assert not Membership.objects.filter(user__email="new@acme.example").exists()


def test_nobody_else_can_use_the_link(acme: Tenant, people: dict[str, User], bob: User) -> None:
    token = send_invitation(acme, "new@acme.example", "owner", people["owner"])
    with pytest.raises(PermissionDenied):
        accept(token, bob)
    assert not Membership.objects.filter(tenant=acme, user=bob).exists()
    assert Invitation.objects.get().is_open
