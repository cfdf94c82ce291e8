"""The page of a list. A list of rows is a declaration and one of these views."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.text import get_text_list

from history.views import page_to_return_to
from lists.declaration import ListDeclaration, list_named
from lists.listing import Listing
from lists.models import ListSettings, SavedView, settings_of
from lists.paging import END, SIZES, Order, Page
from lists.saved import is_edited, note_use, offered, open_view
from lists.tables import ListTable, lookups_of
from tenants.views import TenantView, page, wants_fragment


class OfAList(TenantView):
    """A page of the list named in the address. Its permission is the list's own."""

    declaration: ListDeclaration

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        declaration = list_named(kwargs["name"])
        if declaration is None:
            raise Http404
        self.declaration = declaration
        self.permission = declaration.permission  # type: ignore[misc]  # not the view's

    def listing(self) -> Listing:
        """As the address has it."""
        settings = settings_of(self.request.membership, self.declaration.name)
        return Listing(self.declaration, self.request.user, self.request.GET, settings)


class Count(OfAList):
    """How many rows match, all counted: for htmx to put into the list's page, or a page by itself."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        listing = self.listing()
        context = {
            "title": "Count",
            "nav": name,
            "listing": listing,
            "list": self.declaration,
            "too_slow": not listing.matches.count(),
        }
        return page(request, "lists/count.html", context, fragment="total")


class Size(OfAList):
    """Keeps how many rows (`size`) the person wants on a page of the list, and leads back to its first page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        wanted = request.POST.get("size", "")
        if wanted in map(str, SIZES):
            chosen = {"size": int(wanted)}
            ListSettings.objects.update_or_create(
                membership=self.request.membership, list=name, defaults=chosen
            )
        else:
            messages.error(
                request, f"A page has {get_text_list(list(map(str, SIZES)))} rows. Choose one of these."
            )
        path, _, query = page_to_return_to(request).partition("?")
        kept = [pair for pair in parse_qsl(query) if pair[0] not in ("size", "after", "before")]
        return HttpResponseRedirect(f"{path}?{urlencode(kept, safe=',')}" if kept else path)


class ListView(TenantView):
    """The list's page; for htmx its results, with the pills and the sentence beside them."""

    declaration: ClassVar[ListDeclaration]
    template_name: ClassVar[str] = "lists/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        settings = settings_of(self.request.membership, self.declaration.name)
        if opens_with := self.default_view(settings):
            return HttpResponseRedirect(opens_with.get_absolute_url())
        listing = Listing(self.declaration, self.request.user, request.GET, settings)
        view_is_gone = not open_view(self.request, listing)
        if listing.view and set(request.GET) == {"view"}:
            return HttpResponseRedirect(listing.view.get_absolute_url())
        fragment = wants_fragment(request)
        if listing.view and not fragment:
            note_use(listing.view, self.request.membership)
        response = page(
            request,
            self.template_name,
            {**self.context(listing), "oob": fragment, "view_is_gone": view_is_gone},
            fragment="results",
        )
        patch_vary_headers(response, ["HX-Request", "HX-Boosted"])
        if fragment:
            name, value = history_header(request, listing)
            response[name] = value
        return response

    def default_view(self, settings: ListSettings) -> SavedView | None:
        """The view that the list opens with for this person, at its bare address."""
        if not settings.view_id or self.request.GET or wants_fragment(self.request):
            return None
        return next((view for view in offered(self.request) if view.pk == settings.view_id), None)

    def context(self, listing: Listing) -> dict[str, Any]:
        columns = listing.shown
        rows = listing.matches.page(lookups_of(columns))
        return {
            "listing": listing,
            "title": self.declaration.title,
            "noun": self.declaration.noun({}, 2),
            "nav": self.declaration.name,
            "table": ListTable(listing, columns, rows),
            "span": listing.span(rows),
            "is_empty": not rows.rows,
            "has_none": not rows.rows and self.declaration.is_empty,
            "pager": pager(listing, rows),
            "orders": orders(listing),
            "save_view": f"{reverse('lists:view-add', args=[self.declaration.name])}?{listing.state}",
            "view_is_edited": is_edited(listing),
            "may_change_view": bool(listing.view and listing.view.may_be_changed_by(self.request.user)),
            "link": self.request.build_absolute_uri(listing.link),
            "sizes": [(size, size == listing.size) for size in SIZES],
        }


def orders(listing: Listing) -> list[tuple[str, str, str]]:
    """Of each column that sorts: label, address, and how it sorts the list now. The current one leads backwards."""
    found = []
    for column in listing.columns.values():
        if column.order and column.key == listing.order.column.key:
            direction = "descending" if listing.order.descending else "ascending"
            found.append((column.label, listing.address(order=listing.order.opposite), direction))
        elif column.order:
            found.append((column.label, listing.address(order=Order(column)), ""))
    return found


def pager(listing: Listing, rows: Page) -> dict[str, str]:
    """The addresses of first, previous, next and last page, '' for those that lead nowhere."""
    previous, following = rows.previous, rows.next
    away = bool(listing.after or listing.before or listing.last)
    return {
        "first": listing.address() if previous or (away and not rows.rows) else "",
        "previous": listing.address(before=previous.encode()) if previous else "",
        "next": listing.address(after=following.encode()) if following else "",
        "last": listing.address(before=END) if following else "",
    }


def history_header(request: HttpRequest, listing: Listing) -> tuple[str, str]:
    """What happens to the address bar: a new entry, unless only more letters of a search were typed."""
    address = f"{request.path}{listing.here if listing.here != '?' else ''}"
    try:
        _, _, query = (request.htmx.current_url_abs_path or "").partition("?")  # type: ignore[attr-defined]
    except ValueError:  # no address at all
        query = ""
    before, now = QueryDict(query, mutable=True), QueryDict(listing.here.removeprefix("?"), mutable=True)
    searched_before = bool(before.get("q")) and bool(now.get("q"))
    unchanged = before == now
    for state in (before, now):
        state.pop("q", None)
    typing = searched_before and before == now
    return ("HX-Replace-Url" if typing or unchanged else "HX-Push-Url"), address
