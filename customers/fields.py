"""Form fields of a customer: how what people type becomes what is kept, and how it is shown to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError

from company.choices import timezone_choices, with_current
from lists.numbers import refuse_no_count, whole_number
from marketing.models import Entry
from tenants.fields import CONTROL, tidy
from tenants.models import Membership
from tenants.numbers import grouped
from tenants.phones import display, normalise


class RowSelect(forms.Select):
    """A list of rows, asked for once."""

    def use_required_attribute(self, initial: Any) -> bool:
        """As Django's, which would ask the database for the first choice to see whether it is empty."""
        field = getattr(self.choices, "field", None)
        has_blank = getattr(field, "empty_label", None) is not None
        return has_blank and forms.Widget.use_required_attribute(self, initial)


class EntrySelect(RowSelect):
    """A list of the tenant's entries, each with its colour."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        entry = getattr(value, "instance", None)
        if isinstance(entry, Entry):
            option["attrs"]["data-colour"] = entry.colour
        return option


class MemberSelect(RowSelect):
    """The tenant's people, who can be searched by name and e-mail where scripts run."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-combo": "Type a name"})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        member = getattr(value, "instance", None)
        if isinstance(member, Membership):
            option["attrs"]["data-note"] = member.user.email
        return option


class PhoneField(forms.CharField):
    """E.164 where the number is understood in `country`, as typed where not; shown grouped for reading."""

    def __init__(self, *, country: str = "", **kwargs: Any) -> None:
        self.country = country
        kwargs["widget"] = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return normalise(tidy(str(super().to_python(value) or "")), self.country)

    def prepare_value(self, value: Any) -> Any:
        return display(value) if isinstance(value, str) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class DayField(forms.DateField):
    """A day, chosen where the browser has a calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(**kwargs, error_messages={"invalid": "This is no date. Write it like 2024-12-31."})


class CountField(forms.IntegerField):
    """How many there are, typed as the company writes numbers or without anything between the digits."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, min_value: int | None = None, **kwargs: Any) -> None:
        """The model's least value is refused in the same words as its most."""
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = tidy(str(value if value is not None else ""))
        if not text:
            return None
        number = whole_number(text)
        if number is None:
            message = f"This is no whole number. Write it like {grouped(1200)} or 1200."
            raise ValidationError(message, code="invalid")
        refuse_no_count(number)
        return number


class MailField(forms.EmailField):
    """Any valid address. Not type="email": browsers would rewrite a domain like münchen.example."""

    widget = forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "off", "spellcheck": "false"})

    def to_python(self, value: Any) -> str:
        return tidy(str(super().to_python(value) or ""))


class ParagraphField(forms.CharField):
    """Text of some lines, as people write it: trimmed, normalised, without control characters."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> str:
        return tidy(str(super().to_python(value) or "").replace("\r\n", "\n"))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and CONTROL.search(value):
            raise ValidationError(
                "Control characters are not allowed here. Remove them.", code="control_characters"
            )


def is_visible(text: str) -> bool:
    """Whether there is anything to see: blanks and invisible characters alone are no name."""
    return any(
        unicodedata.category(char)[0] not in "ZC" and char not in "\u2800\u3164\uffa0" for char in text
    )


class WebsiteField(forms.URLField):
    widget = forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "assume_scheme": "https"})


class LongSelect(forms.Select):
    template_name = "customers/widgets/long_select.html"


class OpenChoiceField(forms.ChoiceField):
    """One of many known values; also the row's present one, though it came from elsewhere."""

    widget = LongSelect
    known: ClassVar[Callable[[], list[tuple[str, Any]]]]

    def __init__(self, *, max_length: int | None = None, empty_value: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs, choices=[])
        self.widget.attrs["data-combo"] = "Type to search"

    def keep(self, present: str) -> None:
        """Offer the known values and `present`."""
        known = list(type(self).known())
        self.choices = [("", "---------"), *(with_current(known, present) if present else known)]


def language_name(code: str) -> str:
    """ "de" → "German"; an unknown code as it is."""
    return str(Locale("en").languages.get(code, code))


@cache
def language_choices() -> list[tuple[str, str]]:
    """Languages of two-letter codes, by their English names."""
    names = Locale("en").languages
    return sorted(((code, name) for code, name in names.items() if len(code) == 2), key=lambda item: item[1])


class LanguageField(OpenChoiceField):
    known = staticmethod(language_choices)


class TimezoneField(OpenChoiceField):
    known = staticmethod(timezone_choices)
