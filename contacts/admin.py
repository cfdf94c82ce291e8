"""Admin pages of contacts and addresses. A row stays with its customer: which one that is, is chosen once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from contacts.models import ACCESS, COMMUNICATIONS, Address, AddressQuerySet, Contact, ContactQuerySet
from contacts.postal import PARTS
from customers.fields import (
    LanguageField,
    MailField,
    OpenChoiceField,
    ParagraphField,
    PhoneField,
    is_visible,
)
from history.admin import TrackedAdmin
from history.forms import TrackedModelForm
from lists.search import every_word
from tenants.admin import site
from tenants.countries import country_options
from tenants.models import Membership


class CountryField(OpenChoiceField):
    known = staticmethod(lambda: [(country.code, country.name) for country in country_options()])


class OfCustomer(TrackedModelForm[Any]):
    """What both forms do with their fields."""

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, PhoneField):
                field.country = getattr(self.instance, "country", "") or by.tenant.country
            if isinstance(field, OpenChoiceField):
                field.keep(getattr(self.instance, name))

    def _get_validation_exclusions(self) -> set[str]:
        """The customer counts too where it is only shown: one primary contact, one billing address."""
        return super()._get_validation_exclusions() - {"customer"}


class ContactAdminForm(OfCustomer):
    refusals: ClassVar = {
        "contacts_contact_primary": (
            "is_primary",
            "Another contact is the primary one. Untick that one first.",
        ),
        "contacts_contact_customer_fk": ("customer", "This is no longer there. Choose another."),
    }

    class Meta:
        model = Contact
        fields = ["customer", "name", "job_title", "relation", "email", "phone", "language", "is_primary"]
        field_classes = {
            "email": MailField,
            "phone": PhoneField,
            "language": LanguageField,
            "notes": ParagraphField,
        }

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not is_visible(name):
            raise ValidationError("Give a name that can be read.", code="invisible")
        return name


class AddressAdminForm(OfCustomer):
    refusals: ClassVar = {
        "contacts_address_billing": (
            "is_billing",
            "Another address is the billing address. Untick that one first.",
        ),
        "contacts_address_customer_fk": ("customer", "This is no longer there. Choose another."),
    }

    class Meta:
        model = Address
        fields = ["customer", "label", "country", "is_billing", "is_site"]
        field_classes = {
            "country": CountryField,
            "street": ParagraphField,
            "phone": PhoneField,
            "access_phone": PhoneField,
            "access_email": MailField,
            "access_instructions": ParagraphField,
        }


class CustomersAdmin(TrackedAdmin):
    """Rows that belong to a customer."""

    raw_id_fields = ("customer",)
    list_select_related = ("customer",)
    search_fields = ("search",)  # the box; what it finds is said below

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)

        class CompanyForm(made):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, by=request.membership, **options)  # type: ignore[attr-defined]

        return CompanyForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("customer",) if obj else ()


@admin.register(Contact, site=site)
class ContactAdmin(CustomersAdmin):
    form = ContactAdminForm
    list_display = ("name", "customer", "job_title", "email", "phone", "is_primary")
    list_filter = ("is_primary", "relation", *COMMUNICATIONS)
    fields = (
        "customer", "name", "job_title", "relation", "email", "phone", "language",
        "is_primary", *COMMUNICATIONS, "notes",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        assert isinstance(queryset, ContactQuerySet)
        return queryset.search(search_term), False


@admin.register(Address, site=site)
class AddressAdmin(CustomersAdmin):
    form = AddressAdminForm
    list_display = ("__str__", "customer", "postal_code", "city", "country", "is_billing", "is_site")
    list_filter = ("is_billing", "is_site")
    fields = ("customer", "label", "country", *PARTS, "phone", "is_billing", "is_site", *ACCESS)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Addresses of the customers that the words find: by name, reference, contact or address."""
        assert isinstance(queryset, AddressQuerySet)
        return every_word(queryset, search_term, "customer__search"), False
