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
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from tenants.models import User

# The first that is there; the shell, which has no windows to draw, takes a third less of the processor.
BROWSERS = ["chromium-headless-shell", "chromium", "google-chrome"]
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
# Rows that are like those above them. They are looked at once, with all rules, and not again at each width and theme.
ALIKE = [["tbody > tr:nth-child(n+9)"], ["main li:nth-child(n+9)"]]
WIDTHS = (1440, 390, 320)
USUAL: dict[str, Any] = {"viewport": {"width": WIDTHS[0], "height": 900}, "reduced_motion": "reduce"}
PHONE = 768
PICTURES = Path(__file__).resolve().parent.parent / "test-results" / "pages"
# Neither pictures nor contrast are taken halfway through a change of colours. What is folded away never finishes,
# nor does what goes with scrolling.
SETTLE = """Promise.all(document.getAnimations()
    .filter(change => change.timeline === document.timeline && change.effect.target.checkVisibility())
    .map(change => change.finished.catch(() => null)))"""
# Chromium writes an error for every answer of 400 and above. Refused forms and missing pages are meant.
MEANT = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# Playwright keeps an event loop running in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# A busy machine takes longer to answer, which no test is about.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Replaces pytest-playwright's, which would want a browser of its own."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        missing = (
            f"No Chromium on this machine. Install one of {', '.join(BROWSERS)} to run the browser tests."
        )
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return {"executable_path": chromium, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def usual_context(browser: Browser, live_server: LiveServer) -> BrowserContext:
    """The context of all tests that ask for nothing particular: it fetches style sheets and scripts once."""
    return _with_patience(browser.new_context(base_url=live_server.url, **USUAL))


@pytest.fixture
def context(request: pytest.FixtureRequest, live_server: LiveServer) -> Iterator[BrowserContext]:
    """Signed out and as new. One of the test's own where it has the mark `browser_context_args`, or is recorded."""
    recorded = any(request.config.getoption(option) != "off" for option in ("tracing", "video", "screenshot"))
    if recorded or request.node.get_closest_marker("browser_context_args"):
        new_context = request.getfixturevalue("new_context")
        yield _with_patience(new_context(base_url=live_server.url, **USUAL))
        return
    usual: BrowserContext = request.getfixturevalue("usual_context")
    yield usual
    for page in usual.pages:
        page.close()
    usual.clear_cookies()
    usual.clear_permissions()


def _with_patience(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(PATIENCE)
    return context


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
    _forget(opened)


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
def inspect(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`inspect(page, "sign-in")`: axe finds nothing in either theme at any width, and nothing scrolls sideways.

    With --pictures it keeps screenshots under test-results/pages/, to be looked at. `widths` may be fewer where
    a page has few.
    """
    keeps_pictures = request.config.getoption("--pictures")

    def look(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> None:
        before = page.viewport_size
        assert before
        expect(page.locator(".htmx-request")).to_have_count(0)  # what was asked for has come
        for place, width in enumerate(widths):
            page.set_viewport_size({"width": width, "height": before["height"]})
            known = any(other < PHONE for other in widths[:place]) and width < PHONE
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.evaluate(SETTLE)
                if keeps_pictures:
                    page.screenshot(path=PICTURES / f"{name}-{theme}-{width}.png")
                rules = RULES if theme == "light" else COLOUR_RULES
                if known:
                    rules = PLACE_RULES if theme == "light" else []
                but = ALIKE if place or theme == "dark" else []
                _check(page, f"{name}, {theme}, {width} px", rules, but)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    return look


def _forget(page: Page) -> None:
    """What the page has stored in its browser is gone."""
    address = urlsplit(page.url)
    if address.scheme == "http":
        origin = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "local_storage"}
        page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", origin)


def _check(page: Page, where: str, rules: list[str], but: list[list[str]]) -> None:
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    if rules:
        asked = {"runOnly": rules, "resultTypes": ["violations"]}
        found = page.evaluate("([but, asked]) => axe.run({exclude: but}, asked)", [but, asked])
        violations = [
            f"{violation['id']}: {violation['help']}: {node['html'][:300]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not violations, f"{where}\n" + "\n".join(violations)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"{where}: the page scrolls sideways by {sideways} px"
