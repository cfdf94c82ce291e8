"""The list of all customers' contacts, declared."""

from __future__ import annotations

from functools import partial

from django.urls import reverse

from contacts.filters import (
    PrimaryFilter,
    ReceivesFilter,
    RelationFilter,
    contact_filters,
    contact_options,
    noun,
)
from contacts.models import COMMUNICATIONS, Contact
from lists.columns import Column, ColumnGroup
from lists.declaration import ListDeclaration

CONTACT = ColumnGroup(
    "Contact",
    (
        Column(
            key="name",
            label="Name",
            expression="name",
            order="sort_name",
            shown=1,
            card="name",
            cell="contacts/cells/name.html",
        ),
        Column(
            key="customer",
            label="Customer",
            expression="customer__name",
            beside={"customer": "customer_id", "disabled_at": "customer__disabled_at"},
            order="customer_words",
            shown=2,
            card="meta",
            cell="contacts/cells/customer.html",
        ),
        Column(key="job_title", label="Job title", expression="job_title", shown=3),
        Column(
            key="relation",
            label="Relation",
            expression="relation",
            shown=4,
            cell="contacts/cells/relation.html",
            filter=partial(RelationFilter, "relation", "Relation"),
        ),
        Column(
            key="email",
            label="E-mail",
            expression="email",
            order="email",
            shown=5,
            cell="lists/cells/email.html",
        ),
        Column(key="phone", label="Phone", expression="phone", shown=6, cell="lists/cells/phone.html"),
        Column(
            key="primary",
            label="Primary",
            expression="is_primary",
            shown=7,
            card="end",
            cell="contacts/cells/is_primary.html",
            filter=partial(PrimaryFilter, "is_primary", "Primary"),
        ),
        Column(
            key="receives",
            label="Receives",
            expression="receives_invoices",
            beside={field: field for field in COMMUNICATIONS},
            shown=8,
            card="status",
            cell="contacts/cells/receives.html",
            filter=partial(ReceivesFilter, "receives", "Receives"),
        ),
        Column(
            key="updated_at",
            label="Changed",
            expression="updated_at",
            order="updated_at",
            cell="lists/cells/date.html",
        ),
    ),
)


def link(pk: int, customer: int) -> str:
    """The contact among its customer's."""
    return f"{reverse('contacts:customer-tab', args=[customer])}?contact={pk}#contact-{pk}"


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
    filters=contact_filters,
    options=contact_options,
)
