"""What is so of a customer's contacts and addresses, as marks on the customer that an index finds (Customer.traits),
beside how many there are (Customer.contact_count, address_count).

"receives:invoices" where a contact does, "lacks:…" what there is none of. A customer without any contact or address has
the mark ALONE, as every new one has, and no other. Where its billing address is stands in columns of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from contacts.models import COMMUNICATIONS
from customers.models import ALONE, LACKS_ADDRESS, LACKS_BILLING, LACKS_CONTACT, LACKS_PRIMARY
from lists.parts import Values


def short(field: str) -> str:
    """What a contact receives, by the field that says so: "invoices"."""
    return field.removeprefix("receives_")


def one_of(marks: Iterable[str]) -> Q:
    """Customers that have any of them."""
    return Q(*(Q(traits__contains=[mark]) for mark in marks), _connector=Q.OR)


_MARKS = [
    f"CASE WHEN people.customer_id IS NULL THEN '{LACKS_CONTACT}' END",
    f"CASE WHEN people.is_primary IS NOT TRUE THEN '{LACKS_PRIMARY}' END",
    f"CASE WHEN places.customer_id IS NULL THEN '{LACKS_ADDRESS}' END",
    f"CASE WHEN places.is_billing IS NOT TRUE THEN '{LACKS_BILLING}' END",
    *(f"CASE WHEN people.{field} THEN 'receives:{short(field)}' END" for field in COMMUNICATIONS),
]
# SQL for the traits of one customer, given its rows of PEOPLE and PLACES or nulls.
TRAITS = f"""
CASE WHEN people.customer_id IS NULL AND places.customer_id IS NULL THEN '["{ALONE}"]'::jsonb
     ELSE to_jsonb(array_remove(ARRAY[{", ".join(_MARKS)}], NULL)) END
"""
_ANY = ", ".join(f"bool_or({field}) AS {field}" for field in ("is_primary", *COMMUNICATIONS))
PEOPLE = f"SELECT customer_id, count(*) AS number, {_ANY} FROM contacts_contact"  # noqa: S608  nothing of it comes from outside
# The city is the last line of what an address is found by (Address.derive_own_words).
PLACES = r"""
SELECT customer_id, count(*) AS number, bool_or(is_billing) AS is_billing,
    max(country) FILTER (WHERE is_billing) AS country,
    max(substring(own_words FROM '[^\n]*$')) FILTER (WHERE is_billing AND city <> '') AS city
FROM contacts_address
"""


def traits_of_new(contact: Values | None, address: Values | None) -> list[str]:
    """The same of a customer with one contact or none and one address or none, one of them at least."""
    found = [
        *([LACKS_CONTACT] if contact is None else []),
        *([] if contact is not None and contact["is_primary"] else [LACKS_PRIMARY]),
        *([LACKS_ADDRESS] if address is None else []),
        *([] if address is not None and address["is_billing"] else [LACKS_BILLING]),
    ]
    if contact is not None:
        found += [f"receives:{short(field)}" for field in COMMUNICATIONS if contact[field]]
    return found


def place_of_new(address: Values | None) -> Values:
    """Where its billing address is, of a customer with one address or none."""
    if address is None or not address["is_billing"]:
        return {"billing_city": "", "billing_country": ""}
    city = address["own_words"].rpartition("\n")[2] if address["city"] else ""
    return {"billing_city": city, "billing_country": address["country"]}
