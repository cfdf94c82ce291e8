"""Form fields of contacts and addresses: names typed from a list that the page has once, however many fields use it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contacts.language_names import OWN_NAMES
from customers.fields import LongSelect, language_choices, language_name
from tenants.countries import country_code, country_name, country_options
from tenants.fields import fold, tidy


class Option(NamedTuple):
    """What may be chosen: its name, and other words that people look for it by."""

    name: str
    words: str


class ListedField(forms.CharField):
    """The name of something in a list, kept as its code. Whatever else names it is understood too.

    The options stand once on the page, in the datalist `list_id` that `options_of` writes.
    """

    list_id: ClassVar[str]
    unknown: ClassVar[str]  # the error; %(typed)s is what was typed

    def __init__(self, *, max_length: int | None = None, empty_value: str = "", **kwargs: Any) -> None:
        """The model's `max_length` is that of the code, not of what may be typed."""
        attrs = {"list": self.list_id, "data-combo": "Type to search", "autocomplete": "off"}
        super().__init__(**{**kwargs, "max_length": 100, "widget": forms.TextInput(attrs=attrs)})
        self.present = ""

    def code_of(self, text: str) -> str:
        """'' for what is not known."""
        raise NotImplementedError

    def name_of(self, code: str) -> str:
        """'' for a code that is not known."""
        raise NotImplementedError

    def keep(self, present: str) -> None:
        """Accept the row's present code, though it came from elsewhere."""
        self.present = present

    def to_python(self, value: Any) -> str:
        text = tidy(str(super().to_python(value) or ""))
        if not text or text == self.present:
            return text
        code = self.code_of(text)
        if not code:
            raise ValidationError(self.unknown, code="unknown", params={"typed": text[:60]})
        return code

    def prepare_value(self, value: Any) -> Any:
        return self.name_of(value) or value if isinstance(value, str) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or "") != self.to_python(data)
        except ValidationError:
            return True


class CountryField(ListedField):
    list_id = "countries"
    unknown = "“%(typed)s” is no country we know. Give its name or its two letters, such as DE."

    def code_of(self, text: str) -> str:
        return country_code(text)

    def name_of(self, code: str) -> str:
        return country_name(code)


class ListedLanguageField(ListedField):
    list_id = "languages"
    unknown = "“%(typed)s” is no language we know. Give its name or its two letters, such as de."

    def code_of(self, text: str) -> str:
        return _language_codes().get(fold(text), "")

    def name_of(self, code: str) -> str:
        name = language_name(code)
        return "" if name == code else name


class RegionSelect(LongSelect):
    """A country's regions, and the present value though it is none of them."""

    def __init__(self, choices: Iterable[tuple[str, str]], present: str) -> None:
        offered = [("", "---------"), *choices]
        if present and present not in dict(offered):
            offered.append((present, present))
        super().__init__(choices=offered)


@cache
def _language_codes() -> dict[str, str]:
    codes = {fold(name): code for code, name in OWN_NAMES.items()}
    codes |= {fold(name): code for code, name in language_choices()}
    return codes | {code: code for code, _ in language_choices()}


def _countries() -> Iterable[Option]:
    return (Option(name, f"{code}, {words}") for code, name, words in country_options())


def _languages() -> Iterable[Option]:
    return (
        Option(name, f"{code}, {OWN_NAMES.get(code, '')}".rstrip(", ")) for code, name in language_choices()
    )


OPTIONS = {"countries": _countries, "languages": _languages}


@cache
def options_of(list_id: str) -> SafeString:
    """The datalist that all fields of the page share."""
    options = format_html_join(
        "",
        '<option value="{}" data-words="{}"></option>',
        ((name, words) for name, words in OPTIONS[list_id]()),
    )
    return format_html('<datalist id="{}">{}</datalist>', list_id, options)
