"""Addresses in templates. `home` is the tenant's country, which the tenant's own addresses needn't name."""

from django import template

from contacts import postal
from contacts.models import Address
from customers.models import Customer
from tenants.countries import country_name

register = template.Library()


@register.filter
def block(address: Address, home: str) -> str:
    """The address in its country's format, one line each, for reading; the country where nothing else is known."""
    return postal.block(address.parts, home=home, capitals=False) or country_name(address.country)


@register.simple_tag
def envelope(address: Address, customer: Customer, home: str) -> str:
    """What goes on an envelope: the same with the customer's name, and with capitals where the post wants them."""
    is_company = customer.kind == Customer.Kind.COMPANY
    name, company = ("", customer.name) if is_company else (customer.name, "")
    return postal.block(address.parts, home=home, name=name, company=company)


@register.filter
def map_url(address: Address) -> str:
    """Where a map shows the address; '' where there is nothing to look for."""
    return postal.map_url(address.parts)


@register.filter
def called(address: Address) -> str:
    """What people call the address: its label, or else where it is."""
    return address.label or (f"Address in {address.city}" if address.city else "Address")
