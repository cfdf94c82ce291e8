"""Editing a customer: /customers/<id>/edit/."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django import forms
from django.test import Client

from customers.models import Customer
from customers.sections import Mistake
from history.models import Operation
from history.operations import operation
from marketing.models import Segment
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import add_customer


def edit_url(customer: Customer) -> str:
    return f"/acme/customers/{customer.pk}/edit/"


def shown(client: Client, customer: Customer) -> dict[str, Any]:
    """What the edit page's form would send if nothing were changed."""
    form = client.get(edit_url(customer)).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def kept(company: Tenant, customer: Customer) -> Customer:
    with tenant(company):
        return Customer.objects.select_related("segment", "last_operation").get(pk=customer.pk)


def test_every_field_of_the_page_is_saved_in_one_operation(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme):
        segment = Segment.objects.get(name="Enterprise")
        service = Membership.objects.get(tenant=acme, user=people["agent"])
        operations = Operation.objects.count()
    changes = {
        "name": "Alder Group",
        "kind": "individual",
        "reference": "C-2",
        "email": "new@alder.example",
        "phone": "030 23125-000",
        "website": "alder.example",
        "language": "de",
        "timezone": "Europe/Berlin",
        "customer_since": "2019-05-14",
        "employees": "1,200",
        "segment": segment.pk,
        "service_manager": service.pk,
    }
    answer = agent.post(edit_url(alder), {**shown(agent, alder), **changes}, follow=True)
    assert "Alder Group was saved." in answer.content.decode()
    customer = kept(acme, alder)
    found = {name: getattr(customer, name) for name in changes if name not in ("segment", "service_manager")}
    assert found == {
        **{name: changes[name] for name in found},
        "phone": "+493023125000",
        "website": "https://alder.example",
        "customer_since": date(2019, 5, 14),
        "employees": 1200,
    }
    assert (customer.segment, customer.service_manager_id) == (segment, service.pk)
    assert customer.sort_name == "alder group"
    with tenant(acme):
        assert Operation.objects.count() == operations + 1


def test_saving_without_a_change_writes_nothing(acme: Tenant, alder: Customer, agent: Client) -> None:
    answer = agent.post(edit_url(alder), shown(agent, alder), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert kept(acme, alder).last_operation_id == alder.last_operation_id


def test_a_phone_number_shown_grouped_is_not_a_change(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    customer = add_customer(acme, people["manager"], phone="+493023125000")
    data = shown(agent, customer)
    assert 'value="+49 30 23125000"' in agent.get(edit_url(customer)).content.decode()
    agent.post(edit_url(customer), {**data, "phone": "+49 30 23125000"})
    assert kept(acme, customer).last_operation_id == customer.last_operation_id


def test_a_refused_edit_changes_nothing_and_keeps_what_was_typed(
    acme: Tenant, alder: Customer, agent: Client
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "name": "", "reference": "TYPED"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="TYPED"' in page
    assert f'<a href="/acme/customers/{alder.pk}/">Alder Bikes</a>' in page, "the page keeps the kept name"
    assert kept(acme, alder).reference == "C-1"


def test_a_retired_segment_stays_with_the_customer_who_has_it(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    with tenant(acme), operation("settings", by=people["manager"]):
        retired = Segment.objects.get(name="Small business")
        retired.retire()
    agent.post(edit_url(alder), {**shown(agent, alder), "name": "Alder"})
    assert kept(acme, alder).segment == retired


def test_an_unknown_language_from_elsewhere_stays(
    acme: Tenant, people: dict[str, User], agent: Client
) -> None:
    customer = add_customer(acme, people["manager"], language="pt-BR")
    agent.post(edit_url(customer), {**shown(agent, customer), "name": "Alder"})
    assert kept(acme, customer).language == "pt-BR"


@pytest.mark.parametrize(
    ("field", "typed"), [("language", "xx"), ("timezone", "Mars/Base"), ("website", "nope")]
)
def test_what_is_none_is_refused(
    acme: Tenant, alder: Customer, agent: Client, field: str, typed: str
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), field: typed})
    assert list(answer.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2024-02-30", "This is no date. Write it like 2024-12-31."),
        ("1899-12-31", "This is before 1900. Give a later day."),
        ("9999-12-31", "This day is still to come. Give today or an earlier one."),
    ],
)
def test_a_day_that_can_not_be_is_refused(
    acme: Tenant, alder: Customer, agent: Client, typed: str, message: str
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "customer_since": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"customer_since": [message]}
    assert kept(acme, alder).customer_since is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("some", "This is no whole number. Write it like 1,200 or 1200."),
        ("12.5", "This is no whole number. Write it like 1,200 or 1200."),
        ("51-200", "This is no whole number. Write it like 1,200 or 1200."),
        ("-1", "Give 0 or more."),
        ("100,000,001", "Give 100,000,000 or less."),
        ("9" * 40, "Give 100,000,000 or less."),
    ],
)
def test_so_many_employees_as_can_not_be_are_refused(
    acme: Tenant, alder: Customer, agent: Client, typed: str, message: str
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "employees": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"employees": [message]}
    assert kept(acme, alder).employees is None


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("100000000", 100_000_000), ("1 200", 1200)])
def test_employees_are_counted_from_none_to_very_many(
    acme: Tenant, alder: Customer, agent: Client, typed: str, number: int
) -> None:
    agent.post(edit_url(alder), {**shown(agent, alder), "employees": typed})
    assert kept(acme, alder).employees == number
    again = agent.post(edit_url(alder), shown(agent, alder), follow=True)
    assert "Nothing was changed." in again.content.decode()
    agent.post(edit_url(alder), {**shown(agent, alder), "employees": ""})
    assert kept(acme, alder).employees is None


def test_employees_are_shown_and_told_as_the_company_writes_numbers(
    acme: Tenant, alder: Customer, agent: Client
) -> None:
    agent.post(edit_url(alder), {**shown(agent, alder), "employees": "1200"})
    page = agent.get(f"/acme/customers/{alder.pk}/").content.decode()
    assert "<dt>Employees</dt><dd>1,200</dd>" in page
    agent.post(edit_url(alder), {**shown(agent, alder), "employees": "0"})
    page = agent.get(f"/acme/customers/{alder.pk}/").content.decode()
    assert "<dt>Employees</dt><dd>0</dd>" in page
    history = agent.get(f"/acme/customers/{alder.pk}/history/").content.decode()
    assert re.search(r"<dt>Employees</dt><dd><del>1,200</del>.*?<ins>0</ins>", history)


def test_today_is_told_in_the_time_zone_of_the_company(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    """Somewhere it is tomorrow already, and somewhere still yesterday."""
    for zone, ahead in [("Pacific/Kiritimati", timedelta(hours=14)), ("Pacific/Niue", -timedelta(hours=11))]:
        with tenant(acme), operation("settings", by=people["manager"]):
            acme.timezone = zone
            acme.save()
        today = (datetime.now(UTC) + ahead).date()
        data = shown(agent, alder)
        refused = agent.post(edit_url(alder), {**data, "customer_since": str(today + timedelta(days=1))})
        assert refused.status_code == 422
        agent.post(edit_url(alder), {**data, "customer_since": str(today)})
        assert kept(acme, alder).customer_since == today


def test_a_day_is_shown_as_the_company_writes_it_and_told_when_it_changes(
    acme: Tenant, alder: Customer, agent: Client
) -> None:
    agent.post(edit_url(alder), {**shown(agent, alder), "customer_since": "2019-05-14"})
    page = agent.get(f"/acme/customers/{alder.pk}/").content.decode()
    assert '<dt>Customer since</dt><dd><time datetime="2019-05-14">May 14, 2019</time></dd>' in page
    assert 'value="2019-05-14"' in agent.get(edit_url(alder)).content.decode()
    history = agent.get(f"/acme/customers/{alder.pk}/history/").content.decode()
    assert "Customer since" in history
    assert "May 14, 2019" in history


def test_viewers_see_no_edit_and_may_not(alder: Customer, viewer: Client, acme: Tenant) -> None:
    assert viewer.get(edit_url(alder)).status_code == 403
    assert viewer.post(edit_url(alder), {"name": "X"}).status_code == 403
    assert kept(acme, alder).name == "Alder Bikes"


def test_strangers_find_nothing(alder: Customer, bob: User, signed_in: Any, acme: Tenant) -> None:
    stranger = signed_in(bob)
    assert stranger.get(edit_url(alder)).status_code == 404
    assert stranger.post(f"/globex/customers/{alder.pk}/edit/", {"name": "X"}).status_code == 404
    assert kept(acme, alder).name == "Alder Bikes"


# Two people at the same customer


def somebody_else_saves(company: Tenant, customer: Customer, by: User, **values: Any) -> None:
    with tenant(company), operation("edit", by=by):
        other = Customer.objects.get(pk=customer.pk)
        for name, value in values.items():
            setattr(other, name, value)
        other.save()


def test_what_somebody_saved_meanwhile_is_shown_and_not_overwritten(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    with tenant(acme):
        enterprise = Segment.objects.get(name="Enterprise")
    somebody_else_saves(
        acme, alder, people["manager"], name="Theirs", email="theirs@alder.example", segment=enterprise
    )
    answer = agent.post(edit_url(alder), {**data, "name": "Mine"})
    assert answer.status_code == 422
    conflicts = [(c.label, c.theirs, c.yours) for c in answer.context["form"].conflicts]
    assert conflicts == [
        ("Customer name", "Theirs", "Mine"),
        ("E-mail", "theirs@alder.example", ""),
        ("Segment", "Enterprise", ""),
    ]
    assert "Manager saved this while you were typing" in answer.content.decode()
    assert kept(acme, alder).name == "Theirs"


def test_saving_again_confirms_and_keeps_their_other_changes(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    somebody_else_saves(acme, alder, people["manager"], name="Theirs", email="theirs@alder.example")
    form = agent.post(edit_url(alder), {**data, "name": "Mine"}).context["form"]
    again = {field.html_name: "" if field.value() is None else field.value() for field in form}
    assert agent.post(edit_url(alder), again).status_code == 302
    customer = kept(acme, alder)
    assert (customer.name, customer.email) == ("Mine", "theirs@alder.example")


def test_a_change_outside_the_form_is_no_conflict(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    somebody_else_saves(acme, alder, people["manager"], receive_promotional_emails=True)
    assert agent.post(edit_url(alder), {**data, "name": "Mine"}).status_code == 302
    customer = kept(acme, alder)
    assert (customer.name, customer.receive_promotional_emails) == ("Mine", True)


def test_two_who_typed_the_same_do_not_disagree(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    somebody_else_saves(acme, alder, people["manager"], name="Same")
    assert agent.post(edit_url(alder), {**data, "name": "Same"}).status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "0", "-1", "9" * 25])
def test_a_form_that_saw_nothing_must_be_confirmed(
    acme: Tenant, alder: Customer, agent: Client, seen: str
) -> None:
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "seen": seen, "name": "Mine"})
    assert answer.status_code == 422
    assert kept(acme, alder).name == "Alder Bikes"
    assert agent.post(edit_url(alder), dict(answer.context["form"].data.items())).status_code == 302
    assert kept(acme, alder).name == "Mine"


def test_a_customer_deleted_meanwhile_is_not_found(
    acme: Tenant, alder: Customer, people: dict[str, User], agent: Client
) -> None:
    data = shown(agent, alder)
    with tenant(acme):
        alder.remove(by=people["manager"])
    assert agent.post(edit_url(alder), data).status_code == 404


# Sections of other apps


class NoteSection(forms.Form):
    """A section as another app would add one."""

    slug, title = "note", "Note"
    mistakes: ClassVar[list[Mistake]] = []
    motto = forms.CharField(required=False, max_length=20)

    def __init__(self, customer: Customer, data: Any, by: Any) -> None:
        super().__init__(data, prefix="note", initial={"motto": ""})
        self.customer = customer

    def open(self, asked: Any) -> None:
        pass

    def warnings(self) -> list[str]:
        return []

    def forgive(self) -> None:
        pass

    def try_save(self) -> Any:
        if self.cleaned_data["motto"] == "refused":
            self.add_error("motto", "Not this one.")
            return None
        self.customer.custom_data = {"motto": self.cleaned_data["motto"]}
        self.customer.save(update_fields=["custom_data"])
        return self.customer


@pytest.fixture
def with_section(settings: Any) -> None:
    settings.CUSTOMER_SECTIONS = [f"{__name__}.NoteSection"]


def test_a_section_is_saved_in_the_same_operation(
    with_section: None, acme: Tenant, alder: Customer, agent: Client
) -> None:
    with tenant(acme):
        operations = Operation.objects.count()
    agent.post(edit_url(alder), {**shown(agent, alder), "name": "Alder", "note-motto": "Ride on"})
    customer = kept(acme, alder)
    assert (customer.name, customer.custom_data) == ("Alder", {"motto": "Ride on"})
    with tenant(acme):
        assert Operation.objects.count() == operations + 1


@pytest.mark.parametrize("motto", ["x" * 21, "refused"])
def test_when_a_section_is_wrong_nothing_is_saved(
    with_section: None, acme: Tenant, alder: Customer, agent: Client, motto: str
) -> None:
    with tenant(acme):
        operations = Operation.objects.count()
    answer = agent.post(edit_url(alder), {**shown(agent, alder), "name": "Alder", "note-motto": motto})
    assert answer.status_code == 422
    assert motto in answer.content.decode()
    assert kept(acme, alder).name == "Alder Bikes"
    with tenant(acme):
        assert Operation.objects.count() == operations
