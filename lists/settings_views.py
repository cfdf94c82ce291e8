"""What a person chooses for a list: its columns and their order, its filters, page size and density."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import get_text_list

from history.views import page_to_return_to
from lists.choosing import Choice, as_sent, chosen_first, moved_as_asked
from lists.models import ListSettings, settings_of
from lists.views import OfAList
from tenants.views import page


class LookForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """How many rows stand on a page, and how closely."""

    class Meta:
        model = ListSettings
        fields = ("size", "density")
        widgets = {"density": forms.RadioSelect}
        labels = {"size": "Rows on a page", "density": "Density"}


class ChoicesView(OfAList):
    """A page on which each person chooses for themselves how the list named in the address looks. Needs no script.

    POST: `reset` forgets what was chosen; `move` ("up:email", "down:email") shows the page again, changed and not
    saved; anything else saves the ticked `chosen` in the order of `order`.
    """

    title: ClassVar[str]
    body: ClassVar[str]
    field: ClassVar[str]  # of ListSettings

    def choices(self, settings: ListSettings) -> list[Choice]:
        """All that can be chosen: the shown ones in their order, then the others."""
        raise NotImplementedError

    def asked(self, settings: ListSettings, data: Any = None) -> dict[str, forms.ModelForm[Any]]:
        """What else is asked on the page."""
        return {}

    def told(self) -> dict[str, Any]:
        """What else the page says."""
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
            return self.show(moved_as_asked(choices, request.POST["move"]), asked)
        if not all(form.is_valid() for form in asked.values()):
            return self.show(choices, asked, status=422)
        return self.save(settings, [choice.key for choice in choices if choice.chosen])

    def save(self, settings: ListSettings, chosen: list[str]) -> HttpResponse:
        setattr(settings, self.field, chosen)
        self.keep(settings)
        messages.success(self.request, "Saved for you. Nobody else's list changes.")
        return HttpResponseRedirect(self.back())

    def back(self, **changed: str) -> str:
        """The list as it was, which the query string tells, with a change; '' leaves out."""
        query = self.request.GET.copy()
        for name, value in changed.items():
            query[name] = value
        kept = {name: values for name, values in query.lists() if any(values)}
        return f"{self.declaration.address}{'?' if kept else ''}{urlencode(kept, doseq=True, safe=',')}"

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
        return HttpResponseRedirect(self.back(columns=""))

    def show(
        self, choices: list[Choice], asked: dict[str, forms.ModelForm[Any]], status: int = 200
    ) -> HttpResponse:
        context = {
            "title": self.title,
            "choices": choices,
            "body": self.body,
            "nav": self.declaration.name,
            "list": self.declaration,
            "back": self.back(),
            **self.told(),
            **asked,
        }
        return page(self.request, "lists/choices.html", context, status=status)


class ColumnsView(ChoicesView):
    """Which columns, in which order; page size and density. Columns that the list's address names, as that of a
    saved view does, are changed there and not kept."""

    title = "Columns"
    body = "lists/columns.html"
    field = "columns"

    def choices(self, settings: ListSettings) -> list[Choice]:
        columns, lead = self.declaration.columns(self.request.user), self.declaration.lead
        shown = self.declaration.declared(columns) if settings.columns is None else settings.columns
        if self.named:
            shown = [key for key in self.named.split(",") if key in columns]
        labels = {key: column.label for key, column in columns.items() if key != lead}
        return [Choice(lead, columns[lead].label, True, fixed=True), *chosen_first(labels, shown)]

    @property
    def named(self) -> str:
        """The columns that the list's address names."""
        return self.request.GET.get("columns", "")

    def save(self, settings: ListSettings, chosen: list[str]) -> HttpResponse:
        if not self.named:
            return super().save(settings, chosen)
        self.keep(settings)
        return HttpResponseRedirect(self.back(columns=",".join(chosen)))

    def asked(self, settings: ListSettings, data: Any = None) -> dict[str, forms.ModelForm[Any]]:
        return {"form": LookForm(data, instance=settings)}

    def told(self) -> dict[str, Any]:
        columns = self.declaration.columns(self.request.user).values()
        return {"sorting": get_text_list([column.label for column in columns if column.order], "and")}


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


class AddFilter(FiltersView):
    """POST: one more filter stands above the list. Back to the list as it was."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        settings, wanted = self.settings(), request.POST.get("filter", "")
        choices = self.choices(settings)
        if any(choice.key == wanted for choice in choices):
            settings.filters = [choice.key for choice in choices if choice.chosen or choice.key == wanted]
            self.keep(settings)
        else:
            messages.error(request, "There is no such filter. Choose one of the list's.")
        return HttpResponseRedirect(page_to_return_to(request))
