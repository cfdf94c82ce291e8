"""What people see when they sign in and out, and what those see who guess passwords."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest import mock
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tenants.models import Tenant, User
from tests.people import PASSWORD, make_user

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **data: str) -> HttpResponse:
    return client.post(LOGIN, {"login": email, "password": password, **data})  # type: ignore[return-value]


def text_of(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("typed", ["owner@acme.example", "OWNER@Acme.Example", "  owner@acme.example "])
def test_the_address_may_be_typed_in_any_case(client: Client, acme: Tenant, typed: str) -> None:
    response = sign_in(client, typed)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/", follow=False)["Location"] == "/acme/"


def test_an_address_kept_with_capitals_signs_in_too(client: Client, db: None) -> None:
    make_user("Anna.Schmidt@Acme.example")
    assert User.objects.get().email == "Anna.Schmidt@acme.example"
    assert sign_in(client, "anna.schmidt@acme.example").status_code == 302
    assert not EmailAddress.objects.exists()


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client, acme: Tenant) -> None:
    answers = [
        sign_in(client, "owner@acme.example", "wrong"),
        sign_in(client, "nobody@acme.example", "wrong"),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert "The e-mail address or the password is wrong." in text_of(answer)
    assert "_auth_user_id" not in client.session


def test_the_page_a_person_wanted_comes_after_signing_in(client: Client, acme: Tenant) -> None:
    asked = client.get("/acme/customers/?q=a")
    assert asked.status_code == 302
    page = client.get(asked["Location"])
    assert '<input type="hidden" name="next" value="/acme/customers/?q=a">' in page.content.decode()
    assert (
        sign_in(client, "owner@acme.example", next="/acme/customers/?q=a")["Location"]
        == "/acme/customers/?q=a"
    )


@pytest.mark.parametrize(
    ("came_from", "next_page"),
    [
        ("http://testserver/acme/imports/7/?action=create", "/acme/imports/7/%3Faction%3Dcreate"),
        ("http://testserver/acme/", "/acme/"),
        ("http://testserver/globex/imports/7/", "/acme/imports/7/approve/"),
        ("https://evil.example/acme/imports/7/", "/acme/imports/7/approve/"),
        ("", "/acme/imports/7/approve/"),
    ],
)
def test_what_was_sent_too_late_leads_to_the_page_it_was_sent_from(
    client: Client, acme: Tenant, came_from: str, next_page: str
) -> None:
    asked = client.post("/acme/imports/7/approve/", headers={"Referer": came_from})
    assert asked["Location"] == f"{LOGIN}?next={next_page}"
    assert "You are no longer signed in. Nothing was done" in text_of(client.get(asked["Location"]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: Client, acme: Tenant, elsewhere: str) -> None:
    assert sign_in(client, "owner@acme.example", next=elsewhere)["Location"] == "/"


def test_the_session_is_a_new_one_after_signing_in(client: Client, acme: Tenant) -> None:
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    sign_in(client, "owner@acme.example")
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key


def test_staying_signed_in_is_a_choice(client: Client, acme: Tenant) -> None:
    sign_in(client, "owner@acme.example")
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
    client.logout()
    sign_in(client, "owner@acme.example", remember="on")
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.SESSION_COOKIE_AGE


def test_signing_out_is_asked_for_and_done_by_a_post(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(people["agent"])
    assert "Stay signed in" in client.get("/accounts/logout/").content.decode()
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_an_account_that_is_switched_off_cannot_sign_in(client: Client, acme: Tenant) -> None:
    User.objects.update(is_active=False)
    response = sign_in(client, "owner@acme.example")
    assert response["Location"] == "/accounts/inactive/"
    assert "This account is switched off" in client.get("/accounts/inactive/").content.decode()
    assert "_auth_user_id" not in client.session


def test_five_wrong_passwords_slow_the_sixth(client: Client, acme: Tenant) -> None:
    for _ in range(5):
        assert sign_in(client, "owner@acme.example", "wrong").status_code == 422
    # From another browser, spelled another way, with the right password: it does not matter.
    response = sign_in(Client(), "Owner@ACME.example", PASSWORD)
    assert response.status_code == 429
    assert "Too many wrong passwords. Try again in 5 minutes, or set a new password." in text_of(response)
    assert "_auth_user_id" not in client.session


def test_the_wait_is_told_in_minutes_and_ends(client: Client, acme: Tenant) -> None:
    start = time.time()
    with mock.patch("time.time", return_value=start):
        for _ in range(5):
            sign_in(client, "owner@acme.example", "wrong")
    with mock.patch("time.time", return_value=start + 130):
        assert "Try again in 3 minutes" in text_of(sign_in(client, "owner@acme.example"))
    with mock.patch("time.time", return_value=start + 299):
        assert "Try again in a minute" in text_of(sign_in(client, "owner@acme.example"))
    with mock.patch("time.time", return_value=start + 301):
        assert sign_in(client, "owner@acme.example").status_code == 302


def test_wrong_passwords_for_one_person_do_not_slow_another(client: Client, acme: Tenant, bob: User) -> None:
    for _ in range(6):
        sign_in(client, "owner@acme.example", "wrong")
    assert sign_in(client, bob.email).status_code == 302


def test_guessing_many_addresses_from_one_place_is_slowed(client: Client, acme: Tenant) -> None:
    for number in range(10):
        assert sign_in(client, f"person{number}@acme.example", "wrong").status_code == 422
    response = sign_in(client, "owner@acme.example")
    assert response.status_code == 429
    assert "Try again in a minute" in text_of(response)


def test_behind_a_proxy_people_are_told_apart_by_what_it_wrote(client: Client, acme: Tenant) -> None:
    with mock.patch.object(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 1):
        for number in range(11):
            client.post(
                LOGIN,
                {"login": f"person{number}@acme.example", "password": "wrong"},
                headers={
                    "X-Forwarded-For": f"10.9.9.{number}, 203.0.113.7"
                },  # the first is the person's claim
            )
        blocked = client.post(
            LOGIN,
            {"login": "owner@acme.example", "password": PASSWORD},
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
        assert blocked.status_code == 429
        other = client.post(
            LOGIN,
            {"login": "owner@acme.example", "password": PASSWORD},
            headers={"X-Forwarded-For": "203.0.113.8"},
        )
        assert other.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_when_all_try_at_once(acme: Tenant) -> None:
    """Every attempt has a database connection of its own, as those of several processes have."""

    def attempt(number: int) -> int:
        try:
            return sign_in(Client(), "owner@acme.example", f"wrong {number}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(9)))
    assert set(answers) <= {422, 429}
    assert answers.count(422) <= 5


def test_nobody_signs_up_by_themself(client: Client, db: None) -> None:
    assert "You join by invitation" in client.get("/accounts/signup/").content.decode()
    answer = client.post(
        "/accounts/signup/", {"email": "a@b.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 405
    assert not User.objects.exists()


def names_of(patterns: list[URLPattern | URLResolver]) -> set[str]:
    names: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            names |= names_of(pattern.url_patterns)
        elif pattern.name:
            names.add(pattern.name)
    return names


# Pages of their own tests, or reached only with something in hand.
NEED_MORE = {"account_reset_password_from_key", "invitation", "livez", "readyz"}


def test_every_public_page_has_our_look(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    """Signed in and signed out, each page is ours, a redirect or a 404; none is allauth's bare one."""
    names = names_of(get_resolver(settings.ROOT_URLCONF).url_patterns) - NEED_MORE
    assert len(names) > 15
    for client in (Client(), signed_in(people["viewer"])):
        for name in sorted(names):
            response = client.get(reverse(name))
            if response.status_code == 200:
                assert 'class="bare-card' in response.content.decode(), name
            else:
                assert response.status_code in (302, 404), (name, response.status_code)


@pytest.mark.parametrize("path", ["email/", "confirm-email/", "password/set/", "login/code/confirm/", "2fa/"])
def test_pages_of_allauth_that_are_not_wanted_cannot_be_reached(client: Client, db: None, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404


def test_a_changed_password_keeps_this_session_and_ends_the_others(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    here, elsewhere = signed_in(people["agent"]), signed_in(people["agent"])
    new = {"password1": "new battery staple", "password2": "new battery staple"}
    refused = here.post("/accounts/password/change/", {"oldpassword": "wrong", **new})
    assert refused.status_code == 422
    assert "This is not your current password." in refused.content.decode()
    changed = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    assert changed["Location"] == "/"
    assert [message.subject for message in mail.outbox] == ["Clientele: your password was changed"]
    assert here.get("/")["Location"] == "/acme/"
    assert elsewhere.get("/")["Location"] == LOGIN


def test_a_password_is_changed_even_if_nobody_can_be_told(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(people["agent"])
    new = {"password1": "new battery staple", "password2": "new battery staple"}
    with mock.patch("django.core.mail.EmailMessage.send", side_effect=ConnectionRefusedError):
        changed = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})
    assert changed["Location"] == "/"
    people["agent"].refresh_from_db()
    assert people["agent"].check_password("new battery staple")


def test_a_bad_new_password_is_refused_with_the_reason(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(people["agent"])
    for bad in ("12345678901", "password", "short"):
        data = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
        assert client.post("/accounts/password/change/", data).status_code == 422
    people["agent"].refresh_from_db()
    assert people["agent"].check_password(PASSWORD)


@pytest.mark.parametrize("login", ["a\x00b@acme.example", "x" * 10_000, "' OR 1=1 --", "\ud800"])
def test_nonsense_for_an_address_is_refused(client: Client, acme: Tenant, login: str) -> None:
    body = urlencode({"login": login, "password": "x\x00y"}, errors="surrogatepass")
    answer = client.post(LOGIN, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_nonsense_for_a_password_is_only_wrong(client: Client, acme: Tenant) -> None:
    assert sign_in(client, "owner@acme.example", "x\x00y").status_code == 422
    assert sign_in(client, "owner@acme.example", "ß" * 10_000).status_code == 422


def test_counters_are_kept_where_all_processes_see_them(client: Client, acme: Tenant) -> None:
    sign_in(client, "owner@acme.example", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache_entry WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone() == (2,)  # for the address and for the network address
