"""What customers and contacts carry of each other, so that each list finds both: settings.OPERATION_SETTLERS.

A customer is found by its contacts' names, e-mail addresses and phone numbers and by its addresses; a contact by
its customer's name and reference. The customer has marks of what is so of its contacts and addresses, their numbers,
and where its billing address is, for the filters (contacts/traits.py), and the contacts one of whether it is disabled.
All are brought up to date when an operation ends, in one statement each, while the customers are held in the order of
their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from contacts.models import Address, Contact
from contacts.traits import PEOPLE, PLACES, TRAITS, place_of_new, traits_of_new
from customers.models import Customer
from lists.parts import Values

if TYPE_CHECKING:
    from history.models import Operation

# New customers of an operation that makes them so already (`settle_new`): there may be a million.
BUT_SETTLED = """
    EXCEPT
    SELECT id FROM customers_historicalcustomer
    WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s AND history_type = '+' AND %(makes_settled)s
"""
CHANGED = f"""
WITH changed AS (
    (
        SELECT customer_id FROM contacts_historicalcontact
        WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
        UNION
        SELECT customer_id FROM contacts_historicaladdress
        WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
    ) {BUT_SETTLED}
)
"""  # noqa: S608  nothing of it comes from outside

# A statement of its own: one that had to wait for somebody would not see what they have written meanwhile.
HOLD = f"""{CHANGED}
SELECT count(*) FROM (
    SELECT id FROM customers_customer
    WHERE tenant_id = %(tenant)s AND id IN (SELECT customer_id FROM changed)
    ORDER BY id FOR NO KEY UPDATE
) AS held
"""  # noqa: S608  nothing of it comes from outside

OF_THOSE = (
    "WHERE tenant_id = %(tenant)s AND customer_id IN (SELECT customer_id FROM changed) GROUP BY customer_id"
)
CONTRIBUTE = f"""{CHANGED}
, people AS ({PEOPLE} {OF_THOSE}), places AS ({PLACES} {OF_THOSE})
, found AS (
    SELECT changed.customer_id AS id, (
        SELECT coalesce(string_agg(part.own_words, E'\n' ORDER BY part.place, part.id), '')
        FROM (
            SELECT 1 AS place, id, own_words FROM contacts_contact
            WHERE tenant_id = %(tenant)s AND customer_id = changed.customer_id
            UNION ALL
            SELECT 2, id, own_words FROM contacts_address
            WHERE tenant_id = %(tenant)s AND customer_id = changed.customer_id
        ) AS part
    ) AS words, {TRAITS} AS traits,
        coalesce(people.number, 0) AS contacts, coalesce(places.number, 0) AS addresses,
        coalesce(places.city, '') AS city, coalesce(places.country, '') AS country
    FROM changed
    LEFT JOIN people ON people.customer_id = changed.customer_id
    LEFT JOIN places ON places.customer_id = changed.customer_id
)
UPDATE customers_customer SET contributed_words = found.words, traits = found.traits,
    contact_count = found.contacts, address_count = found.addresses,
    billing_city = found.city, billing_country = found.country
FROM found
WHERE tenant_id = %(tenant)s AND customers_customer.id = found.id
    AND (contributed_words, customers_customer.traits, contact_count, address_count, billing_city, billing_country)
        <> (found.words, found.traits, found.contacts, found.addresses, found.city, found.country)
"""  # noqa: S608

CARRY = f"""
WITH changed AS (
    (
        SELECT id FROM customers_historicalcustomer WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
        UNION
        SELECT customer_id FROM contacts_historicalcontact
        WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
    ) {BUT_SETTLED}
), carried AS (
    SELECT id, sort_name || E'\n' || reference_key AS words, disabled_at IS NOT NULL AS disabled
    FROM customers_customer WHERE tenant_id = %(tenant)s AND id IN (SELECT id FROM changed)
)
UPDATE contacts_contact SET customer_words = carried.words, customer_disabled = carried.disabled FROM carried
WHERE contacts_contact.tenant_id = %(tenant)s AND contacts_contact.customer_id = carried.id
    AND (customer_words <> carried.words OR customer_disabled <> carried.disabled)
"""  # noqa: S608


def carried(customer: Values) -> Values:
    """What a contact has of its customer, as CARRY writes it."""
    return {
        "customer_words": f"{customer['sort_name']}\n{customer['reference_key']}",
        "customer_disabled": customer["disabled_at"] is not None,
    }


def settle_new(customer: Values, contact: Values | None, address: Values | None) -> None:
    """Give a new customer, its only contact and its only address what `settle` would. An import makes many of them,
    which are not written twice then; its operation says so (`makes_settled`)."""
    behind = [row for row in (contact, address) if row is not None]
    if behind:
        customer["contributed_words"] = "\n".join(row["own_words"] for row in behind)
        customer["traits"] = traits_of_new(contact, address)
        customer |= place_of_new(address)
        customer["contact_count"], customer["address_count"] = (
            int(contact is not None),
            int(address is not None),
        )
    if contact is not None:
        contact["customer_words"] = f"{customer['sort_name']}\n{customer['reference_key']}"


def settle(running: Operation) -> None:
    """Bring both up to date for the rows that `running` has written. At most three statements."""
    values = {
        "tenant": running.tenant_id,
        "operation": running.pk,
        "makes_settled": running.makes_settled,
    }
    with connection.cursor() as cursor:
        if running.touched & {Contact, Address}:
            cursor.execute(HOLD, values)
        if running.touched & {Customer, Contact}:
            cursor.execute(CARRY, values)
        if running.touched & {Contact, Address}:
            cursor.execute(CONTRIBUTE, values)
