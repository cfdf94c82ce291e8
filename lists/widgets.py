"""The widgets with which columns clean an imported cell and show a value.

`clean` is given text that is not blank. It raises ValueError, whose message says what is wrong with the value
and what to do about it. Look-ups are read once per widget, and a widget lives as long as one import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from import_export.widgets import Widget

from lists.cells_text import unescape
from tenants.context import require_tenant_id
from tenants.countries import country_code, country_name
from tenants.fields import ANY_CONTROL, CONTROL, fold, tidy
from tenants.models import Membership, Tenant, fold_email
from tenants.phones import normalise, parse

COUNTRY = (
    "country of the row"  # in a row beside its columns: the ISO code of its country, '' if that is unknown
)
SHOWN_NAMES = 12  # as many names of a list as a message gives


def shortened(text: str, length: int = 60) -> str:
    """`text` as a message quotes it: printable and not too long."""
    plain = ANY_CONTROL.sub("\ufffd", text)
    return plain if len(plain) <= length else f"{plain[: length - 1]}…"


# As Excel shows and saves a number of many digits that nobody has formatted as text: 4.00638E+12.
SHORTENED = re.compile(r"-?\d{1,3}(?:[.,]\d+)?E\+\d{2,3}", re.ASCII | re.IGNORECASE)


def refuse_shortened(text: str) -> None:
    """Of a text, of which every digit counts. Raises ValueError."""
    if SHORTENED.fullmatch(text):
        raise ValueError(
            f"“{shortened(text)}” is a number that a spreadsheet program has shortened, so that digits are lost. "
            "Format the column as text there and enter it again."
        )


class TextWidget(Widget):  # type: ignore[misc]  # untyped library
    """One line of text: trimmed, normalised, without the apostrophe an export put before a formula.

    What a cell means depends on its text, in columns that have them on the column's format (lists/format_widgets.py),
    and with `of_country` on the country of its row.
    """

    of_country = False

    def __init__(self, max_length: int | None = None) -> None:
        super().__init__()
        self.max_length = max_length

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        text = tidy(unescape(str(value)))
        if ANY_CONTROL.search(text):
            raise ValueError("Line breaks and control characters are not allowed here. Remove them.")
        return self.checked(text)

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else str(value)

    def checked(self, text: str) -> Any:
        """What the text means. Raises ValueError."""
        refuse_shortened(text)
        return self.fitting(text)

    def fitting(self, text: str) -> str:
        if self.max_length is not None and len(text) > self.max_length:
            raise ValueError(f"{len(text)} characters are too many; {self.max_length} fit. Shorten it.")
        return text

    def refusal(self, value: Any) -> str:
        """Why `value`, though valid where it is already, may not be set anew; '' if it may."""
        return ""

    def warning(self, value: Any) -> str:
        """What is to be looked at in the `value` cleaned last, which is kept all the same; '' for nothing."""
        return ""

    def is_same(self, cell: str, shown: str) -> bool:
        """Whether the cell is what an export wrote of a value that is shown like this."""
        return tidy(unescape(cell)) == shown


PARTED = re.compile(r"[;,\n\r]")  # what stands between several things in one cell
# Most addresses are as plain as these, which Django would take too; looking at them costs a tenth.
PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,20}"
)
PLAIN_WEBSITE = re.compile(r"https?://(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,20}/?")
PLAIN_LENGTH = 63  # of a label of a domain's name


class EmailWidget(TextWidget):
    def checked(self, text: str) -> str:
        if len(text) <= PLAIN_LENGTH and PLAIN_EMAIL.fullmatch(text):
            return text
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValueError(f"“{shortened(text)}” is not an e-mail address. Correct it.") from error
        return self.fitting(text)


class WebsiteWidget(TextWidget):
    """A web address; https:// is put before one without a scheme."""

    ADDRESS = forms.URLField(assume_scheme="https")

    def checked(self, text: str) -> str:
        if len(text) <= PLAIN_LENGTH and PLAIN_WEBSITE.fullmatch(text):
            return text
        try:
            address: str = self.ADDRESS.clean(text)
        except ValidationError as error:
            raise ValueError(f"“{shortened(text)}” is not a web address. Correct it.") from error
        return self.fitting(address)


class ParagraphWidget(TextWidget):
    """Text of some lines."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        text = tidy(_one_line_end(unescape(str(value))))
        if CONTROL.search(text):
            raise ValueError("Control characters are not allowed here. Remove them.")
        return self.checked(text)

    def is_same(self, cell: str, shown: str) -> bool:
        return tidy(_one_line_end(unescape(cell))) == tidy(_one_line_end(shown))


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class CountryWidget(TextWidget):
    """A country's ISO code, from the code or the name in one of the usual languages."""

    def checked(self, text: str) -> str:
        code = country_code(text)
        if not code:
            raise ValueError(f"“{shortened(text)}” is no country we know. Write its ISO code, such as DE.")
        return code


class PhoneWidget(TextWidget):
    """A number in E.164 where it can be understood, else as typed, with a warning.

    It is read with its own +, or as a number of the row's country, or where that is not known, of the tenant's.
    """

    of_country = True

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        self.country = (row or {}).get(COUNTRY) or self.tenants_country
        # First: invisible marks come along when a number is copied.
        text = tidy(unescape(str(value)))
        refuse_shortened(text)
        self.number = parse(text, self.country)
        return self.fitting(self.number) if self.number else super().clean(value, row, **options)

    def checked(self, text: str) -> str:
        return self.fitting(normalise(text, self.country))

    def warning(self, value: Any) -> str:
        if self.number:
            return ""
        return (
            f"No valid telephone number (country: {country_name(self.country)}). It is kept as typed; check it, "
            "or write it with + and the country's code."
        )

    @cached_property
    def tenants_country(self) -> str:
        return Tenant.objects.values_list("country", flat=True).get(pk=require_tenant_id())


class YesNoWidget(TextWidget):
    WORDS: Mapping[str, bool] = {
        **dict.fromkeys(("yes", "y", "true", "t", "1", "on", "x"), True),
        **dict.fromkeys(("no", "n", "false", "f", "0", "off"), False),
    }

    def checked(self, text: str) -> bool:
        if fold(text) not in self.WORDS:
            raise ValueError(f"“{shortened(text)}” is neither yes nor no. Write one of the two.")
        return self.WORDS[fold(text)]

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else "yes" if value else "no"


class SomeOfWidget(TextWidget):
    """Some of several things, of each of which an attribute of the row says yes or no.

    `things` has what each is called, by its attribute; the value is the attributes that say yes, in their order.
    """

    NONE = ("none", "nothing")

    def __init__(self, things: Mapping[str, str]) -> None:
        super().__init__()
        self.things = things
        self.words = {fold(name): attribute for attribute, name in things.items()}

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        return self.checked(unescape(str(value)))

    def checked(self, text: str) -> tuple[str, ...]:
        said = [word for word in map(tidy, PARTED.split(text)) if word]
        if [fold(word) for word in said] in ([none] for none in self.NONE):
            return ()
        for word in said:
            if fold(word) not in self.words:
                known = "; ".join(self.things.values())
                raise ValueError(f"“{shortened(word)}” is not known here. Write some of {known}; or none.")
        found = {self.words[fold(word)] for word in said}
        return tuple(attribute for attribute in self.things if attribute in found)

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "; ".join(self.things[attribute] for attribute in value or ())


class ChoiceWidget(TextWidget):
    """One of a model's choices, by value, label or another word for it, in any case."""

    def __init__(self, choices: type[models.TextChoices], words: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.choices = choices
        self.words = {fold(str(choice.label)): choice.value for choice in choices}
        self.words |= {fold(choice.value): choice.value for choice in choices}
        self.words |= {fold(word): value for word, value in (words or {}).items()}

    def checked(self, text: str) -> str:
        if fold(text) not in self.words:
            *others, last = [str(choice.label).lower() for choice in self.choices]
            raise ValueError(f"“{shortened(text)}” is not known here. Write {', '.join(others)} or {last}.")
        return self.words[fold(text)]


class KnownWidget(TextWidget):
    """One of many known values, by itself or by its name. `values` gives pairs of the two, `example` one of them."""

    def __init__(self, values: Callable[[], Iterable[tuple[str, Any]]], example: str) -> None:
        super().__init__()
        self.values = values
        self.example = example

    def checked(self, text: str) -> str:
        found = self.by_word.get(fold(text))
        if found is None:
            raise ValueError(f"“{shortened(text)}” is not known here. Write it like “{self.example}”.")
        return found

    @cached_property
    def by_word(self) -> dict[str, str]:
        known = list(self.values())
        return {fold(str(name)): value for value, name in known} | {fold(value): value for value, _ in known}


class LookupWidget(TextWidget):
    """The id of one of the tenant's own rows, named in the cell. Subclasses say which and how."""

    def checked(self, text: str) -> int:
        found = self.ids.get(self.key(text))
        if found is None:
            raise ValueError(self.unknown(shortened(text)))
        return found

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return self.names.get(value, "") if value is not None else ""

    @cached_property
    def names(self) -> dict[int, str]:
        """What the ids are called, in the tenant's order."""
        raise NotImplementedError

    @cached_property
    def ids(self) -> dict[str, int]:
        return {self.key(name): pk for pk, name in self.names.items()}

    def key(self, name: str) -> str:
        return fold(name)

    def unknown(self, text: str) -> str:
        raise NotImplementedError


class EntryWidget(LookupWidget):
    """An entry of one of the tenant's lists, by name. A retired one may stay but not be set anew."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.model = model

    @cached_property
    def _entries(self) -> list[tuple[int, str, Any]]:
        return list(self.model._default_manager.values_list("pk", "name", "retired_at"))

    @cached_property
    def names(self) -> dict[int, str]:
        return {pk: name for pk, name, _ in self._entries}

    @cached_property
    def retired(self) -> set[int]:
        return {pk for pk, _, retired_at in self._entries if retired_at is not None}

    def unknown(self, text: str) -> str:
        plural = self.model._meta.verbose_name_plural
        known = _some(name for pk, name, retired_at in self._entries if retired_at is None)
        return f"“{text}” is not one of your {plural} ({known}). Correct the name, or add it in the settings."

    def refusal(self, value: Any) -> str:
        if value not in self.retired:
            return ""
        return f"“{self.names[value]}” is retired. Choose another, or reinstate it in the settings."


class MemberWidget(LookupWidget):
    """A member of the tenant, by e-mail address."""

    @cached_property
    def names(self) -> dict[int, str]:
        return dict(Membership.objects.current().values_list("pk", "user__email"))

    def key(self, name: str) -> str:
        return fold_email(name)

    def unknown(self, text: str) -> str:
        known = _some(self.names.values())
        return f"“{text}” is not the e-mail address of a member ({known}). Correct it, or invite the person."


def _some(names: Iterable[str]) -> str:
    """The names, as many as a message can hold."""
    listed = list(names)
    more = len(listed) - SHOWN_NAMES
    text = ", ".join(listed[:SHOWN_NAMES]) or "there are none yet"
    return f"{text} and {more} more" if more > 0 else text
