from django import template

from customers.fields import language_name
from tenants import phones

register = template.Library()
register.filter("language_name", language_name)


@register.filter
def phone(number: str) -> str:
    """Grouped for reading: +49 30 12345."""
    return phones.display(number)
