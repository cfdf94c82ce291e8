"""A forgotten password: the mail, its link, and what does not work."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from unittest import mock

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tenants.models import Tenant, User
from tests.people import PASSWORD, make_user

RESET = "/accounts/password/reset/"
NEW = "new battery staple"


def ask(client: Client, email: str) -> HttpResponse:
    return client.post(RESET, {"email": email})  # type: ignore[return-value]


def mailed_link(body: str | None = None) -> str:
    found = re.search(
        r"http://testserver(/accounts/password/reset/key/\S+/)", body or str(mail.outbox[-1].body)
    )
    assert found
    return found[1]


def set_password(client: Client, link: str, password: str = NEW) -> HttpResponse:
    """Opens the mailed link, and sends the form if there is one."""
    opened = client.get(link, follow=True)
    action = re.search(r'action="(/accounts/password/reset/key/[^"]+)"', opened.content.decode())
    if not action:
        return opened  # type: ignore[return-value]
    return client.post(action[1], {"password1": password, "password2": password})  # type: ignore[return-value]


def can_sign_in(email: str, password: str) -> bool:
    return Client().post("/accounts/login/", {"login": email, "password": password}).status_code == 302


def test_the_mail_leads_to_a_new_password(client: Client, acme: Tenant) -> None:
    assert ask(client, "OWNER@acme.example")["Location"] == f"{RESET}done/"
    (message,) = mail.outbox
    assert message.to == ["owner@acme.example"]
    assert message.subject == "Clientele: set a new password"
    assert "The link works once, for 24 hours." in message.body
    assert set_password(client, mailed_link())["Location"] == "/accounts/login/"
    assert can_sign_in("owner@acme.example", NEW)
    assert not can_sign_in("owner@acme.example", PASSWORD)
    assert not EmailAddress.objects.exists()


def test_the_link_works_once(client: Client, acme: Tenant) -> None:
    ask(client, "owner@acme.example")
    link = mailed_link()
    set_password(client, link)
    assert mail.outbox[-1].subject == "Clientele: your password was changed"
    again = set_password(Client(), link, "another staple battery")
    assert "This link no longer works" in again.content.decode()
    assert can_sign_in("owner@acme.example", NEW)


def test_the_link_ends_after_a_day(client: Client, acme: Tenant, settings: Settings) -> None:
    ask(client, "owner@acme.example")
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in client.get(mailed_link(), follow=True).content.decode()


def test_a_made_up_link_opens_nothing(client: Client, acme: Tenant) -> None:
    for key in ("1-abc-def", "zzzz-x", "1-set-password"):
        page = client.get(f"{RESET}key/{key}/")
        assert "This link no longer works" in page.content.decode()


def test_the_link_leaves_the_address_bar(client: Client, acme: Tenant) -> None:
    ask(client, "owner@acme.example")
    assert client.get(mailed_link())["Location"].endswith("-set-password/")


def test_an_unknown_address_gets_the_same_answer_and_another_mail(client: Client, acme: Tenant) -> None:
    answer = ask(client, "stranger@acme.example")
    assert answer["Location"] == f"{RESET}done/"
    (message,) = mail.outbox
    assert message.to == ["stranger@acme.example"]
    assert "There is no account with this address." in message.body
    assert "/key/" not in message.body


def test_an_account_that_is_switched_off_gets_no_link(client: Client, acme: Tenant) -> None:
    User.objects.update(is_active=False)
    ask(client, "owner@acme.example")
    assert "/key/" not in mail.outbox[0].body


def test_the_mail_goes_to_the_kept_address_not_to_one_that_looks_alike(client: Client, db: None) -> None:
    make_user("owner@strasse.example")
    ask(client, "owner@straße.example")
    assert [message.to for message in mail.outbox] == [["owner@strasse.example"]]


def test_a_new_password_works_at_once_after_five_wrong_ones(client: Client, acme: Tenant) -> None:
    for _ in range(5):
        assert not can_sign_in("owner@acme.example", "wrong")
    assert not can_sign_in("owner@acme.example", PASSWORD)
    ask(client, "owner@acme.example")
    set_password(client, mailed_link())
    assert can_sign_in("owner@acme.example", NEW)


def test_a_new_password_ends_the_sessions_opened_with_the_old(client: Client, acme: Tenant) -> None:
    thief = Client()
    thief.post("/accounts/login/", {"login": "owner@acme.example", "password": PASSWORD})
    ask(client, "owner@acme.example")
    set_password(client, mailed_link())
    assert thief.get("/")["Location"] == "/accounts/login/"


def test_a_bad_new_password_is_refused_and_the_link_stays_good(client: Client, acme: Tenant) -> None:
    ask(client, "owner@acme.example")
    assert set_password(client, mailed_link(), "12345678").status_code == 422
    assert set_password(client, mailed_link())["Location"] == "/accounts/login/"


def test_asking_too_often_is_refused(client: Client, acme: Tenant) -> None:
    answers = [ask(client, "owner@acme.example") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Too many requests" in answers[-1].content.decode()
    assert len(mail.outbox) == 5


def test_a_mail_that_cannot_be_sent_is_said_so(client: Client, acme: Tenant) -> None:
    with mock.patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        answer = ask(client, "owner@acme.example")
    assert answer.status_code == 422
    assert "The mail could not be sent. Try again in a while." in answer.content.decode()


class Mailbox:
    """Takes what a mail server is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A real mail server on this machine, which the product is told to use."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    controller.stop()


def test_the_mail_arrives_at_a_mail_server(client: Client, acme: Tenant, mailbox: Mailbox) -> None:
    ask(client, "owner@acme.example")
    (message,) = mailbox.messages
    assert message["From"] == "Clientele <no-reply@localhost>"
    assert message["To"] == "owner@acme.example"
    assert message.get_content_type() == "text/plain"
    set_password(client, mailed_link(message.get_content()))
    assert can_sign_in("owner@acme.example", NEW)
