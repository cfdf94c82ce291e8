"""The cells of what contacts and addresses add to the lists, where text alone won't do."""

from html import escape

from contacts.models import COMMUNICATIONS
from customers.models import Customer
from lists.cells import Cell, badge, text, who
from tenants.addresses import row_address
from tenants.templatetags.ui import icon


def name(cell: Cell) -> str:
    return who(cell, rounded=True)


def customer(cell: Cell) -> str:
    link = f'<a href="{row_address("customers:detail", cell.beside["customer"])}">{escape(cell.value)}</a>'
    return f"{link} {badge('Disabled')}" if cell.beside["disabled_at"] else link


def primary(cell: Cell) -> str:
    """The primary contact's name; an individual is their own."""
    if not cell.value and cell.beside["kind"] == Customer.Kind.INDIVIDUAL:
        return f'<span class="muted">{escape(cell.beside["customer"])}</span>'
    return text(cell)


def is_primary(cell: Cell) -> str:
    return badge("Primary") if cell.value else ""


def receives(cell: Cell) -> str:
    """“Invoices, promotions”"""
    labels = [label.lower() for field, label in COMMUNICATIONS.items() if cell.beside[field]]
    words = escape(", ".join(labels).capitalize())
    return f'<span class="clip" title="{words}">{words}</span>'


def city(cell: Cell) -> str:
    """With the country, and the key where it is known how to get in."""
    country = cell.beside["country"]
    place = f'{text(cell)} <span class="muted">{escape(country)}</span>' if country else text(cell)
    if not cell.beside.get("key"):
        return place
    return f'<span class="place"><span>{place}</span>{key(cell.pk, cell.beside["key"], cell.beside["customer"])}</span>'


def key(customer_id: int, address_id: int, label: str) -> str:
    """What stands beside an address of which it is known how to get in: a link to the access information, which
    opens as a popover where scripts run. Nobody without contacts.view_access may see it: whoever shows it sees
    to that. `label` is what people call the address, or ''."""
    page = f"{row_address('contacts:access', customer_id)}?address={address_id}"
    said = f"Access information: {escape(label)}" if label else "Access information"
    opens = f'href="{page}#address-{address_id}" hx-get="{page}" hx-target="#peek"'
    return f'<a class="addr-ico is-key" {opens} aria-label="{said}">{icon("key-round", 14)}</a>'
