"""Filters that are put together of several inputs: text with what to do with it; ranges (lists/range_filters.py).

In an address each is one value ("starts:alder", "2026-01-01..2026-03-31"); the inputs of the page ("email.is",
"email.text") are read as well, so that the page works without scripts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from lists.filters import LONGEST_SEARCH, Facet, ListFilter, MadeOnce, Option
from lists.search import dialled
from tenants.context import require_tenant_id
from tenants.fields import ANY_CONTROL, fold
from tenants.models import Tenant, fold_email
from tenants.phones import beginnings

CUSTOM = "custom"  # the value of a filter whose inputs say more


class ComposedWidget(forms.Widget):
    """Reads the filter's own value, or else its inputs, as one text."""

    parts: tuple[str, ...] = ()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, dict[str, str]]:
        return data.get(name) or "", {part: data.get(f"{name}.{part}") or "" for part in self.parts}


class ComposedField(MadeOnce, forms.Field):
    """What the filter makes of the inputs; what it can't read is kept in `refused` and otherwise ignored."""

    widget = ComposedWidget
    made_by: ComposedFilter

    def clean(self, value: tuple[str, dict[str, str]]) -> str:
        whole, parts = value
        composed = whole in ("", CUSTOM)
        given = self.made_by.joined(parts) if composed else ANY_CONTROL.sub(" ", whole).strip()
        given = given[: LONGEST_SEARCH + 20]
        if not given:
            self.refused: list[str] = []
            return ""
        kept = self.made_by.canonical(given)
        self.refused = [] if kept else [given]
        return kept


class ComposedFilter(ListFilter):
    """A filter with a value that is one text in an address, made of `parts` on the page."""

    field_class = ComposedField

    def __init__(self, field_name: str, label: str, *, shown: bool = False, **kwargs: Any) -> None:
        super().__init__(field_name, label=label, required=False, **kwargs)
        self.shown = shown

    @property
    def field(self) -> Any:
        made = super().field
        made.made_by, made.widget.parts = self, self.parts
        return made

    def joined(self, parts: dict[str, str]) -> str:
        """The inputs as one text; '' for nothing."""
        raise NotImplementedError

    def canonical(self, text: str) -> str:
        """`text` as it stands in an address; '' when it makes no sense."""
        raise NotImplementedError

    def said(self, value: str) -> str:
        """What the pill shows."""
        raise NotImplementedError

    def split(self, value: str) -> dict[str, str]:
        """What the inputs hold."""
        raise NotImplementedError

    def words(self, value: Any) -> str:
        return f"{self.label[0].lower()}{self.label[1:]} {self.said(value)}"

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        return Facet(
            name=name,
            label=self.label,
            options=[(option, option.value == self.preset_of(value or "")) for option in self.presets],
            chosen=[self.said(value)] if is_set else [],
            single=True,
            template=self.facet,
            hidden=hidden,
            parts=self.split(value or ""),
        )

    @property
    def presets(self) -> list[Option]:
        raise NotImplementedError

    def preset_of(self, value: str) -> str:
        """Which of the presets is chosen."""
        raise NotImplementedError


HOW = {
    "contains": ("contains", True),
    "starts": ("starts with", True),
    "empty": ("is empty", False),
    "filled": ("is not empty", False),
}
HELD = ("contains", "starts")  # all that there is to ask of what is never empty


class TextFilter(ComposedFilter):
    """Rows whose text contains or starts with something, or is empty.

    `folded` names the field that holds the text as compared, where that is another one (a ComparedTextField): with
    an index of its own, in which the rows of a beginning stand together. What the rows are found by, `search`,
    holds it too and has the index that a text inside another needs. `ways` are those of HOW that are offered.
    """

    facet = "lists/facet_text.html"
    parts = ("is", "text")

    def __init__(
        self,
        field_name: str,
        label: str,
        *,
        folded: str = "",
        ways: Collection[str] = tuple(HOW),
        **kwargs: Any,
    ) -> None:
        super().__init__(field_name, label, **kwargs)
        self.folded = folded or field_name
        self.ways = ways

    @property
    def presets(self) -> list[Option]:
        return [Option(value, words) for value, (words, _) in HOW.items() if value in self.ways]

    def preset_of(self, value: str) -> str:
        return value.partition(":")[0]

    def joined(self, parts: dict[str, str]) -> str:
        how = parts["is"] or "contains"
        takes_text = HOW.get(how, ("", True))[1]
        return f"{how}:{parts['text']}" if takes_text and parts["text"] else "" if takes_text else how

    def canonical(self, text: str) -> str:
        how, _, wanted = text.partition(":")
        if how not in self.ways:
            return ""
        if not HOW[how][1]:
            return how
        wanted = ANY_CONTROL.sub(" ", wanted).strip()[:LONGEST_SEARCH]
        return f"{how}:{wanted}" if self.compared(wanted) else ""

    def compared(self, text: str) -> str:
        """`text` as it is looked for; '' for nothing."""
        return fold(text)

    def split(self, value: str) -> dict[str, str]:
        how, _, wanted = value.partition(":")
        return {"is": how, "text": wanted}

    def said(self, value: str) -> str:
        parts = self.split(value)
        words = HOW[parts["is"]][0]
        return f"{words} “{parts['text']}”" if parts["text"] else words

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        parts = self.split(value)
        if parts["is"] in ("empty", "filled"):
            return queryset.filter(self.blank(wanted=parts["is"] == "empty"))
        return queryset.filter(self.held(parts["is"], self.compared(parts["text"])))

    def blank(self, *, wanted: bool) -> Q:
        return Q(**{f"{self.folded}__{'exact' if wanted else 'gt'}": ""})

    def held(self, how: str, wanted: str) -> Q:
        if how == "starts":
            return Q(**{f"{self.folded}__startswith": wanted})
        return Q(**{f"{self.folded}__contains": wanted}, search__contains=fold(wanted))

    def sorts(self, values: list[str], field: str) -> bool:
        return self.folded == field and self.counts(values)

    def counts(self, values: list[str]) -> bool:
        return self.split(values[0])["is"] != "contains"


class EmailFilter(TextFilter):
    """Rows with an e-mail address that contains or starts with something, or without one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("email", "E-mail", folded="email_key", **kwargs)

    def compared(self, text: str) -> str:
        return fold_email(text)


class PhoneFilter(TextFilter):
    """Rows with a telephone number that holds these digits or begins with them, however they are written. One that
    is to begin as a number at home does begins with the code of the company's country."""

    def compared(self, text: str) -> str:
        return dialled(text)

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        parts = self.split(value)
        if parts["is"] != "starts":
            return super().apply(queryset, value)
        country = Tenant.objects.values_list("country", flat=True).get(pk=require_tenant_id())
        begun = (Q(phone_digits__startswith=digits) for digits in beginnings(parts["text"], country))
        return queryset.filter(Q(*begun, _connector=Q.OR))

    def held(self, how: str, wanted: str) -> Q:
        return Q(phone_digits__contains=wanted, search__contains=wanted)
