"""What browser tests have: the machine's Chromium, a server, and a page that forgives nothing.

A test asks for `page` (signed out) or calls `browse_as(user)`, walks a flow as a person would, and shows each
page it comes to to `inspect`. Addresses are given without the server: `page.goto("/acme/customers/")`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tenants.models import User

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colours; everything else is the same in both themes, and looked for in one.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# What depends on where things stand. Below 768 px the pages have one layout (the style sheets know no narrower
# one), so at the second width of a phone nothing else can differ from the first, and no colour at all.
PLACE_RULES = ["color-contrast", "target-size", "scrollable-region-focusable"]
WIDTHS = (1440, 390, 320)
PHONE = 768
PICTURES = Path(__file__).resolve().parent.parent / "test-results" / "pages"
# Neither pictures nor contrast are taken halfway through a change of colours. What is folded away never finishes.
SETTLE = """Promise.all(document.getAnimations()
    .filter(change => change.effect.target.checkVisibility())
    .map(change => change.finished.catch(() => null)))"""
# Chromium writes an error for every answer of 400 and above. Refused forms and missing pages are meant.
MEANT = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# Playwright keeps an event loop running in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Replaces pytest-playwright's, which would want a browser of its own."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        missing = "No Chromium on this machine. Install the package `chromium` to run the browser tests."
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return {"executable_path": chromium, "args": ARGUMENTS}


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> BrowserContext:
    opened = new_context(
        base_url=live_server.url, viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce"
    )
    opened.set_default_timeout(10_000)
    return opened


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose test fails on any error in the console: a broken script, a file that the policy forbids."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        of_a_file = settings.STATIC_URL in message.location.get("url", "")
        if message.type == "error" and (of_a_file or not MEANT.match(message.text)):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    opened = context.new_page()
    opened.on("console", listen)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def browse_as(context: BrowserContext, page: Page, live_server: LiveServer) -> Callable[[User], Page]:
    """`browse_as(user)` is a page in which that person has signed in."""

    def sign_in(user: User) -> Page:
        client = Client()
        client.force_login(user, backend="company.accounts.EmailBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def inspect() -> Callable[..., None]:
    """`inspect(page, "sign-in")`: axe finds nothing in either theme at any width, and nothing scrolls sideways.

    Keeps screenshots under test-results/pages/, to be looked at. `widths` may be fewer where a page has few.
    """

    def look(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> None:
        before = page.viewport_size
        assert before
        for place, width in enumerate(widths):
            page.set_viewport_size({"width": width, "height": before["height"]})
            known = any(other < PHONE for other in widths[:place]) and width < PHONE
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.evaluate(SETTLE)
                PICTURES.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=PICTURES / f"{name}-{theme}-{width}.png")
                rules = RULES if theme == "light" else COLOUR_RULES
                if known:
                    rules = PLACE_RULES if theme == "light" else []
                _check(page, f"{name}, {theme}, {width} px", rules)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    return look


def _check(page: Page, where: str, rules: list[str]) -> None:
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    if rules:
        asked = {"runOnly": rules, "resultTypes": ["violations"]}
        found = page.evaluate("options => axe.run(options)", asked)
        violations = [
            f"{violation['id']}: {violation['help']}: {node['html'][:300]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not violations, f"{where}\n" + "\n".join(violations)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"{where}: the page scrolls sideways by {sideways} px"
