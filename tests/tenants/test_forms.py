"""Forms of a tenant's rows: what Django would leave unchecked, and whose rows they offer."""

from __future__ import annotations

import pytest
from django import forms
from django.db import IntegrityError

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from marketing.models import Segment
from tenants.context import NoTenant, tenant
from tenants.forms import TenantModelForm
from tenants.models import Membership, Tenant


class SegmentForm(TenantModelForm[Segment]):
    refusals = {"marketing_segment_name": ("name", "There is one with this name already.")}

    class Meta:
        model = Segment
        fields = ["name"]


class CustomerForm(TenantModelForm[Customer]):
    class Meta:
        model = Customer
        fields = ["name", "reference", "segment", "responsible_manager"]


class OperationForm(TenantModelForm[Operation]):
    class Meta:
        model = Operation
        fields = ["by"]


def test_a_constraint_on_the_tenant_and_a_derived_field_is_checked(in_acme: Tenant) -> None:
    """Neither is a field of the form, so Django's ModelForm would skip the constraint and save would fail."""
    Segment.objects.create(name="Straße")
    form = SegmentForm({"name": " STRASSE "})
    assert not form.is_valid()
    assert form.errors == {"name": ["There is one with this name already."]}

    class Stock(forms.ModelForm):  # type: ignore[type-arg]
        class Meta:
            model = Segment
            fields = ["name"]

    assert Stock({"name": "STRASSE"}).is_valid(), "what the stock form would have let pass"


def test_the_same_name_in_another_company_is_no_obstacle(acme: Tenant, globex: Tenant) -> None:
    with tenant(globex), operation("edit", by=None):
        Segment.objects.create(name="Straße")
    with tenant(acme):
        assert SegmentForm({"name": "Straße"}).is_valid()


def test_an_instance_does_not_stand_in_its_own_way(in_acme: Tenant) -> None:
    segment = Segment.objects.create(name="Straße")
    form = SegmentForm({"name": "STRASSE"}, instance=segment)
    assert form.is_valid(), form.errors
    form.save()
    segment.refresh_from_db()
    assert (segment.name, segment.name_key) == ("STRASSE", "strasse")


def test_who_is_slower_gets_the_same_error_on_the_field(in_acme: Tenant) -> None:
    form = SegmentForm({"name": "Straße"})
    assert form.is_valid()
    Segment.objects.create(name="STRASSE")  # somebody else, after the check
    assert form.try_save() is None
    assert form.errors == {"name": ["There is one with this name already."]}
    assert Segment.objects.filter(name_key="strasse").count() == 1


def test_a_broken_constraint_nobody_expected_is_no_form_error(
    in_acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SegmentForm, "refusals", {})
    form = SegmentForm({"name": "Straße"})
    assert form.is_valid()
    Segment.objects.create(name="STRASSE")
    with pytest.raises(IntegrityError):
        form.try_save()


def test_choices_are_those_of_the_active_company(acme: Tenant, globex: Tenant) -> None:
    offered = {}
    for company in (acme, globex):
        with tenant(company):
            form = CustomerForm()
            for name in ("segment", "responsible_manager"):
                field = form.fields[name]
                assert isinstance(field, forms.ModelChoiceField)
                assert field.queryset is not None
                offered[company, name] = set(field.queryset.values_list("tenant_id", flat=True))
    for (company, _), tenants in offered.items():
        assert tenants == {company.pk}


def test_a_forged_choice_of_another_company_is_refused(acme: Tenant, globex: Tenant) -> None:
    with tenant(globex):
        segment = Segment.objects.order_by("pk")[0].pk
    theirs = Membership.objects.get(tenant=globex).pk
    with tenant(acme), operation("add", by=None):
        form = CustomerForm({"name": "Birch", "segment": segment, "responsible_manager": theirs})
        assert not form.is_valid()
        assert set(form.errors) == {"segment", "responsible_manager"}


def test_a_choice_among_rows_of_no_company_has_to_be_thought_about(in_acme: Tenant) -> None:
    with pytest.raises(TypeError, match="choices_for"):
        OperationForm()


def test_without_a_company_there_is_no_form(acme: Tenant) -> None:
    with pytest.raises(NoTenant):
        CustomerForm()
