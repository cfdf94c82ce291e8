"""The pages of saved views: save a list as one, change it, delete it; all work without scripts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control

from history.messages import done
from history.models import Operation
from history.operations import attempt, operation
from history.views import page_to_return_to
from lists.listing import Listing
from lists.models import ListSettings, SavedView, settings_of
from lists.named import to_change
from lists.saved import RECENT, counts_of, keep_who_opens_with, says_me, take_from_others, uses_of
from lists.saved_forms import ViewForm
from lists.views import OfAList
from tenants.views import TenantView, check_permission, page

KEEP = Operation.Kind.KEEP
KEPT = 60  # seconds that a browser may show the numbers of rows again


class ViewsPage(OfAList):
    """A page about the views of the list that the address names. `needs` is a permission besides the list's own."""

    needs: ClassVar[str] = "lists.view_savedview"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_permission(request, self.needs)
        return super().dispatch(request, *args, **kwargs)

    @property
    def address(self) -> str:
        return reverse("lists:views", args=[self.declaration.name])

    def offered(self) -> Any:
        """The views of the list that are there for this person."""
        return SavedView.objects.offered_to(self.request.user).filter(list=self.declaration.name)

    def view_to_change(self, pk: int) -> SavedView:
        view: SavedView = to_change(self.request, self.offered(), pk)
        return view

    def told(self, deed: str, view: SavedView) -> str:
        """What the operation says of itself, to nobody but who does it."""
        return f"{deed} the view “{view}” of {self.declaration.title.lower()}"

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        crumbs = [(self.declaration.title, self.declaration.address), ("Saved views", self.address)]
        given = {"nav": self.declaration.name, "list": self.declaration, "crumbs": crumbs, **context}
        return page(self.request, template, given, status=status)


class AddView(ViewsPage):
    """Saves the list at this query string as a view."""

    needs = "lists.add_savedview"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        return self.ask(self.listing(), self.form(SavedView()))

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        listing = self.listing()
        view = SavedView(list=name, owner=self.request.user, query=listing.state)
        form = self.form(view, request.POST)
        saved = None
        if form.is_valid():
            told = self.told("Saved", view)
            saved = attempt(KEEP, form.try_save, by=self.request.user, summary=told)
        if saved is None:
            return self.ask(listing, form, status=422)
        back = f"{self.declaration.address}?{saved.query}"
        done(request, f"The view “{saved}” is saved.", saved.last_operation, back=back)
        return HttpResponseRedirect(saved.get_absolute_url())

    def form(self, view: SavedView, data: Any = None) -> ViewForm:
        return ViewForm(data, instance=view, user=self.request.user)

    def ask(self, listing: Listing, form: ViewForm, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "listing": listing,
            "me": says_me(listing),
            "address": self.request.get_full_path(),
        }
        return self.show("lists/view_add.html", context, status)


class EditView(ViewsPage):
    """Name, colour, and whether it is shared. Says who uses it."""

    needs = "lists.change_savedview"

    def get(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        view = self.view_to_change(pk)
        return self.ask(view, self.form(view))

    def post(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        view = self.view_to_change(pk)
        was_shared = view.is_shared
        form = self.form(view, request.POST)
        if not form.is_valid():
            return self.ask(view, form, status=422)
        if not form.has_changed():
            messages.info(request, "Nothing was changed.")
            return HttpResponseRedirect(self.address)
        told = self.told("Changed", view)
        saved = attempt(KEEP, form.try_save, by=self.request.user, summary=told)
        if saved is None:
            return self.ask(view, form, status=422)
        if was_shared and not saved.is_shared:
            take_from_others(saved)
        done(request, f"The view “{saved}” is saved.", saved.last_operation)
        return HttpResponseRedirect(self.address)

    def form(self, view: SavedView, data: Any = None) -> ViewForm:
        return ViewForm(data, instance=view, user=self.request.user)

    def ask(self, view: SavedView, form: ViewForm, status: int = 200) -> HttpResponse:
        shown = SavedView.objects.get(pk=view.pk)  # the form has put what was typed on the other
        context = {
            "view": shown,
            "me": says_me(Listing(self.declaration, self.request.user, QueryDict(shown.query))),
            "form": form,
            "uses": uses_of([shown]).get(view.pk, []),
            "days": RECENT,
        }
        return self.show("lists/view_edit.html", context, status)


class UpdateView(ViewsPage):
    """Makes a view what the list at this query string shows. `seen` is the operation that wrote what the person saw."""

    needs = "lists.change_savedview"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        view, listing = self.view_to_change(pk), self.listing()
        here = f"{self.declaration.address}?{listing.state}&view={pk}"
        if request.POST.get("seen") != str(view.last_operation_id):
            who = view.last_operation.by or "Somebody"
            messages.warning(
                request, f"{who} changed this view meanwhile, so nothing is saved. Look at it again."
            )
            return HttpResponseRedirect(here)
        told = self.told("Changed", view)
        with operation(KEEP, by=self.request.user, summary=told) as running:
            view.query = listing.state
            view.save(update_fields=["query"])
        users = uses_of([view]).get(pk, [])
        others = (
            f" {len(users)} of your colleagues use{'s' if len(users) == 1 else ''} it too." if users else ""
        )
        done(request, f"“{view}” now shows this list.{others}", running)
        return HttpResponseRedirect(here)


class DeleteView(ViewsPage):
    """Asks, saying who uses it, and deletes."""

    needs = "lists.delete_savedview"

    def get(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        view = self.view_to_change(pk)
        uses = uses_of([view]).get(pk, [])
        context = {"view": view, "uses": uses, "days": RECENT, "address": request.path}
        return self.show("lists/view_delete.html", context)

    def post(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        view = self.view_to_change(pk)
        told = self.told("Deleted", view)
        with operation(KEEP, by=self.request.user, summary=told) as running:
            keep_who_opens_with(view, running)
            view.delete()
        done(request, f"The view “{view}” is deleted.", running)
        return HttpResponseRedirect(self.address)


class Views(ViewsPage):
    """The list's views: one's own and the shared ones, by name."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        views = list(self.offered().select_related("owner"))
        uses, default = uses_of(views), settings_of(self.request.membership, name).view_id
        rows = [
            {
                "view": view,
                "uses": uses.get(view.pk, []),
                "may_change": view.may_be_changed_by(self.request.user),
                "is_default": view.pk == default,
            }
            for view in views
        ]
        return self.show("lists/views.html", {"rows": rows, "days": RECENT})


class DefaultView(ViewsPage):
    """Has the person's list open with a view (`opens` is "1"), or with none."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str, pk: int) -> HttpResponse:
        held = self.offered().select_for_update(no_key=True, of=("self",))  # nobody deletes it meanwhile
        view: SavedView = get_object_or_404(held, pk=pk)
        opens = request.POST.get("opens") == "1"
        ListSettings.objects.update_or_create(
            membership=self.request.membership, list=name, defaults={"view": view if opens else None}
        )
        told = f"open with “{view}” for you now" if opens else "open without a view for you now"
        messages.success(request, f"{self.declaration.title} {told}.")
        return HttpResponseRedirect(page_to_return_to(request))


class ViewCounts(TenantView):
    """How many rows each of the sidebar's views has, for htmx to put there. A browser asks once in a minute, and when
    there are other views: `of` says which there are on its page (Shelf.versions).

    One query for each view, that reads COUNTED rows at the most, and all of them no longer than a few seconds.
    """

    permission = "lists.view_savedview"

    def get(self, request: HttpRequest) -> HttpResponse:
        counted = counts_of(self.request)
        response = TemplateResponse(request, "lists/view_counts.html", {"counted": counted})
        patch_cache_control(response, private=True, max_age=KEPT)
        return response
