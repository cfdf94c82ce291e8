"""The filters of a list, on django-filter. What is malformed in the address is left out and named, never refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import django_filters
from django import forms
from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.http import QueryDict
from django.utils.text import get_text_list

from lists.search import only_begun, wanted_exactly
from tenants.fields import ANY_CONTROL

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Option:
    """One value that a filter offers. `key` is what the rows hold; None stands for rows that hold nothing. `said`
    is the label in the midst of a sentence, where it is another one there."""

    value: str
    label: str
    key: Any = None
    colour: str = ""
    said: str = ""


ME = "me"  # the value of whoever looks, among people
NOTHING = Option("none", "Not set", said="not set")
ANY = Option("", "Any")


@dataclass(frozen=True)
class Facet:
    """The pill of one filter. `template` is what it opens; `parts` are what its further inputs hold."""

    name: str
    label: str
    options: list[tuple[Option, bool]]
    chosen: list[str]
    single: bool
    template: str
    hidden: bool
    parts: Mapping[str, str] = field(default_factory=dict)


class MadeOnce:
    """Made for one filterset. django-filter and Django's forms would copy it before they use it."""

    def __deepcopy__(self, memo: object) -> Self:
        return self


class ChoicesField(MadeOnce, forms.Field):
    """Any of the offered values. Others are kept in `refused` and otherwise ignored."""

    widget = forms.MultipleHiddenInput
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


class SearchField(MadeOnce, forms.CharField):
    """Words to look for: one line, at most LONGEST_SEARCH characters. "=" with nothing behind it is refused."""

    def clean(self, value: Any) -> str:
        given = str(value or "")
        text = ANY_CONTROL.sub(" ", given).strip()
        if wanted_exactly(text) == "":
            self.refused = [text]
            return ""
        self.refused = [] if ANY_CONTROL.search(given) is None and len(text) <= LONGEST_SEARCH else [given]
        return text[:LONGEST_SEARCH].strip()


class ListFilter(MadeOnce, django_filters.Filter):  # type: ignore[misc]  # untyped library
    """One filter. `words(value)` says in the sentence above the list what it does."""

    shown = True  # among the pills of somebody who has chosen none
    facet = ""  # the template of what its pill opens; a filter without one has its own place on the page
    default: Any = None  # what an address without it means
    parts: tuple[str, ...] = ()  # further inputs, named after a dot
    lifts = ""  # the filter whose default does not hold while this one is set
    included = False  # what it compares stands in every index

    def words(self, value: Any) -> str:
        raise NotImplementedError

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def sorts(self, values: list[str], field: str) -> bool:
        """Whether an index has the rows of these values in the order of `field`."""
        return False

    def counts(self, values: list[str]) -> bool:
        """Whether an index alone has how many rows these values leave."""
        return False

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        """The pill, as `value` has it; None where there is nothing to choose."""
        return None

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in (None, "", []):
            value = self.default
        return qs if value in (None, "", []) else self.apply(qs, value)


class SearchFilter(ListFilter):
    """Looks for words with the queryset's `search(text)`. `compared` says with what it compares exactly."""

    field_class = SearchField

    def __init__(self, *, compared: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.compared = compared

    def words(self, value: Any) -> str:
        exact = wanted_exactly(value)
        if exact is not None:
            return f"exactly “{exact}” as {self.compared}"
        begun = get_text_list([f"“{word}”" for word in only_begun(value)], "and")
        return f"containing “{value}”{f' ({begun} where a word begins)' if begun else ''}"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset.search(value)  # type: ignore[attr-defined,no-any-return]


class ChoicesFilter(ListFilter):
    """Rows whose field holds one of the chosen values.

    What is offered are its own `options`, or what comes with the request where the tenant defines it. `sorted_by`
    names the field in whose order an index has the rows of one value.
    """

    field_class = ChoicesField
    facet = "lists/facet_choices.html"
    options: Sequence[Option] = ()
    single = False

    def __init__(
        self, field_name: str, label: str, *, shown: bool = True, sorted_by: str = "", **kwargs: Any
    ) -> None:
        super().__init__(field_name, label=label, required=False, **kwargs)
        self.shown = shown
        self.sorted_by = sorted_by

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

    def sorts(self, values: list[str], field: str) -> bool:
        return self.sorted_by == field and len(values) == 1 and values != [NOTHING.value]

    def counts(self, values: list[str]) -> bool:
        return True

    def words(self, value: Any) -> str:
        chosen = [self.by_value[item] for item in value]
        labels = [option.said or option.label for option in chosen]
        return f"{self.label[0].lower()}{self.label[1:]} {' or '.join(labels)}"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        keys = dict.fromkeys(self.by_value[item].key for item in value)
        return queryset.filter(Q(*map(self.holds, keys), _connector=Q.OR))

    def holds(self, key: Any) -> Q:
        if key is None:
            return Q(**{f"{self.field_name}__isnull": True})
        if isinstance(key, int) and not isinstance(key, bool):
            # A plain 12 is an integer, which no GIN index compares with a bigint.
            return Q(Exact(F(self.field_name), Cast(Value(key), BigIntegerField())))
        return Q(**{self.field_name: key})


class YesNoFilter(ChoicesFilter):
    """Rows of which something is so, or is not, or either. `said` are the sentence's words for yes and for no,
    `labels` those of the two choices."""

    single = True

    def __init__(
        self,
        field_name: str,
        label: str,
        *,
        said: tuple[str, str],
        labels: tuple[str, str] = ("Yes", "No"),
        **kwargs: Any,
    ) -> None:
        super().__init__(field_name, label, **kwargs)
        yes, no = labels
        self.options = [Option("yes", yes, True, said=said[0]), Option("no", no, False, said=said[1])]

    def facet_of(self, name: str, value: Any, *, is_set: bool, hidden: bool) -> Facet | None:
        made = super().facet_of(name, value, is_set=is_set, hidden=hidden)
        return replace(made, options=[(ANY, not is_set), *made.options]) if made else None

    def words(self, value: Any) -> str:
        return self.by_value[value[0]].said

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset.filter(**{self.field_name: self.by_value[value[0]].key})


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
        for name in self._chosen():
            if lifted := self.filters[name].lifts:
                self._lift(lifted)
        self.chosen = self._chosen()  # what is set, as it stands in an address

    def _lift(self, name: str) -> None:
        """Its default does not hold, also where a form has sent it along."""
        made = self.filters[name]
        if self.form.cleaned_data.get(name) == made.default:
            self.form.cleaned_data[name] = []
        made.default = None

    def _chosen(self) -> dict[str, list[str]]:
        found = {}
        for name, value in self.form.cleaned_data.items():
            if value and value != self.filters[name].default:
                found[name] = list(value) if isinstance(value, list) else [str(value)]
        return found

    def sorts(self, field: str) -> bool:
        """Whether an index has the rows that match in the order of `field`."""
        if len(self.chosen) != 1:
            return False
        [(name, values)] = self.chosen.items()
        return bool(self.filters[name].sorts(values, field))

    @property
    def counts(self) -> bool:
        """Whether an index alone has how many rows match."""
        set_ones = [
            (self.filters[name], values)
            for name, values in self.chosen.items()
            if not self.filters[name].included
        ]
        return len(set_ones) <= 1 and all(made.counts(values) for made, values in set_ones)

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
