"""The list of all customers' contacts, declared."""

from __future__ import annotations

from functools import partial

from django.db.models import Case, Func, TextField, Value, When

from contacts import cells
from contacts.columns import width
from contacts.filters import ReceivesFilter, RelationFilter, contact_filters, contact_options, noun
from contacts.models import COMMUNICATIONS, Contact
from customers.fields import language_choices
from customers.models import Customer
from lists.cells import choice, day, email, phone, yes_no
from lists.columns import Column, ColumnGroup
from lists.composed_filters import HELD, EmailFilter, PhoneFilter, TextFilter
from lists.declaration import ListDeclaration
from lists.filters import YesNoFilter
from lists.range_filters import PeriodFilter
from lists.widgets import (
    ChoiceWidget,
    EmailWidget,
    KnownWidget,
    ParagraphWidget,
    PhoneWidget,
    SomeOfWidget,
    TextWidget,
    YesNoWidget,
)
from tenants.addresses import row_address

CONTACT = ColumnGroup(
    "Contact",
    (
        Column(
            key="name",
            label="Name",
            expression="name",
            order="sort_name",
            filter=partial(TextFilter, "name", "Name", folded="sort_name", ways=HELD),
            shown=1,
            card="name",
            cell=cells.name,
            synonyms=("contact", "contact name", "contact person", "contact full name", "full name"),
            widget=partial(TextWidget, width(Contact, "name")),
            attribute="name",
            mandatory=True,
            example="Jane Roe",
        ),
        Column(
            key="customer",
            label="Customer",
            expression="customer__name",
            beside={"customer": "customer_id", "disabled_at": "customer__disabled_at"},
            order="customer_words",
            filter=partial(TextFilter, "customer_words", "Customer", folded="customer_words", ways=HELD),
            shown=2,
            card="meta",
            cell=cells.customer,
            synonyms=(
                "customer name",
                "company",
                "company name",
                "account",
                "account name",
                "client",
                "organisation",
                "organization",
            ),
            help="Finds the customer where there is no reference, if only one is called like that.",
            widget=partial(TextWidget, width(Customer, "name")),
            attribute="name",
            example="John Doe",
        ),
        Column(
            key="customer_reference",
            label="Customer reference",
            expression="customer__reference",
            synonyms=(
                "reference",
                "customer id",
                "customer no",
                "customer number",
                "account reference id",
                "account id",
                "company id",
                "external id",
            ),
            help="Finds the customer; it is mandatory unless the customer's name does.",
            widget=partial(TextWidget, width(Customer, "reference")),
            attribute="reference",
            mandatory=True,
            example="C-1001",
        ),
        Column(
            key="job_title",
            label="Job title",
            expression="job_title",
            shown=3,
            synonyms=("position", "role", "contact job title", "contact title"),
            widget=partial(TextWidget, width(Contact, "job_title")),
            attribute="job_title",
            example="Property manager",
        ),
        Column(
            key="relation",
            label="Relation",
            expression="relation",
            shown=4,
            cell=choice,
            filter=partial(RelationFilter, "relation", "Relation"),
            synonyms=("contact relation", "contact type"),
            help="employee, tenant, letting agent or other.",
            widget=partial(ChoiceWidget, Contact.Relation),
            attribute="relation",
            example="letting agent",
        ),
        Column(
            key="email",
            label="E-mail",
            expression="email",
            order="email_key",
            filter=EmailFilter,
            shown=5,
            cell=email,
            synonyms=("mail", "e-mail address", "email address", "contact e-mail"),
            help="Tells which of the customer's contacts a row is; where there is none, the name does.",
            widget=partial(EmailWidget, width(Contact, "email")),
            attribute="email",
            example="jane.roe@example.com",
        ),
        Column(
            key="phone",
            label="Phone",
            expression="phone",
            filter=partial(PhoneFilter, "phone", "Phone"),
            shown=6,
            cell=phone,
            synonyms=("telephone", "phone number", "tel", "mobile", "contact phone"),
            help="With country code (+49 30 …), or as written in the country of the customer's billing address.",
            widget=partial(PhoneWidget, width(Contact, "phone")),
            attribute="phone",
            example="(+1) 212 555 0101",
        ),
        Column(
            key="language",
            label="Language",
            expression="language",
            synonyms=("preferred language", "contact language"),
            help="As a code (de) or in English (German).",
            widget=partial(KnownWidget, language_choices, "German"),
            attribute="language",
            example="en",
        ),
        Column(
            key="primary",
            label="Primary",
            expression="is_primary",
            shown=7,
            card="end",
            cell=cells.is_primary,
            filter=partial(
                YesNoFilter,
                "is_primary",
                "Primary",
                said=("primary contacts", "not primary"),
                labels=("Primary contacts", "Others"),
            ),
            synonyms=("primary contact", "is primary", "main contact"),
            help="yes for whom to talk to first: one of the customer's contacts.",
            widget=YesNoWidget,
            attribute="is_primary",
            example="yes",
        ),
        Column(
            key="receives",
            label="Receives",
            expression="receives_invoices",
            exported=Func(
                Value("; "),
                *(Case(When(**{field: True}, then=Value(label))) for field, label in COMMUNICATIONS.items()),
                function="concat_ws",
                output_field=TextField(),
            ),
            beside={field: field for field in COMMUNICATIONS},
            shown=8,
            card="status",
            cell=cells.receives,
            filter=partial(ReceivesFilter, "receives", "Receives"),
            synonyms=("contact receives", "communications"),
            help=f"Some of {'; '.join(COMMUNICATIONS.values())}; or none. Each has a column of its own, too.",
            widget=partial(SomeOfWidget, COMMUNICATIONS),
            example="Invoices; Service notices",
        ),
        *(
            Column(
                key=field,
                label=f"Receives {label.lower()}",
                expression=field,
                cell=yes_no,
                synonyms=(f"gets {label.lower()}", f"contact receives {label.lower()}"),
                help="yes or no.",
                widget=YesNoWidget,
                attribute=field,
                example="yes" if field in ("receives_invoices", "receives_service_notices") else "no",
            )
            for field, label in COMMUNICATIONS.items()
        ),
        Column(
            key="notes",
            label="Notes",
            expression="notes",
            synonyms=("note", "remarks", "comment", "comments", "contact notes"),
            help="Several lines in one cell.",
            widget=partial(ParagraphWidget, width(Contact, "notes")),
            attribute="notes",
            example="On leave in August.",
        ),
        Column(
            key="created_at",
            label="Added",
            expression="created_at",
            order="created_at",
            filter=partial(PeriodFilter, "created_at", "Added"),
            cell=day,
        ),
        Column(
            key="updated_at",
            label="Changed",
            expression="updated_at",
            order="updated_at",
            filter=partial(PeriodFilter, "updated_at", "Changed"),
            cell=day,
        ),
    ),
)


def link(pk: int, customer: int) -> str:
    """The contact among its customer's."""
    return f"{row_address('contacts:customer-tab', customer)}?contact={pk}#contact-{pk}"


CONTACTS = ListDeclaration(
    name="contacts",
    title="Contacts",
    queryset=Contact.objects.all,
    groups=lambda: [CONTACT],
    link=link,
    link_takes=("customer_id",),
    noun=noun,
    sort="name",
    permission="contacts.view_contact",
    url_name="contacts:list",
    export_permission="contacts.export_contact",
    export_url_name="contacts:export",
    filters=contact_filters,
    options=contact_options,
)
