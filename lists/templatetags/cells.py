"""What other pages show as the cells of a list do."""

from datetime import date

from django import template
from django.utils.safestring import SafeString, mark_safe

from lists import cells

register = template.Library()


@register.filter
def day(value: date | None) -> SafeString:
    """The day as the tenant writes it; of a moment, in its time zone."""
    return mark_safe(cells.day(cells.Cell(value)))  # noqa: S308  escaped by the cell


@register.filter
def phone_link(number: str) -> SafeString:
    """A number in E.164 leads to the telephone, grouped for reading; others stand as they were typed."""
    return mark_safe(cells.phone(cells.Cell(number)))  # noqa: S308  escaped by the cell
