"""The filters of a list, on django-filter. What is malformed in the address is left out and named, never refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from tenants.fields import ANY_CONTROL

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Option:
    """One value that a filter offers. `key` is what the rows hold; None stands for rows that hold nothing."""

    value: str
    label: str
    key: Any = None
    colour: str = ""
    person: bool = False


NOTHING = Option("none", "Not set")


@dataclass(frozen=True)
class Facet:
    """The pill of one filter, as its template shows it. `parts` are what its further inputs hold."""

    name: str
    label: str
    options: list[tuple[Option, bool]]
    chosen: list[str]
    single: bool
    template: str
    hidden: bool
    parts: Mapping[str, str] = field(default_factory=dict)


class ChoicesField(forms.MultipleChoiceField):
    """Any of the offered values. Others are kept in `refused` and otherwise ignored."""

    options: Sequence[Option] = ()
    single = False

    def clean(self, value: Any) -> list[str]:
        given = list(dict.fromkeys(str(item) for item in value or [] if item != ""))
        offered = {option.value for option in self.options}
        kept = [item for item in given if item in offered]
        if self.single:
            kept = kept[-1:]
        self.refused = [item for item in given if item not in kept]
        return kept


class SearchField(forms.CharField):
    """Words to look for: one line, at most LONGEST_SEARCH characters."""

    def clean(self, value: Any) -> str:
        given = str(value or "")
        text = ANY_CONTROL.sub(" ", given).strip()
        self.refused = [] if ANY_CONTROL.search(given) is None and len(text) <= LONGEST_SEARCH else [given]
        return text[:LONGEST_SEARCH].strip()


class ListFilter(django_filters.Filter):  # type: ignore[misc]  # untyped library
    """One filter. `words(value)` says in the sentence above the list what it does."""

    shown = True  # among the pills of somebody who has chosen none
    facet = ""  # the template of its pill; a filter without one has its own place on the page
    default: Any = None  # what an address without it means
    parts: tuple[str, ...] = ()  # further inputs, named after a dot

    def words(self, value: Any) -> str:
        raise NotImplementedError

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        """The pill, as `value` has it; None where there is nothing to choose."""
        return None

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in (None, "", []):
            value = self.default
        return qs if value in (None, "", []) else self.apply(qs, value)


class SearchFilter(ListFilter):
    """Looks for words with the queryset's `search(text)`."""

    field_class = SearchField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def words(self, value: Any) -> str:
        return f"containing “{value}”"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset.search(value)  # type: ignore[attr-defined,no-any-return]


class ChoicesFilter(ListFilter):
    """Rows whose field holds one of the chosen values.

    What is offered are its own `options`, or what comes with the request where the tenant defines it.
    """

    field_class = ChoicesField
    facet = "lists/facet.html"
    options: Sequence[Option] = ()
    single = False

    def __init__(self, field_name: str, label: str, *, shown: bool = True, **kwargs: Any) -> None:
        super().__init__(field_name, label=label, required=False, **kwargs)
        self.shown = shown

    def offer(self, options: Sequence[Option]) -> None:
        self.field.options = options
        self.field.single = self.single
        self.by_value = {option.value: option for option in options}

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        if not self.by_value:
            return None
        chosen = value or self.default or []
        return Facet(
            name=name,
            label=self.label,
            options=[(option, option.value in chosen) for option in self.by_value.values()],
            chosen=[self.by_value[item].label for item in chosen] if is_set else [],
            single=self.single,
            template=self.facet,
            hidden=hidden,
        )

    def words(self, value: Any) -> str:
        labels = [self.by_value[item].label for item in value]
        return f"{self.label[0].lower()}{self.label[1:]} {' or '.join(labels)}"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        keys = {self.by_value[item].key for item in value}
        condition = Q(**{f"{self.field_name}__in": keys - {None}}) if keys - {None} else Q()
        if None in keys:
            condition |= Q(**{f"{self.field_name}__isnull": True})
        return queryset.filter(condition)


class ListFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    """The filters of one list, as one address sets them."""

    def __init__(
        self, data: QueryDict, queryset: QuerySet[Any], *, options: Mapping[str, Sequence[Option]]
    ) -> None:
        super().__init__(data, queryset)
        for name, declared in self.filters.items():
            if isinstance(declared, ChoicesFilter):
                declared.offer(declared.options or options.get(name, ()))
        self.is_bound = True
        self.form.full_clean()

    @property
    def chosen(self) -> dict[str, list[str]]:
        """What is set, as it stands in an address."""
        found = {}
        for name, value in self.form.cleaned_data.items():
            if value and value != self.filters[name].default:
                found[name] = list(value) if isinstance(value, list) else [str(value)]
        return found

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Name and value of everything that was ignored."""
        return [
            (name, value)
            for name, field in self.form.fields.items()
            for value in getattr(field, "refused", ())
        ]

    @property
    def words(self) -> list[str]:
        return [
            self.filters[name].words(self.form.cleaned_data[name])
            for name in self.chosen
            if name in self.filters
        ]

    def facets(self, shown: Collection[str] | None) -> list[Facet]:
        """The pills of those that have something to offer. Those not in `shown` (None: as declared) are hidden
        unless they are set."""
        made = []
        for name, declared in self.filters.items():
            if declared.facet:
                wanted = declared.shown if shown is None else name in shown
                value, is_set = self.form.cleaned_data.get(name), name in self.chosen
                made.append(declared.facet_of(name, value, is_set=is_set, hidden=not (wanted or is_set)))
        return [facet for facet in made if facet]

    @property
    def inputs(self) -> set[str]:
        """Every name that an address may hold for the filters."""
        parts = {f"{name}.{part}" for name, made in self.filters.items() for part in made.parts}
        return {*self.filters, *parts}


def filterset_class(filters: Iterable[tuple[str, ListFilter]]) -> type[ListFilterSet]:
    return type("Filters", (ListFilterSet,), dict(filters))
