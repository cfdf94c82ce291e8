from django import template

from lists.listing import Listing

register = template.Library()


@register.simple_tag
def address_without(listing: Listing, name: str) -> str:
    """The list without this filter."""
    return listing.address(without=name)
