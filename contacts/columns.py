"""The columns that a customer gains here: those of its primary contact, those of its billing address, and how many
there are of each."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery

from contacts import cells, parts
from contacts.filters import CountryFilter, MissingFilter, ReceivingFilter, countries_in_use
from contacts.models import COMMUNICATIONS, VIEW_ACCESS, Address, Contact
from contacts.widgets import PostalCodeWidget, RegionWidget
from customers.fields import language_choices
from lists.cells import choice, number, phone, yes_no
from lists.columns import Column, ColumnGroup
from lists.composed_filters import TextFilter
from lists.range_filters import NumberFilter
from lists.widgets import (
    ChoiceWidget,
    CountryWidget,
    EmailWidget,
    KnownWidget,
    ParagraphWidget,
    PhoneWidget,
    TextWidget,
    YesNoWidget,
)


def key() -> Subquery:
    """The customer's first address of which it is known how to get in."""
    addresses = Address.objects.with_access().filter(customer=OuterRef("pk"))
    return Subquery(addresses.billing_first().values("pk")[:1])


def width(model: type[models.Model], field: str) -> int | None:
    """The longest text the field takes."""
    return model._meta.get_field(field).max_length  # type: ignore[union-attr]


PRIMARY_CONTACT = ColumnGroup(
    "Primary contact",
    (
        Column(
            key="contact_name",
            label="Primary contact",
            expression="primary_contact__name",
            beside={"kind": "kind", "customer": F("name")},
            cell=cells.primary,
            synonyms=("contact", "contact name", "contact person", "contact full name", "attention", "attn"),
            help="Whom to talk to. An individual is their own contact: leave it blank.",
            example="Jane Roe",
            widget=partial(TextWidget, width(Contact, "name")),
            attribute="name",
        ),
        Column(
            key="contact_job_title",
            label="Contact job title",
            expression="primary_contact__job_title",
            synonyms=("contact title", "job title", "contact position", "position", "contact role"),
            example="Property manager",
            widget=partial(TextWidget, width(Contact, "job_title")),
            attribute="job_title",
        ),
        Column(
            key="contact_relation",
            label="Contact relation",
            expression="primary_contact__relation",
            cell=choice,
            synonyms=("contact type",),
            help="employee, tenant, letting agent or other.",
            example="letting agent",
            widget=partial(ChoiceWidget, Contact.Relation),
            attribute="relation",
        ),
        Column(
            key="contact_email",
            label="Contact e-mail",
            expression="primary_contact__email",
            synonyms=("contact mail", "contact e-mail address", "contact person e-mail"),
            example="jane.roe@example.com",
            widget=partial(EmailWidget, width(Contact, "email")),
            attribute="email",
        ),
        Column(
            key="contact_phone",
            label="Contact phone",
            expression="primary_contact__phone",
            cell=phone,
            synonyms=("contact telephone", "contact phone number", "contact tel", "contact mobile"),
            example="(+1) 212 555 0101",
            widget=partial(PhoneWidget, width(Contact, "phone")),
            attribute="phone",
        ),
        Column(
            key="contact_language",
            label="Contact language",
            expression="primary_contact__language",
            synonyms=("contact preferred language",),
            help="As a code (de) or in English (German).",
            example="en",
            widget=partial(KnownWidget, language_choices, "German"),
            attribute="language",
        ),
        *(
            Column(
                key=f"contact_{field}",
                label=f"Contact receives {label.lower()}",
                expression=f"primary_contact__{field}",
                cell=yes_no,
                synonyms=(f"receives {label.lower()}", f"contact gets {label.lower()}"),
                help="yes or no.",
                example="yes" if field == "receives_invoices" else "no",
                widget=YesNoWidget,
                attribute=field,
            )
            for field, label in COMMUNICATIONS.items()
        ),
    ),
    part=parts.PRIMARY_CONTACT,
    relations={"primary_contact": FilteredRelation("contacts", condition=Q(contacts__is_primary=True))},
    filters=lambda: {
        "receiving": ReceivingFilter("contacts", "Contact receives"),
        "missing": MissingFilter("contacts", "Missing", shown=False),
    },
)

ACCESS_COLUMNS = (
    Column(
        key="billing_access_name",
        label="Access contact",
        expression="billing_address__access_name",
        permission=VIEW_ACCESS,
        synonyms=("access contact name", "key contact", "key holder"),
        help="Who gives access to the billing address.",
        example="Sam Poe",
        widget=partial(TextWidget, width(Address, "access_name")),
        attribute="access_name",
    ),
    Column(
        key="billing_access_phone",
        label="Access phone",
        expression="billing_address__access_phone",
        permission=VIEW_ACCESS,
        cell=phone,
        synonyms=("access contact phone", "access telephone"),
        example="(+1) 212 555 0103",
        widget=partial(PhoneWidget, width(Address, "access_phone")),
        attribute="access_phone",
    ),
    Column(
        key="billing_access_email",
        label="Access e-mail",
        expression="billing_address__access_email",
        permission=VIEW_ACCESS,
        synonyms=("access contact e-mail", "access mail"),
        example="sam.poe@example.com",
        widget=partial(EmailWidget, width(Address, "access_email")),
        attribute="access_email",
    ),
    Column(
        key="billing_access_relation",
        label="Access contact is",
        expression="billing_address__access_relation",
        permission=VIEW_ACCESS,
        cell=choice,
        synonyms=("access relation", "access contact relation"),
        help="tenant, letting agent, neighbour or other.",
        example="neighbour",
        widget=partial(ChoiceWidget, Address.AccessRelation),
        attribute="access_relation",
    ),
    Column(
        key="billing_access_instructions",
        label="Access instructions",
        expression="billing_address__access_instructions",
        permission=VIEW_ACCESS,
        synonyms=("access notes", "key instructions"),
        help="How to get in.",
        example="Ring twice.",
        widget=partial(ParagraphWidget, width(Address, "access_instructions")),
        attribute="access_instructions",
    ),
)

BILLING_ADDRESS = ColumnGroup(
    "Billing address",
    (
        Column(
            key="billing_label",
            label="Billing address label",
            expression="billing_address__label",
            synonyms=("address label", "address name"),
            help="What you call the address: head office, warehouse, flat 3…",
            example="Head office",
            widget=partial(TextWidget, width(Address, "label")),
            attribute="label",
        ),
        Column(
            key="billing_street",
            label="Billing street",
            expression="billing_address__street",
            synonyms=(
                "billing address",
                "address",
                "street",
                "street address",
                "billing street address",
                "address 1",
                "address line 1",
                "billing address 1",
                "billing address line 1",
            ),
            help="Street and number; several lines in one cell.",
            example="350 Fifth Avenue",
            widget=partial(ParagraphWidget, width(Address, "street")),
            attribute="street",
        ),
        Column(
            key="billing_district",
            label="Billing district",
            expression="billing_address__district",
            synonyms=("district", "suburb", "neighbourhood", "neighborhood"),
            help="Part of the city, where the country's addresses have one.",
            widget=partial(TextWidget, width(Address, "district")),
            attribute="district",
        ),
        Column(
            key="billing_city",
            label="Billing city",
            heading="City",
            shown=5,
            expression="billing_address__city",
            order="billing_city",
            filter=partial(TextFilter, "billing_city", "City"),
            beside={"country": F("billing_address__country"), "customer": F("name"), "key": key},
            guarded={"key": VIEW_ACCESS},
            cell=cells.city,
            synonyms=("city", "town", "city/town", "locality"),
            example="New York",
            widget=partial(TextWidget, width(Address, "city")),
            attribute="city",
        ),
        Column(
            key="billing_region",
            label="Billing region",
            expression="billing_address__region",
            synonyms=(
                "region",
                "state",
                "province",
                "state/province",
                "state or province",
                "county",
                "billing state",
            ),
            help="State, province or county, where the country's addresses have one.",
            example="NY",
            widget=partial(RegionWidget, width(Address, "region")),
            attribute="region",
        ),
        Column(
            key="billing_postal_code",
            label="Billing postal code",
            expression="billing_address__postal_code",
            synonyms=(
                "postal code",
                "postcode",
                "zip",
                "zip code",
                "zip/postal code",
                "billing postcode",
                "billing zip",
                "billing zip code",
            ),
            help="Read as text: 05021 keeps its zero.",
            example="10118",
            widget=partial(PostalCodeWidget, width(Address, "postal_code")),
            attribute="postal_code",
        ),
        Column(
            key="billing_sorting_code",
            label="Billing sorting code",
            expression="billing_address__sorting_code",
            synonyms=("sorting code", "cedex"),
            help="CEDEX and the like.",
            widget=partial(TextWidget, width(Address, "sorting_code")),
            attribute="sorting_code",
        ),
        Column(
            key="billing_country",
            label="Billing country",
            heading="Country",
            expression="billing_address__country",
            synonyms=(
                "country",
                "country code",
                "country/region",
                "billing country code",
                "land",
                "pays",
                "país",
            ),
            help="As a two-letter code (AT) or by name (Austria).",
            example="US",
            widget=CountryWidget,
            attribute="country",
            tells_country=True,
        ),
        Column(
            key="billing_phone",
            label="Billing address phone",
            expression="billing_address__phone",
            cell=phone,
            synonyms=("billing phone", "address phone", "billing telephone"),
            example="(+1) 212 555 0102",
            widget=partial(PhoneWidget, width(Address, "phone")),
            attribute="phone",
        ),
        Column(
            key="billing_site",
            label="Billing address is a site",
            expression="billing_address__is_site",
            cell=yes_no,
            synonyms=("site", "site address", "is site"),
            help="yes where you also deliver or work, else no.",
            example="no",
            widget=YesNoWidget,
            attribute="is_site",
        ),
        *ACCESS_COLUMNS,
    ),
    part=parts.BILLING_ADDRESS,
    relations={"billing_address": FilteredRelation("addresses", condition=Q(addresses__is_billing=True))},
    filters=lambda: {"country": CountryFilter("billing_country", "Country")},
    options=countries_in_use,
)

COUNTS = ColumnGroup(
    "Contacts and addresses",
    tuple(
        Column(
            key=field,
            label=label,
            expression=field,
            order=field,
            numeric=True,
            cell=number,
            filter=partial(NumberFilter, field, label),
        )
        for field, label in [("contact_count", "Contacts"), ("address_count", "Addresses")]
    ),
)
