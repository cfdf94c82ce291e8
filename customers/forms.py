from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BoundField
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from customers.fields import (
    CountField,
    DayField,
    EntrySelect,
    LanguageField,
    MailField,
    MemberSelect,
    ParagraphField,
    PhoneField,
    TimezoneField,
    WebsiteField,
    is_visible,
)
from customers.models import Customer
from history.forms import TrackedModelForm
from marketing.models import Channel, Entry, Segment, Status
from tenants.models import Membership
from tenants.phones import parse

ENTRIES: dict[str, type[Entry]] = {"segment": Segment, "status": Status, "channel": Channel}
LISTS = {"segment": "marketing:segments", "status": "marketing:statuses", "channel": "marketing:channels"}
CONTACT = ["email", "phone"]
DETAILS = ["website", "language", "timezone", "customer_since", "employees"]
IDENTITY = ["name", "kind", "reference"]
MANAGERS = ["responsible_manager", "service_manager"]
MARKETING = [*LISTS]

Group = tuple[str, list[str]]  # a heading and the fields below it


def taken_reference(form: CustomerForm) -> SafeString:
    """Who has the reference that the form asks for, as a link."""
    others = Customer.objects.by_reference(form.instance.reference).exclude(pk=form.instance.pk)
    return taken_by(others.first())


def taken_by(other: Customer | None) -> SafeString:
    if other is None:
        return SafeString("Another customer has this reference. Give another one.")
    return format_html(
        'This reference belongs to <a href="{}">{}</a>. Give another one.',
        other.get_absolute_url(),
        other.name,
    )


class CustomerForm(TrackedModelForm[Customer]):
    """Everything of a customer that is typed in. `by` is the member who types.

    What the tenant calls mandatory is required, whichever fields a subclass shows.
    """

    refusals: ClassVar = {
        "customers_customer_reference": ("reference", taken_reference),
        **{
            f"customers_customer_{name}_fk": (name, "This is no longer there. Choose another.")
            for name in [*LISTS, *MANAGERS]
        },
    }
    shown: ClassVar[list[str]] = []  # of Meta.fields; empty for all. Mandatory ones are always shown.
    groups: ClassVar[list[Group]] = [
        ("Customer information", [*IDENTITY, *CONTACT, *DETAILS]),
        ("Marketing", MARKETING),
        ("Managers", MANAGERS),
    ]

    class Meta:
        model = Customer
        fields = [*IDENTITY, *CONTACT, *DETAILS, *MARKETING, *MANAGERS]
        field_classes = {
            "email": MailField,
            "phone": PhoneField,
            "website": WebsiteField,
            "language": LanguageField,
            "timezone": TimezoneField,
            "customer_since": DayField,
            "employees": CountField,
        }
        widgets = {
            **dict.fromkeys(LISTS, EntrySelect),
            **dict.fromkeys(MANAGERS, MemberSelect),
        }

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)
        self.require_mandatory(by.tenant.mandatory_fields)
        self.offer_choices()
        if "phone" in self.fields:
            self.fields["phone"].country = by.tenant.country  # type: ignore[attr-defined]

    def require_mandatory(self, mandatory: list[str]) -> None:
        for name in list(self.fields):
            if name in mandatory:
                self.fields[name].required = True
            elif self.shown and name not in {*self.shown, "seen"}:
                del self.fields[name]

    def offer_choices(self) -> None:
        for name in ("language", "timezone"):
            if name in self.fields:
                self.fields[name].keep(getattr(self.instance, name))  # type: ignore[attr-defined]
        for name in [*LISTS, *MANAGERS]:
            if name in self.fields:
                required, chosen = self.fields[name].required, self.initial.get(name)
                empty = "Choose one" if required else "Nobody" if name in MANAGERS else "None"
                self.fields[name].empty_label = None if required and chosen else empty  # type: ignore[attr-defined]
        for name, url_name in LISTS.items():
            if name in self.fields and self.by.user.has_perm(f"marketing.add_{name}"):
                self.fields[name].help_text = format_html(
                    '<a href="{}">Add a {}</a>', reverse(url_name), name
                )

    def choices_for(self, name: str) -> Any:
        """Entries that are not retired, and the one the customer has."""
        choices = super().choices_for(name)
        if issubclass(choices.model, Entry):
            present = getattr(self.instance, f"{name}_id")
            return choices.filter(Q(retired_at=None) | Q(pk=present))
        return choices

    @property
    def sections(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under their headings; headings without fields are left out."""
        sections = [
            (title, [self[name] for name in names if name in self.fields]) for title, names in self.groups
        ]
        return [section for section in sections if section[1]]

    @property
    def mandatory(self) -> str:
        """The labels of the required fields, as part of a sentence."""
        labels = [str(field.label) for field in self if field.field.required]
        return (
            ", ".join([labels[0], *(label[:1].lower() + label[1:] for label in labels[1:])]) if labels else ""
        )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not is_visible(name):
            raise ValidationError("Give a name that can be read.", code="invisible")
        return name

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"]
        if reference:
            others = Customer.objects.by_reference(reference).exclude(pk=self.instance.pk)
            if other := others.first():
                raise ValidationError(taken_by(other), code="reference_taken")
        return reference

    def warnings(self) -> list[str]:
        """What the person should know about the saved customer. At most one query."""
        found = []
        phone = self.instance.phone
        if "phone" in self.changed_data and phone and not parse(phone, self.by.tenant.country):
            found.append(
                f"The phone number is kept as typed: “{phone}” is no number that can be dialled from elsewhere."
            )
        if others := self.namesakes():
            links = format_html_join(
                ", ", '<a href="{}">{}</a>', ((c.get_absolute_url(), c.name) for c in others)
            )
            found.append(format_html("There is a customer of the same name or e-mail already: {}.", links))
        return found

    def namesakes(self) -> list[Customer]:
        return []


def starting_values(by: Membership) -> dict[str, Any]:
    """What a new customer starts with: the tenant's defaults, and who adds it as the responsible manager."""
    return {"responsible_manager": by.pk, **{name: model.default() for name, model in ENTRIES.items()}}


class ShortForm(CustomerForm):
    """What adding a customer needs."""

    shown: ClassVar = [*IDENTITY, *CONTACT, *MARKETING, *MANAGERS]

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, by=by, initial=starting_values(by), **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = not self.is_bound

    def namesakes(self) -> list[Customer]:
        """Other customers who have this one's name or e-mail address, at most three."""
        return list(Customer.objects.like(self.instance)[:3])


class MarketingForm(CustomerForm):
    """The Marketing tab: how the customer is classified, and whether promotional e-mails are welcome."""

    groups: ClassVar = [("", [*MARKETING, "receive_promotional_emails"])]

    class Meta(CustomerForm.Meta):
        fields = [*MARKETING, "receive_promotional_emails"]


class DisableForm(forms.Form):
    reason = ParagraphField(
        max_length=500, help_text="Your colleagues see it on the customer's page. 500 characters at most."
    )
