"""The cells of a customer's columns, where text alone won't do."""

from html import escape

from customers.models import Customer
from lists.cells import Cell, badge, text, who


def name(cell: Cell) -> str:
    rounded = cell.beside["kind"] == Customer.Kind.INDIVIDUAL
    return who(cell, rounded=rounded, more=badge("Disabled") if cell.beside["disabled_at"] else "")


def status(cell: Cell) -> str:
    if not cell.value:
        return ""
    dot = f'<span class="dot" data-colour="{escape(cell.beside["colour"])}"></span>'
    return f'<span class="status">{dot}{escape(cell.value)}</span>'


def manager(cell: Cell) -> str:
    first, last = cell.beside["first"], cell.beside["last"]
    return escape(f"{first} {last}") if first or last else text(cell)
