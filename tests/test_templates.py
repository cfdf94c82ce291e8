"""Every template: it parses, and nothing in it would be refused by the content policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))

INLINE = {
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "script without a file": re.compile(r"<script(?![^>]*\ssrc=)[\s>]", re.IGNORECASE),
    "event handler": re.compile(r"<[a-z][^>]*\s(on[a-z]+|hx-on[a-z:-]*)\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx value": re.compile(r"""hx-(vals|headers|vars)=["'](js|javascript):""", re.IGNORECASE),
    "address of another site": re.compile(
        r"""<(script|link|img)[^>]*\s(src|href)=["'](https?:)?//""", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_parses(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_in_it_is_inline(name: str) -> None:
    source = (ROOT / name).read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(source)] == []


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "405.html", "500.html"]
)
def test_an_error_page_needs_neither_a_request_nor_the_database(name: str) -> None:
    html = get_template(name).render()
    assert "<h1>" in html
    assert "Clientele" in html


@pytest.mark.django_db
def test_a_form_that_is_older_than_the_sign_in_is_answered_with_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a@b.example"})
    assert answer.status_code == 403
    assert "Go back, reload that page, and send it again" in answer.content.decode()
