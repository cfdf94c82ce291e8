"""The second factor: turning it on, signing in with it, and getting by without the phone."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from company.secrets import decrypted
from tenants.models import Tenant, User
from tests.accounts.test_browser import code_of
from tests.people import PASSWORD

ON = "/accounts/two-factor/totp/on/"
OFF = "/accounts/two-factor/totp/off/"
CODES = "/accounts/two-factor/recovery-codes/"


@pytest.fixture
def client(acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    """The agent's browser, in which the password has been asked for again."""
    client = signed_in(people["agent"])
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def turn_on(client: Client) -> str:
    """Gives the key."""
    page = client.get(ON).content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    secret = found[1].replace(" ", "")
    assert client.post(ON, {"code": code_of(secret)})["Location"] == CODES
    return secret


def recovery_codes(client: Client) -> list[str]:
    return re.findall(r"<code>(\d{8})</code>", client.get(CODES).content.decode())


def enter_password() -> tuple[Client, HttpResponse]:
    client = Client()
    answer = client.post("/accounts/login/", {"login": "agent@acme.example", "password": PASSWORD})
    return client, answer  # type: ignore[return-value]


def enter_code(client: Client, code: str) -> HttpResponse:
    return client.post("/accounts/two-factor/code/", {"code": code})  # type: ignore[return-value]


def test_the_password_is_asked_for_before_anything_changes(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(people["agent"])
    for path in (ON, f"{ON}code.svg", f"{CODES}new/"):
        assert client.get(path)["Location"].startswith("/accounts/reauthenticate/?next=")
    refused = client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert refused.status_code == 422
    accepted = client.post(f"/accounts/reauthenticate/?next={ON}", {"password": PASSWORD})
    assert accepted["Location"] == ON
    assert client.get(ON).status_code == 200


def test_the_page_keeps_to_the_content_security_policy(client: Client) -> None:
    response = client.get(ON)
    page = response.content.decode()
    assert "data:" not in page
    assert "<style" not in page
    assert "style=" not in page
    assert "img-src 'self'" in response["Content-Security-Policy"]


def test_the_picture_is_a_file_for_this_person_only(client: Client) -> None:
    client.get(ON)
    picture = client.get(f"{ON}code.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert b"<svg" in picture.content
    assert b"style=" not in picture.content
    assert Client().get(f"{ON}code.svg")["Location"].startswith("/accounts/login/")


def test_without_a_key_there_is_no_picture(client: Client) -> None:
    assert client.get(f"{ON}code.svg").status_code == 404


def test_a_wrong_code_turns_nothing_on(client: Client) -> None:
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get(ON).content.decode())
    refused = client.post(ON, {"code": "000000"})
    assert refused.status_code == 422
    assert secret
    assert secret[1] in refused.content.decode()  # the same key: the app has it already
    assert not Authenticator.objects.exists()


def test_signing_in_takes_the_code_as_well(client: Client) -> None:
    secret = turn_on(client)
    browser, answer = enter_password()
    assert answer["Location"] == "/accounts/two-factor/code/"
    assert browser.get("/")["Location"] == "/accounts/login/"
    assert browser.get("/acme/")["Location"].startswith("/accounts/login/")
    refused = enter_code(browser, "000000")
    assert refused.status_code == 422
    assert "This code is wrong or used up." in refused.content.decode()
    assert enter_code(browser, code_of(secret))["Location"] == "/"
    assert browser.get("/")["Location"] == "/acme/"


def test_a_code_signs_in_once(client: Client) -> None:
    secret = turn_on(client)
    first, _ = enter_password()
    second, _ = enter_password()
    code = code_of(secret)
    assert enter_code(first, code).status_code == 302
    assert enter_code(second, code).status_code == 422


def test_wrong_codes_are_slowed_like_wrong_passwords(client: Client) -> None:
    secret = turn_on(client)
    browser, _ = enter_password()
    answers = [enter_code(browser, f"{number:06}").status_code for number in range(6)]
    assert answers == [422] * 5 + [429]
    assert enter_code(browser, code_of(secret)).status_code == 429


def test_somebody_else_may_sign_in_instead_of_entering_a_code(client: Client) -> None:
    turn_on(client)
    browser, _ = enter_password()
    assert browser.get("/accounts/login/")["Location"] == "/accounts/two-factor/code/"
    assert browser.post("/accounts/logout/", {"next": "/accounts/login/"})["Location"] == "/accounts/login/"
    assert browser.get("/accounts/login/").status_code == 200


def test_a_recovery_code_signs_in_once(client: Client) -> None:
    turn_on(client)
    codes = recovery_codes(client)
    assert len(set(codes)) == 10
    first, _ = enter_password()
    assert enter_code(first, codes[0])["Location"] == "/"
    second, _ = enter_password()
    assert enter_code(second, codes[0]).status_code == 422
    assert recovery_codes(client) == codes[1:]


def test_recovery_codes_can_be_kept_as_a_file(client: Client) -> None:
    turn_on(client)
    file = client.get(f"{CODES}recovery-codes.txt")
    assert file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert re.findall(r"^\d{8}$", file.content.decode(), re.M) == recovery_codes(client)
    assert "agent@acme.example" in file.content.decode()


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_end_the_old(client: Client) -> None:
    turn_on(client)
    old = recovery_codes(client)
    assert "The 10 you have left stop working." in client.get(f"{CODES}new/").content.decode()
    assert client.post(f"{CODES}new/")["Location"] == CODES
    assert mail.outbox[-1].subject == "Clientele: new recovery codes"
    assert not set(old) & set(recovery_codes(client))


def test_turning_it_off_leaves_the_password_alone(client: Client) -> None:
    turn_on(client)
    assert "Turn off two-factor authentication?" in client.get(OFF).content.decode()
    assert Authenticator.objects.exists()  # a GET changes nothing
    assert client.post(OFF)["Location"] == "/accounts/two-factor/"
    assert not Authenticator.objects.exists()
    assert enter_password()[1]["Location"] == "/"
    assert mail.outbox[-1].subject == "Clientele: two-factor authentication is off"


@pytest.mark.django_db(transaction=True)
def test_the_person_is_told_that_it_is_on(client: Client) -> None:
    turn_on(client)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        ["agent@acme.example"],
        "Clientele: two-factor authentication is on",
    )
    assert "From: 127.0.0.1" in message.body
    assert "http://testserver/accounts/password/reset/" in message.body


def test_a_clock_may_be_half_a_minute_off(client: Client) -> None:
    secret = turn_on(client)
    now = int(time.time()) // 30
    answers = []
    for off in (-10, 10, 1):
        browser, _ = enter_password()
        answers.append(enter_code(browser, format_hotp_value(hotp_value(secret, now + off))).status_code)
    assert answers == [422, 422, 302]


def test_the_database_does_not_hold_the_key_in_the_clear(client: Client, settings: Settings) -> None:
    secret = turn_on(client)
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept
    # A new SECRET_KEY leaves it readable while the old one is among the fallbacks.
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert decrypted(kept) == secret


def test_a_new_password_by_mail_does_not_get_round_it(client: Client) -> None:
    turn_on(client)
    user = User.objects.get(email="agent@acme.example")
    user.set_password("new battery staple")
    user.save()
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": user.email, "password": "new battery staple"})
    assert answer["Location"] == "/accounts/two-factor/code/"


def test_another_person_has_nothing_to_see(
    client: Client, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    turn_on(client)
    viewer = signed_in(people["viewer"])
    viewer.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in (CODES, f"{CODES}recovery-codes.txt", OFF):
        assert viewer.get(path).status_code == 404
    assert settings.MFA_SUPPORTED_TYPES == ["totp", "recovery_codes"]
