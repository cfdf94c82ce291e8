"""What happens when people are invited, and when they follow the link."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from unittest import mock

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import clear_script_prefix, set_script_prefix
from django.utils import timezone

from company.invitations import InvitationClosed, accept, accept_as_new, invite, pending, revoke, site_of
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
    found = re.search(r"/invitations/([\w-]+)/", str(mail.outbox[-1].body))
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


def test_a_new_person_joins_with_name_and_password(
    client: Client, acme: Tenant, people: dict[str, User]
) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'manager', people['admin'])}/"
    page = client.get(path).content.decode()
    assert "Admin invites you. Your role will be manager." in page
    assert 'value="new@acme.example"' in page
    joined = client.post(path, {"first_name": "Nele", "last_name": "Neu", "password": PASSWORD})
    assert joined["Location"] == "/acme/"
    user = User.objects.get(email="new@acme.example")
    assert (user.name, user.membership_in(acme.pk) is not None) == ("Nele Neu", True)
    assert client.get("/")["Location"] == "/acme/"  # signed in
    assert Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302


def test_looking_at_the_link_uses_nothing_up(client: Client, acme: Tenant, people: dict[str, User]) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', people['admin'])}/"
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert Invitation.objects.get().is_open


@pytest.mark.parametrize(
    "typed",
    [
        {"first_name": "", "password": PASSWORD},
        {"first_name": "Nele", "password": ""},
        {"first_name": "Nele", "password": "12345678"},
        {"first_name": "Nele", "password": "new@acme.example"},
        {"first_name": "N\x00ele", "password": PASSWORD},
        {"first_name": "N" * 10_000, "password": PASSWORD},
    ],
)
def test_bad_input_is_refused_and_the_link_stays_good(
    client: Client, acme: Tenant, people: dict[str, User], typed: dict[str, str]
) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', people['admin'])}/"
    answer = client.post(path, typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not User.objects.filter(email="new@acme.example").exists()
    assert Invitation.objects.get().is_open


def test_a_forged_address_makes_no_other_account(
    client: Client, acme: Tenant, people: dict[str, User]
) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', people['admin'])}/"
    client.post(path, {"first_name": "N", "password": PASSWORD, "email": "evil@x.example", "role": "owner"})
    assert not User.objects.filter(email="evil@x.example").exists()
    assert Membership.objects.get(user__email="new@acme.example").role == "agent"


def test_a_person_with_an_account_signs_in_and_joins(
    client: Client, acme: Tenant, people: dict[str, User], bob: User
) -> None:
    path = f"/invitations/{send_invitation(acme, 'BOB@globex.example', 'viewer', people['admin'])}/"
    page = client.get(path).content.decode()
    login = f"/accounts/login/?next={path}"
    assert f'href="{login}"' in page
    # The form for new people does nothing here: it would set the password of somebody's account.
    client.post(path, {"first_name": "X", "password": "another password"})
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    assert Invitation.objects.get().is_open

    assert client.post(login, {"login": bob.email, "password": PASSWORD})["Location"] == path
    assert "Your role will be viewer." in client.get(path).content.decode()
    assert not Membership.objects.filter(tenant=acme, user=bob).exists()
    assert client.post(path)["Location"] == "/acme/"
    assert Membership.objects.get(tenant=acme, user=bob).role == "viewer"


def test_somebody_else_is_told_so(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client], bob: User
) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'owner', people['owner'])}/"
    client = signed_in(bob)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 403
        assert "This invitation is for somebody else" in answer.content.decode()
    assert not Membership.objects.filter(tenant=acme, user=bob).exists()
    assert client.post("/accounts/logout/", {"next": path})["Location"] == path
    assert "Join Acme" in client.get(path).content.decode()


def test_a_closed_invitation_says_what_to_do(client: Client, acme: Tenant, people: dict[str, User]) -> None:
    unknown = client.get("/invitations/nonsense/")
    assert (unknown.status_code, "There is no such invitation" in unknown.content.decode()) == (404, True)
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', people['admin'])}/"
    Invitation.objects.update(expires_at=timezone.now())
    for expired in (client.get(path), client.post(path, {"first_name": "N", "password": PASSWORD})):
        assert (expired.status_code, "This invitation has expired" in expired.content.decode()) == (410, True)
    Invitation.objects.update(accepted_at=timezone.now())
    used = client.get(path)
    assert (used.status_code, "This invitation has been accepted" in used.content.decode()) == (410, True)
    assert not User.objects.filter(email="new@acme.example").exists()


@pytest.mark.django_db(transaction=True)
def test_the_link_works_once_even_when_used_twice_at_once(acme: Tenant, people: dict[str, User]) -> None:
    token = send_invitation(acme, "new@acme.example", "agent", people["admin"])
    user = make_user("new@acme.example")
    start = Barrier(4)

    def use(_: int) -> str:
        try:
            start.wait()
            return str(accept(token, user).role)
        except InvitationClosed as closed:
            return closed.reason
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == ["agent", "used", "used", "used"]
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_are_one(acme: Tenant, people: dict[str, User]) -> None:
    start = Barrier(3)

    def send(_: int) -> None:
        try:
            start.wait()
            with tenant(acme):
                invite(acme, "new@acme.example", "agent", people["admin"], site=SITE)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, range(3)))
    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_makes_one_account(acme: Tenant, people: dict[str, User]) -> None:
    path = f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', people['admin'])}/"
    start = Barrier(3)

    def send(_: int) -> int:
        try:
            start.wait()
            return Client().post(path, {"first_name": "Nele", "password": PASSWORD}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(send, range(3)))
    assert answers[0] == 302
    assert set(answers) <= {302, 410}
    assert Membership.objects.filter(user__email="new@acme.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_invitations_of_two_companies_accepted_at_once_make_one_account(
    acme: Tenant, globex: Tenant, people: dict[str, User], bob: User
) -> None:
    tokens = [
        send_invitation(acme, "new@both.example", "agent", people["admin"]),
        send_invitation(globex, "new@both.example", "agent", bob),
    ]
    start = Barrier(2)

    def send(token: str) -> int:
        try:
            start.wait()
            answer = Client().post(f"/invitations/{token}/", {"first_name": "Nele", "password": PASSWORD})
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, tokens)) == [302, 302]
    assert User.objects.filter(email="new@both.example").count() == 1
    assert Membership.objects.filter(user__email="new@both.example").count() == 1
    assert Invitation.objects.filter(accepted_at=None).count() == 1


@pytest.mark.parametrize(
    ("prefix", "site"),
    [("/", "http://testserver/"), ("/acme/", "http://testserver/"), ("/crm/acme/", "http://testserver/crm/")],
)
def test_the_link_leads_outside_the_company(rf: RequestFactory, acme: Tenant, prefix: str, site: str) -> None:
    request = rf.get("/")
    request.tenant = None if prefix == "/" else acme  # type: ignore[attr-defined]
    set_script_prefix(prefix)
    try:
        assert site_of(request) == site
    finally:
        clear_script_prefix()
