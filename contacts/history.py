"""Contacts and addresses in the customer's timeline: settings.CUSTOMER_HISTORY."""

from __future__ import annotations

from typing import Any

from contacts.models import ACCESS, VIEW_ACCESS, Address, Contact
from contacts.postal import region_name
from customers.fields import language_name
from history.timeline import Followed
from tenants.countries import country_name
from tenants.phones import display


def address_name(version: Any) -> str:
    """As the address was called then."""
    return str(Address(**{name: getattr(version, name) for name in ("label", "street", "city", "country")}))


def region(version: Any) -> str:
    """In Latin letters, of the country it was in then."""
    return region_name(version.region, version.country)


CONTACTS = Followed(Contact, key="customer", words={"phone": display, "language": language_name})
ADDRESSES = Followed(
    Address,
    key="customer",
    words={"phone": display, "access_phone": display, "country": country_name},
    readings={"region": region},
    name=address_name,
    guarded=dict.fromkeys(ACCESS, VIEW_ACCESS),
)
