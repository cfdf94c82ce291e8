from babel import Locale
from django import template

from tenants import phones

register = template.Library()


@register.filter
def phone(number: str) -> str:
    """Grouped for reading: +49 30 12345."""
    return phones.display(number)


@register.filter
def language_name(code: str) -> str:
    """ "de" → "German"; an unknown code as it is."""
    return str(Locale("en").languages.get(code, code))
