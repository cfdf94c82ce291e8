from collections.abc import Iterator
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from lists.filters import Facet
from lists.listing import Listing

register = template.Library()


@register.simple_tag
def address_without(listing: Listing, name: str) -> str:
    """The list without this filter."""
    return listing.address(without=name)


@register.simple_tag
def options(facet: Facet) -> SafeString:
    """What a filter offers: there may be hundreds, of countries and of colleagues."""
    kind = "radio" if facet.single else "checkbox"
    return mark_safe("".join(_options(facet, kind)))  # noqa: S308  escaped there


def _options(facet: Facet, kind: str) -> Iterator[str]:
    for option, chosen in facet.options:
        box = f'<input type="{kind}" name="{facet.name}" value="{escape(option.value)}"{" checked" if chosen else ""}>'
        dot = f'<span class="dot" data-colour="{escape(option.colour)}"></span>' if option.colour else ""
        yield f'<label class="menu-item">{box}{dot}{escape(option.label)}</label>'
