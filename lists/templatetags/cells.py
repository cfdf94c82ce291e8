"""What cells of a list need, quick enough for hundreds of them on a page."""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants.phones import display

register = template.Library()
register.filter("phone", lru_cache(maxsize=10_000)(display))


@register.filter
def words(value: str | None) -> str:
    """A choice as it is kept ("letting_agent"), as it is read."""
    return (value or "").replace("_", " ").capitalize()


@register.filter(expects_localtime=True)
def day(value: datetime | None) -> str:
    """The day as the tenant writes it, in its time zone."""
    if value is None:
        return ""
    return _day(timezone.localtime(value).date(), translation.get_language() or "")


@lru_cache(maxsize=4096)
def _day(value: date, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value))
