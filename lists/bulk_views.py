"""Selecting rows of a list, and the question before something is done to all of them. Works without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from history.long import Refused
from history.messages import done
from history.models import Operation
from lists.bulk import RowsAction
from lists.bulk_runs import Bulk, Numbers, freeze
from lists.listing import Listing
from lists.models import Selection, settings_of
from lists.views import OfAList
from tenants.numbers import grouped
from tenants.views import check_permission, page, read_number, wants_fragment


class SelectingView(OfAList):
    """Of the list that the address names, for those who may select its rows."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not self.declaration.bulk():
            raise Http404
        self.permission = self.declaration.bulk_permission or self.permission  # type: ignore[misc]  # the list's

    def lead(self, address: str) -> HttpResponse:
        """To another page, also from within a dialog."""
        return (
            HttpResponseClientRedirect(address)
            if wants_fragment(self.request)
            else HttpResponseRedirect(address)
        )


class SelectView(SelectingView):
    """POST freezes what is selected, and leads to where the pressed button leads.

    Selected are the ids in `selected`, those in `others` (of other pages, parted by commas), or with `all` what the
    list shows at the query string, but for the ids in `without`.
    """

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        chosen = settings_of(self.request.membership, self.declaration.name)
        listing = Listing(self.declaration, self.request.user, request.GET, chosen)
        action = next((one for one in listing.actions if one.key == request.POST.get("action")), None)
        if action is None:
            raise Http404
        if "all" in request.POST and listing.unread:
            told = f"Nothing was selected: {listing.unread_words}, and without that other rows match."
            messages.warning(request, f"{told} Tick the rows, or set the filters again.")
            return self.lead(f"{self.declaration.address}{listing.here}")
        if "all" in request.POST:
            selection = freeze(listing, None, without=numbers(request.POST.get("without", "").split(",")))
        else:
            others = request.POST.get("others", "").split(",")
            selection = freeze(listing, numbers([*request.POST.getlist("selected"), *others]))
        if not selection.number:
            selection.delete()
            messages.info(request, "Nothing is selected. Tick the rows first.")
            return self.lead(f"{self.declaration.address}{listing.here}")
        return HttpResponseRedirect(action.address(selection))


def numbers(texts: Iterable[str]) -> list[int]:
    """The ids among them, each once."""
    return sorted({number for number in map(read_number, texts) if number is not None})


class StrongForm(forms.Form):
    """Confirms by typing how many rows it is about."""

    typed = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["typed"].label = f"Type {grouped(number)} to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if "".join(char for char in typed if char.isdecimal()) != str(self.number):
            raise ValidationError(f"Type the number {grouped(self.number)}.", code="other_number")
        return typed


class BulkView(SelectingView):
    """Asks before an action is done to a frozen selection, with its numbers; POST does it. Only for who selected.

    With `preview`, POST shows the numbers for what was chosen.
    """

    def get(self, request: HttpRequest, name: str, pk: int, action: str) -> HttpResponse:
        bulk = self.bulk(Selection.objects.all())
        if bulk.selection.operation_id:
            return self.already_done(bulk)
        form = bulk.action.form(None, bulk.by)
        if any(name in request.GET for name in form.fields):
            form = bulk.action.form(request.GET, bulk.by)
        return self.show(bulk, form)

    def post(self, request: HttpRequest, name: str, pk: int, action: str) -> HttpResponse:
        # Held until the end: pressed twice, it is done once.
        bulk = self.bulk(Selection.objects.select_for_update(no_key=True, of=("self",)))
        if bulk.selection.operation_id:
            return self.already_done(bulk)
        form = bulk.action.form(request.POST, bulk.by)
        if "preview" in request.POST or not form.is_valid():
            return self.show(bulk, form, status=200 if "preview" in request.POST else 422)
        numbers = self.numbers(bulk, form)
        strong = self.strong(bulk, numbers, request.POST)
        if strong and not strong.is_valid():
            return self.show(bulk, form, numbers=numbers, strong=strong, status=422)
        try:
            started = bulk.start(form)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.lead(self.back(bulk))
        if bulk.is_long and started:
            return self.lead(reverse("history:operation", args=[started.pk]))
        self.say(bulk, form, started)
        return self.lead(self.back(bulk))

    def bulk(self, selections: Any) -> Bulk:
        name, pk, key = (self.kwargs[part] for part in ("name", "pk", "action"))
        action = next((one for one in self.declaration.bulk() if one.key == key), None)
        if not isinstance(action, RowsAction):
            raise Http404
        check_permission(self.request, action.permission)
        selection = get_object_or_404(selections.defer("ids"), pk=pk, list=name, by=self.request.user)
        return Bulk(self.declaration, action, selection, self.request.membership)

    def already_done(self, bulk: Bulk) -> HttpResponse:
        messages.info(self.request, "This was done already.")
        return self.lead(reverse("history:operation", args=[bulk.selection.operation_id]))

    def numbers(self, bulk: Bulk, form: forms.Form) -> Numbers:
        known = form.is_bound and form.is_valid()
        return bulk.numbers(form.cleaned_data if known else None if bulk.action.asks_value else {})

    def strong(self, bulk: Bulk, numbers: Numbers, data: Any = None) -> StrongForm | None:
        return StrongForm(data, number=bulk.selection.number) if numbers.effects.is_strong else None

    def show(
        self,
        bulk: Bulk,
        form: forms.Form,
        *,
        numbers: Numbers | None = None,
        strong: StrongForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        numbers = numbers or self.numbers(bulk, form)
        context = {
            "bulk": bulk,
            "numbers": numbers,
            "form": form,
            "strong": strong or self.strong(bulk, numbers),
            "question": bulk.action.question(bulk.words(bulk.selection.number)),
            "list": self.declaration,
            "nav": self.declaration.name,
            "cancel": self.back(bulk),
        }
        if wants_fragment(self.request) and self.request.htmx.target == "bulk-numbers":  # type: ignore[attr-defined]
            return TemplateResponse(self.request, "lists/bulk_numbers.html", context)
        return page(self.request, "lists/bulk.html", context, status=status)

    def back(self, bulk: Bulk) -> str:
        """The list as it was, with its tick boxes."""
        query = "&".join(part for part in (bulk.selection.query, "select=1") if part)
        return f"{self.declaration.address}?{query}"

    def say(self, bulk: Bulk, form: forms.Form, finished: Operation | None) -> None:
        if finished is None:
            messages.info(self.request, "Nothing was changed.")
            return
        counts = finished.counts
        said = [bulk.action.done(form, bulk.words(counts["changed"]))]
        if counts["unchanged"]:
            said.append(f"{grouped(counts['unchanged'])} {bulk.action.had}.")
        if counts["gone"]:
            said.append(f"{grouped(counts['gone'])} no longer existed.")
        done(self.request, " ".join(said), finished)
