from django import template
from django.utils.safestring import SafeString, mark_safe

from contacts import cells

register = template.Library()


@register.simple_tag
def access_key(customer_id: int, address_id: int, label: str) -> SafeString:
    """The key beside an address, for who has contacts.view_access."""
    return mark_safe(cells.key(customer_id, address_id, label))  # noqa: S308  escaped there
