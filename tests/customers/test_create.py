"""Adding a customer by the short form: /customers/add/."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from customers.forms import ShortForm
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import add_customer
from tests.people import lists_of

Filled = Callable[..., dict[str, Any]]
ADD = "/acme/customers/add/"


def customers_of(company: Tenant) -> list[Customer]:
    with tenant(company):
        return list(Customer.objects.select_related("segment"))


def operations_of(company: Tenant) -> int:
    with tenant(company):
        return Operation.objects.count()


def test_a_customer_is_added_and_its_profile_opens(acme: Tenant, agent: Client, short_form: Filled) -> None:
    answer = agent.post(ADD, short_form(reference="B-7", email="a@birch.example"), follow=True)
    [customer] = customers_of(acme)
    assert (customer.name, customer.reference, customer.email) == ("Birch Foods", "B-7", "a@birch.example")
    assert answer.redirect_chain == [(f"/acme/customers/{customer.pk}/", 302)]
    assert "Birch Foods was added." in answer.content.decode()


def test_adding_is_an_operation_of_the_person(
    acme: Tenant, people: dict[str, User], agent: Client, short_form: Filled
) -> None:
    agent.post(ADD, short_form())
    [customer] = customers_of(acme)
    with tenant(acme):
        assert (customer.last_operation.kind, customer.last_operation.by) == ("add", people["agent"])


def test_the_form_starts_with_the_tenants_defaults_and_oneself(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme):
        defaults = {name: entry.pk for name, entry in lists_of(acme).items()}
        oneself = Membership.objects.get(tenant=acme, user=people["agent"]).pk
    form = agent.get(ADD).context["form"]
    assert {name: form[name].value() for name in defaults} == defaults
    assert form["responsible_manager"].value() == oneself


def test_only_the_name_has_to_be_typed(acme: Tenant, agent: Client) -> None:
    form = agent.get(ADD).context["form"]
    shown = {field.html_name: field.value() or "" for field in form}
    agent.post(ADD, {**shown, "name": "Birch Foods"})
    assert [customer.name for customer in customers_of(acme)] == ["Birch Foods"]


@pytest.mark.parametrize("missing", ["name", "segment", "status", "channel", "responsible_manager"])
def test_the_five_are_mandatory(acme: Tenant, agent: Client, short_form: Filled, missing: str) -> None:
    answer = agent.post(ADD, short_form(**{missing: ""}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [missing]
    assert not customers_of(acme)


def test_the_page_says_what_is_mandatory(agent: Client) -> None:
    page = agent.get(ADD).content.decode()
    assert "Required: Customer name, kind, segment, status, attracting channel, responsible manager." in page


def test_the_tenant_decides_what_is_mandatory(acme: Tenant, agent: Client, short_form: Filled) -> None:
    with tenant(acme), operation("settings", by=None):
        acme.mandatory_fields = ["email", "website"]
        acme.save()
    answer = agent.post(ADD, short_form(segment="", status="", channel="", responsible_manager=""))
    assert set(answer.context["form"].errors) == {"email", "website"}
    agent.post(ADD, short_form(segment="", email="a@birch.example", website="birch.example"))
    [customer] = customers_of(acme)
    assert (customer.segment, customer.website) == (None, "https://birch.example")


def test_a_retired_entry_is_not_offered(acme: Tenant, people: dict[str, User], agent: Client) -> None:
    with tenant(acme), operation("settings", by=people["manager"]):
        Segment.objects.get(name="Enterprise").retire()
    page = agent.get(ADD).content.decode()
    assert "Mid-market" in page
    assert "Enterprise" not in page


def test_entries_carry_their_colour(agent: Client) -> None:
    assert 'data-colour="teal">Small business</option>' in agent.get(ADD).content.decode()


def test_the_page_reminds_that_many_can_be_imported(
    people: dict[str, User], agent: Client, signed_in: Callable[[User], Client]
) -> None:
    assert "Have many? A manager of your company can import them" in agent.get(ADD).content.decode()
    page = signed_in(people["manager"]).get(ADD).content.decode()
    assert 'Have many? <a href="/acme/imports/new/">Import them from CSV or Excel</a>' in page


def test_advanced_edit_saves_and_goes_on_to_the_edit_page(
    acme: Tenant, agent: Client, short_form: Filled
) -> None:
    answer = agent.post(ADD, short_form(advanced="1"))
    [customer] = customers_of(acme)
    assert answer["Location"] == f"/acme/customers/{customer.pk}/edit/"


def test_viewers_may_not_add(acme: Tenant, viewer: Client, short_form: Filled) -> None:
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(ADD, short_form()).status_code == 403
    assert not customers_of(acme)


def test_strangers_find_no_form(acme: Tenant, bob: User, signed_in: Any, short_form: Filled) -> None:
    assert signed_in(bob).post(ADD, short_form()).status_code == 404
    assert not customers_of(acme)


# What people type


def test_text_is_trimmed_and_normalised(acme: Tenant, agent: Client, short_form: Filled) -> None:
    agent.post(ADD, short_form(name="  A\u0308rzte  ", reference=" 007 "))
    [customer] = customers_of(acme)
    assert (customer.name, customer.reference) == ("Ärzte", "007")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "This field is required"),
        ("   \t ", "This field is required"),
        ("\u200b\u00a0\u2800", "Give a name that can be read"),
        ("x" * 10_000, "at most 200 characters (it has 10000)"),
        ("Birch\x00Foods", "Null characters are not allowed"),
        ("Birch\x07Foods", "control characters are not allowed"),
        ("Birch\nFoods", "control characters are not allowed"),
        ("Birch \u202esdooF", "control characters are not allowed"),  # turns the text after it around
    ],
)
def test_a_name_nobody_can_use_is_refused(
    acme: Tenant, agent: Client, short_form: Filled, name: str, words: str
) -> None:
    operations = operations_of(acme)
    answer = agent.post(ADD, short_form(name=name))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not customers_of(acme)
    assert operations_of(acme) == operations


@pytest.mark.parametrize("field", ["reference", "email", "phone"])
def test_nul_and_control_characters_are_refused_everywhere(
    acme: Tenant, agent: Client, short_form: Filled, field: str
) -> None:
    for text in ("a\x00b@c.example", "a\x1bb@c.example"):
        answer = agent.post(ADD, short_form(**{field: text}))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
    assert not customers_of(acme)


@pytest.mark.parametrize("email", ["anna@", "anna", "a@b@c.example", "x" * 250 + "@a.example"])
def test_what_is_no_address_is_refused(acme: Tenant, agent: Client, short_form: Filled, email: str) -> None:
    answer = agent.post(ADD, short_form(email=email))
    assert list(answer.context["form"].errors) == ["email"]
    assert not customers_of(acme)


def test_a_domain_with_an_umlaut_is_an_address(acme: Tenant, agent: Client, short_form: Filled) -> None:
    agent.post(ADD, short_form(email="anna@münchen.example"))
    assert customers_of(acme)[0].email == "anna@münchen.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("030 23125-000", "+493023125000"),
        ("+1 212 555 0100", "+12125550100"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_number_is_read_as_of_the_tenants_country(
    acme: Tenant, agent: Client, short_form: Filled, typed: str, kept: str
) -> None:
    agent.post(ADD, short_form(phone=typed))
    assert customers_of(acme)[0].phone == kept


def test_a_phone_number_nobody_understands_is_kept_with_a_warning(
    acme: Tenant, agent: Client, short_form: Filled
) -> None:
    answer = agent.post(ADD, short_form(phone="ask <reception>"), follow=True)
    assert customers_of(acme)[0].phone == "ask <reception>"
    page = answer.content.decode()
    assert "kept as typed" in page
    assert "<reception>" not in page


def test_a_namesake_is_pointed_out_after_saving(
    acme: Tenant, alder: Customer, agent: Client, short_form: Filled
) -> None:
    answer = agent.post(ADD, short_form(name="ALDER bikes"), follow=True)
    assert len(customers_of(acme)) == 2
    assert f'<a href="/acme/customers/{alder.pk}/">Alder Bikes</a>' in answer.content.decode()


def test_what_was_typed_stays_on_a_refused_form(agent: Client, short_form: Filled) -> None:
    page = agent.post(ADD, short_form(name="", reference="KEEP-1", phone="030 23125-000")).content.decode()
    assert 'value="KEEP-1"' in page
    assert 'value="030 23125-000"' in page


# Forged values


def test_another_tenants_segment_is_refused(
    acme: Tenant, globex: Tenant, agent: Client, short_form: Filled
) -> None:
    with tenant(globex):
        theirs = Segment.objects.first()
    assert theirs
    answer = agent.post(ADD, short_form(segment=theirs.pk))
    assert list(answer.context["form"].errors) == ["segment"]
    assert not customers_of(acme)


@pytest.mark.parametrize("field", ["responsible_manager", "service_manager"])
def test_a_manager_who_is_no_member_is_refused(
    acme: Tenant, globex: Tenant, agent: Client, short_form: Filled, field: str
) -> None:
    stranger = Membership.objects.get(tenant=globex)
    answer = agent.post(ADD, short_form(**{field: stranger.pk}))
    assert list(answer.context["form"].errors) == [field]
    assert not customers_of(acme)


@pytest.mark.parametrize("forged", ["x", "9" * 30, "-1", "1e9", "\x00", "[]"])
def test_a_malformed_choice_is_refused(acme: Tenant, agent: Client, short_form: Filled, forged: str) -> None:
    for field in ("segment", "responsible_manager", "kind"):
        answer = agent.post(ADD, short_form(**{field: forged}))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
    assert not customers_of(acme)


def test_derived_and_foreign_fields_cannot_be_sent_along(
    acme: Tenant, globex: Tenant, agent: Client, short_form: Filled
) -> None:
    agent.post(ADD, short_form(tenant=globex.pk, disabled_reason="x", search="x", id=77))
    [customer] = customers_of(acme)
    assert (customer.tenant_id, customer.disabled_reason) == (acme.pk, "")
    assert customer.pk != 77
    assert customer.search.startswith("birch foods")


def test_a_tenants_customer_is_not_anothers_namesake(
    acme: Tenant, globex: Tenant, bob: User, agent: Client, short_form: Filled
) -> None:
    add_customer(globex, bob, name="Birch Foods", reference="B-7")
    answer = agent.post(ADD, short_form(reference="B-7"), follow=True)
    assert "already" not in answer.content.decode()
    assert len(customers_of(acme)) == 1


@pytest.mark.parametrize("field", ["segment", "status", "channel"])
def test_an_entry_deleted_while_somebody_saves_is_an_error_of_its_field(
    acme: Tenant, people: dict[str, User], short_form: Filled, field: str
) -> None:
    data = short_form()
    with tenant(acme), operation("add", by=people["agent"]):
        form = ShortForm(data, instance=Customer(), by=Membership.objects.get(user=people["agent"]))
        assert form.is_valid()
        chosen = form.cleaned_data[field]
        type(chosen).objects.filter(pk=chosen.pk).delete()
        assert form.try_save() is None
        assert form.errors == {field: ["This is no longer there. Choose another."]}
        assert not Customer.objects.exists()
