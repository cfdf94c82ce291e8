from collections.abc import Mapping

from django import template

from contacts.models import COMMUNICATIONS

register = template.Library()


@register.filter
def communications(row: Mapping[str, bool]) -> str:
    """What a contact receives, as one reads it: “Invoices, promotions”. `row` holds the contact's flags."""
    return ", ".join(label.lower() for field, label in COMMUNICATIONS.items() if row[field]).capitalize()
