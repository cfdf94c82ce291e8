"""The tags that templates use everywhere."""

from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch
from lucide import IconDoesNotExist

from tenants.templatetags.ui import hue, icon, initials, invalid_fields


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_an_icon_is_hidden_from_readers_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("x")
    named = icon("key-round", 14, "key", "Main address")
    assert 'role="img"' in named
    assert 'aria-label="Main address"' in named
    assert 'width="14"' in named
    assert 'class="icon key"' in named


def test_an_icons_label_is_escaped() -> None:
    assert '"><script>' not in icon("x", 16, "", '"><script>')


def test_an_icon_has_no_style_that_the_content_policy_would_refuse() -> None:
    assert "style=" not in icon("circle-alert")


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(IconDoesNotExist):
        icon("no-such-icon")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alder Bikes Group", "AB"),
        ("Northwind", "NO"),
        ("“Quoted” & Sons", "SO"),
        ("élan vital", "ÉV"),
        ("7 Seas", "7S"),
        ("X", "X"),
        ("", "?"),
        ("…", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_hue_stays_with_its_value() -> None:
    assert hue("northwind") == hue("northwind")
    assert {hue(str(number)) for number in range(200)} == set(range(6))


def test_a_public_address_leaves_the_tenants_prefix_out() -> None:
    request = RequestFactory().get("/")
    request.tenant = SimpleNamespace(slug="acme")  # type: ignore[attr-defined]
    with override_script_prefix("/acme/"):
        assert render('{% public_url "account_logout" %}', request=request) == "/accounts/logout/"


def test_a_public_address_keeps_the_installations_own_prefix() -> None:
    request = RequestFactory().get("/")
    request.tenant = SimpleNamespace(slug="acme")  # type: ignore[attr-defined]
    with override_script_prefix("/crm/acme/"):
        assert render('{% public_url "account_logout" %}', request=request) == "/crm/accounts/logout/"


def test_a_public_address_without_a_tenant_or_a_request() -> None:
    assert render('{% public_url "account_logout" %}') == "/accounts/logout/"


def test_a_tenants_page_has_no_public_address() -> None:
    with pytest.raises(NoReverseMatch):
        render('{% public_url "dashboard" %}')


class Filter(forms.Form):
    name = forms.CharField()
    kind = forms.MultipleChoiceField(
        choices=[("c", "Company"), ("p", "Person")], widget=forms.CheckboxSelectMultiple
    )


def test_a_form_starts_with_a_summary_that_links_to_each_field() -> None:
    form = Filter({"kind": ["c"], "name": ""})
    assert [field.name for field in invalid_fields(form)] == ["name"]
    html = str(form)
    assert '<a href="#id_name">Name</a>' in html
    assert 'role="alert"' in html
    assert html.index("data-error-summary") < html.index("<input")


def test_a_field_says_what_is_wrong_with_it_and_to_whom() -> None:
    html = Filter({"kind": ["c"], "name": ""})["name"].as_field_group()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert "data-error-summary" not in str(Filter())
