"""The widgets that clean the parts of an address which depend on its country."""

from __future__ import annotations

from typing import Any

from contacts.postal import tidy_postal_code, tidy_region
from lists.widgets import COUNTRY, TextWidget


class OfCountryWidget(TextWidget):
    """Text that the row's country spells in its own way."""

    of_country = True
    country = ""

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        self.country = (row or {}).get(COUNTRY, "")
        return super().clean(value, row, **options)


class RegionWidget(OfCountryWidget):
    """The country's own name or abbreviation for a region that is known there, else as typed."""

    def checked(self, text: str) -> str:
        return self.fitting(tidy_region(text, self.country))


class PostalCodeWidget(OfCountryWidget):
    """As the country prints it where it can be told, else as typed."""

    def checked(self, text: str) -> str:
        return self.fitting(tidy_postal_code(text, self.country))
