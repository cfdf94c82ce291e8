"""Signing in, setting a new password and the second factor, as a person does it in a browser."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from playwright.sync_api import Page, expect

from tenants.models import Tenant, User
from tests.accounts.test_invitation import send_invitation
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(secret: str) -> str:
    """What an authenticator app shows for that key; it serves half a minute longer than it is shown."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_and_out(page: Page, acme: Tenant, globex: Tenant, inspect: Callable[..., None]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    inspect(page, "sign-in")
    sign_in(page, "owner@acme.example", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("The e-mail address or the password is wrong.")
    inspect(page, "sign-in-refused", widths=(1440, 390))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/acme/$"))
    page.goto("/accounts/logout/")
    inspect(page, "sign-out", widths=(390,))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You have signed out.")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_forgotten_password(page: Page, acme: Tenant, inspect: Callable[..., None]) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    inspect(page, "reset", widths=(1440, 390))
    page.get_by_label("E-mail address").fill("owner@acme.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    inspect(page, "reset-sent", widths=(390,))
    link = re.search(r"http://\S+/key/\S+/", str(mail.outbox[0].body))
    assert link
    page.goto(link[0])
    inspect(page, "reset-new-password", widths=(1440, 390))
    page.get_by_label(re.compile("^New password(?! again)")).fill("new battery staple")
    page.get_by_label("New password again").fill("new battery staple")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password has been changed.")
    sign_in(page, "owner@acme.example", "new battery staple")
    expect(page).to_have_url(re.compile(r"/acme/$"))
    page.context.clear_cookies()
    page.goto(link[0])
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    inspect(page, "reset-used", widths=(390,))


def test_turning_on_the_second_factor_and_using_it(
    browse_as: Callable[[User], Page], acme: Tenant, inspect: Callable[..., None]
) -> None:
    page = browse_as(User.objects.get(email="owner@acme.example"))
    page.goto("/accounts/two-factor/")
    inspect(page, "two-factor-off", widths=(390,))
    page.get_by_role("link", name="Turn on").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    inspect(page, "reauthenticate", widths=(390,))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    picture = page.get_by_role("img", name="as a picture")
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") > 100
    inspect(page, "two-factor-turn-on")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    inspect(page, "recovery-codes", widths=(1440, 320))
    recovery_code = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("link", name="Done").click()
    inspect(page, "two-factor-on", widths=(390,))

    page.context.clear_cookies()
    sign_in(page, "owner@acme.example", PASSWORD)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    inspect(page, "enter-code", widths=(390,))
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong or used up.")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/acme/$"))

    page.context.clear_cookies()
    sign_in(page, "owner@acme.example", PASSWORD)
    page.get_by_label("Code").fill(recovery_code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/acme/$"))


def test_joining_by_invitation(page: Page, acme: Tenant, inspect: Callable[..., None]) -> None:
    owner = User.objects.get(email="owner@acme.example")
    page.goto(f"/invitations/{send_invitation(acme, 'new@acme.example', 'agent', owner)}/")
    inspect(page, "join-as-new")
    page.get_by_label("First name").fill("Nele")
    page.get_by_label("Last name").fill("Neu")
    page.get_by_label("Password").fill("12345678")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_contain_text("This password is too common.")
    inspect(page, "join-refused", widths=(1440, 390))
    page.get_by_label("Password").fill("new battery staple")
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(r"/acme/$"))


def test_joining_a_second_company(
    browse_as: Callable[[User], Page], acme: Tenant, globex: Tenant, bob: User, inspect: Callable[..., None]
) -> None:
    owner = User.objects.get(email="owner@acme.example")
    path = f"/invitations/{send_invitation(acme, bob.email, 'viewer', owner)}/"
    page = browse_as(owner)
    page.goto(path)
    inspect(page, "join-other-person", widths=(1440, 390))
    page.get_by_role("button", name="Sign out and accept as bob@globex.example").click()
    inspect(page, "join-sign-in", widths=(390,))
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(bob.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    inspect(page, "join", widths=(390,))
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(r"/acme/$"))
    page.goto("/")
    expect(page.get_by_role("link", name="Globex")).to_be_visible()
    inspect(page, "companies")
    page.get_by_role("link", name="Password").click()
    inspect(page, "change-password", widths=(1440, 390))
    page.goto(path)
    expect(page.get_by_role("heading", name="This invitation has been accepted")).to_be_visible()
    inspect(page, "join-closed", widths=(390,))
