"""Numbers as people read them. Templates use `intcomma`."""

from django.utils.formats import number_format


def grouped(number: int) -> str:
    """1234567 as "1,234,567", or as the tenant's locale groups digits."""
    return number_format(number, force_grouping=True)
