"""What customers and contacts carry of each other, so that each list finds both: settings.OPERATION_SETTLERS.

A customer is found by its contacts' names, e-mail addresses and phone numbers and by its addresses; a contact by
its customer's name and reference. Both are brought up to date when an operation ends, in one statement each,
while the customers are held in the order of their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from contacts.models import Address, Contact
from customers.models import Customer

if TYPE_CHECKING:
    from history.models import Operation

CHANGED = """
WITH changed AS (
    SELECT customer_id FROM contacts_historicalcontact WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
    UNION
    SELECT customer_id FROM contacts_historicaladdress WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
)
"""

# A statement of its own: one that had to wait for somebody would not see what they have written meanwhile.
HOLD = f"""{CHANGED}
SELECT count(*) FROM (
    SELECT id FROM customers_customer
    WHERE tenant_id = %(tenant)s AND id IN (SELECT customer_id FROM changed)
    ORDER BY id FOR NO KEY UPDATE
) AS held
"""  # noqa: S608  nothing of it comes from outside

CONTRIBUTE = f"""{CHANGED}
, found AS (
    SELECT changed.customer_id AS id, (
        SELECT coalesce(string_agg(part.own_words, E'\\n' ORDER BY part.place, part.id), '')
        FROM (
            SELECT 1 AS place, id, own_words FROM contacts_contact
            WHERE tenant_id = %(tenant)s AND customer_id = changed.customer_id
            UNION ALL
            SELECT 2, id, own_words FROM contacts_address
            WHERE tenant_id = %(tenant)s AND customer_id = changed.customer_id
        ) AS part
    ) AS words FROM changed
)
UPDATE customers_customer SET contributed_words = found.words FROM found
WHERE tenant_id = %(tenant)s AND customers_customer.id = found.id AND contributed_words <> found.words
"""  # noqa: S608

CARRY = """
WITH changed AS (
    SELECT id FROM customers_historicalcustomer WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
    UNION
    SELECT customer_id FROM contacts_historicalcontact WHERE tenant_id = %(tenant)s AND operation_id = %(operation)s
)
UPDATE contacts_contact SET customer_words = customer.sort_name || E'\\n' || customer.reference_key
FROM customers_customer AS customer
WHERE contacts_contact.tenant_id = %(tenant)s AND customer.tenant_id = %(tenant)s
    AND customer.id IN (SELECT id FROM changed) AND contacts_contact.customer_id = customer.id
    AND customer_words <> customer.sort_name || E'\\n' || customer.reference_key
"""


def settle(running: Operation) -> None:
    """Bring both up to date for the rows that `running` has written. At most three statements."""
    values = {"tenant": running.tenant_id, "operation": running.pk}
    with connection.cursor() as cursor:
        if running.touched & {Contact, Address}:
            cursor.execute(HOLD, values)
        if running.touched & {Customer, Contact}:
            cursor.execute(CARRY, values)
        if running.touched & {Contact, Address}:
            cursor.execute(CONTRIBUTE, values)
