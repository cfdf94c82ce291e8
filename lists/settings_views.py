"""What a person chooses for a list: its columns and their order, its filters, page size and density."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from lists.declaration import ListDeclaration, list_named
from lists.models import ListSettings, settings_of
from tenants.views import TenantView, page


@dataclass(frozen=True)
class Choice:
    """A column or a filter that may be shown. `fixed` ones always are."""

    key: str
    label: str
    chosen: bool
    fixed: bool = False


class LookForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """How many rows stand on a page, and how closely."""

    class Meta:
        model = ListSettings
        fields = ("size", "density")
        widgets = {"density": forms.RadioSelect}
        labels = {"size": "Rows on a page", "density": "Density"}


class ChoicesView(TenantView):
    """A page on which each person chooses for themselves how the list named in the address looks. Needs no script.

    POST: `reset` forgets what was chosen; `move` ("up:email", "down:email") shows the page again, changed and not
    saved; anything else saves the ticked `chosen` in the order of `order`.
    """

    declaration: ListDeclaration
    title: ClassVar[str]
    body: ClassVar[str]
    field: ClassVar[str]  # of ListSettings

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        declaration = list_named(kwargs["name"])
        if declaration is None:
            raise Http404
        self.declaration = declaration
        self.permission = declaration.permission  # type: ignore[misc]  # the list's own, not the view's

    def choices(self, settings: ListSettings) -> list[Choice]:
        """All that can be chosen: the shown ones in their order, then the others."""
        raise NotImplementedError

    def asked(self, settings: ListSettings, data: Any = None) -> dict[str, forms.ModelForm[Any]]:
        """What else is asked on the page."""
        return {}

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        settings = self.settings()
        return self.show(self.choices(settings), self.asked(settings))

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        settings = self.settings()
        if "reset" in request.POST:
            return self.reset(settings)
        known = {choice.key: choice for choice in self.choices(settings)}
        choices = as_sent(known, request.POST.getlist("order"), request.POST.getlist("chosen"))
        asked = self.asked(settings, request.POST)
        if "move" in request.POST:
            direction, _, key = request.POST["move"].partition(":")
            return self.show(moved(choices, key, direction), asked)
        if not all(form.is_valid() for form in asked.values()):
            return self.show(choices, asked, status=422)
        setattr(settings, self.field, [choice.key for choice in choices if choice.chosen])
        self.keep(settings)
        messages.success(request, "Saved for you. Nobody else's list changes.")
        return HttpResponseRedirect(self.declaration.address)

    def settings(self) -> ListSettings:
        return settings_of(self.request.membership, self.declaration.name)

    def keep(self, settings: ListSettings) -> None:
        values = {name: getattr(settings, name) for name in ("columns", "filters", "size", "density")}
        ListSettings.objects.update_or_create(
            membership=self.request.membership, list=self.declaration.name, defaults=values
        )

    def reset(self, settings: ListSettings) -> HttpResponse:
        fresh = ListSettings()
        for name in [self.field, *(name for form in self.asked(settings).values() for name in form.fields)]:
            setattr(settings, name, getattr(fresh, name))
        self.keep(settings)
        messages.success(self.request, "As it was at first.")
        return HttpResponseRedirect(self.declaration.address)

    def show(
        self, choices: list[Choice], asked: dict[str, forms.ModelForm[Any]], status: int = 200
    ) -> HttpResponse:
        context = {
            "title": self.title,
            "choices": choices,
            "body": self.body,
            "nav": self.declaration.name,
            "list": self.declaration,
            **asked,
        }
        return page(self.request, "lists/choices.html", context, status=status)


class ColumnsView(ChoicesView):
    """Which columns, in which order; page size and density."""

    title = "Columns"
    body = "lists/columns.html"
    field = "columns"

    def choices(self, settings: ListSettings) -> list[Choice]:
        columns, lead = self.declaration.columns(self.request.user), self.declaration.lead
        shown = self.declaration.declared(columns) if settings.columns is None else settings.columns
        chosen = [key for key in shown if key in columns and key != lead]
        others = [key for key in columns if key not in {lead, *chosen}]
        return [
            Choice(lead, columns[lead].label, True, fixed=True),
            *(Choice(key, columns[key].label, True) for key in chosen),
            *(Choice(key, columns[key].label, False) for key in others),
        ]

    def asked(self, settings: ListSettings, data: Any = None) -> dict[str, forms.ModelForm[Any]]:
        return {"form": LookForm(data, instance=settings)}


class FiltersView(ChoicesView):
    """Which filters stand above the list."""

    title = "Filters"
    body = "lists/filters.html"
    field = "filters"

    def choices(self, settings: ListSettings) -> list[Choice]:
        chosen = settings.filters
        return [
            Choice(name, declared.label, declared.shown if chosen is None else name in chosen)
            for name, declared in self.declaration.all_filters(self.request.user).items()
            if declared.facet
        ]


def as_sent(known: dict[str, Choice], order: Iterable[str], chosen: Iterable[str]) -> list[Choice]:
    """The known ones in the order that was sent, ticked as sent; what was not sent comes last."""
    ticked = set(chosen)
    keys = [key for key in dict.fromkeys(order) if key in known]
    fixed = [key for key, choice in known.items() if choice.fixed]
    rest = [key for key in known if key not in keys]
    in_order = dict.fromkeys([*fixed, *keys, *rest])
    return [
        Choice(key, known[key].label, known[key].fixed or key in ticked, known[key].fixed) for key in in_order
    ]


def moved(choices: list[Choice], key: str, direction: str) -> list[Choice]:
    """With the one named `key` a place further "up" or "down"; fixed ones stay at the top."""
    at = next((place for place, choice in enumerate(choices) if choice.key == key), None)
    if at is None or choices[at].fixed:
        return choices
    to = at - 1 if direction == "up" else at + 1
    if not 0 <= to < len(choices) or choices[to].fixed:
        return choices
    changed = list(choices)
    changed[at], changed[to] = changed[to], changed[at]
    return changed
