"""What the customer's home shows of contacts and addresses: settings.CUSTOMER_CARDS."""

from __future__ import annotations

from contacts.behind import addresses_of, contacts_of, is_own_contact
from customers.cards import Card
from customers.models import Customer
from tenants.models import User

SHOWN = 3


def addresses(customer: Customer, user: User) -> Card | None:
    if not user.has_perm("contacts.view_address"):
        return None
    page = addresses_of(customer, size=SHOWN)
    return Card("contacts/addresses_card.html", {"page": page, "more": page.total > SHOWN})


def contacts(customer: Customer, user: User) -> Card | None:
    if not user.has_perm("contacts.view_contact"):
        return None
    page = contacts_of(customer, size=SHOWN)
    own = is_own_contact(customer, page)
    rows = page.rows[: SHOWN - 1] if own else page.rows
    more = page.total > len(rows)
    return Card("contacts/contacts_card.html", {"page": page, "rows": rows, "own": own, "more": more})
