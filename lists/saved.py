"""Saved views: which ones a person is offered, which one is open, and who uses them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from time import monotonic

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

from history.models import Operation
from lists.declaration import ListDeclaration
from lists.filters import ME, ChoicesFilter
from lists.listing import NO_VIEW, Listing
from lists.models import ListSettings, SavedView, ViewUse
from lists.paging import COUNTED, Total
from tenants.database import TooSlow, at_most
from tenants.models import Membership
from tenants.numbers import grouped
from tenants.views import TenantRequest, read_number

RECENT = 30  # days
COUNTING, COUNTING_ONE = 4.0, 1.0  # seconds that counting the rows of all views may take, and of one
OPENED = "opened"  # in the counts of an operation: a view, and the ListSettings that opened with it
SHOWN = 40  # so many stand in the sidebar, the others on the page of a list's views


@dataclass(frozen=True)
class Shelf:
    """The views of one list, as the sidebar shows them. `more`: there are others."""

    declaration: ListDeclaration
    views: list[SavedView]
    more: bool

    @property
    def title(self) -> str:
        return (
            f"{self.declaration.title}: saved views"
            if self.declaration.name != main_list().name
            else "Saved views"
        )

    @property
    def versions(self) -> str:
        """What the numbers of their rows depend on, as it stands in an address: each view's id and last operation."""
        return ",".join(f"{view.pk}.{view.last_operation_id}" for view in self.views)

    @property
    def default(self) -> SavedView | None:
        """The one that the person's list opens with."""
        return next((view for view in self.views if view.is_default), None)


def lists() -> list[ListDeclaration]:
    return [import_string(path) for path in settings.LISTS]


def main_list() -> ListDeclaration:
    return lists()[0]


def offered(request: TenantRequest) -> list[SavedView]:
    """The person's own views and the shared ones, of all lists, by name; SHOWN at the most, and one to tell that
    there are more. `is_default` says whether the person's list opens with it. One query for each request."""
    found: list[SavedView] | None = getattr(request, "saved_views", None)
    if found is None:
        opens = ListSettings.objects.filter(membership=request.membership, view=OuterRef("pk"))
        mine = SavedView.objects.filter(Q(owner=request.user) | Q(is_shared=True))
        found = list(
            mine.annotate(is_default=Exists(opens)).order_by("-is_default", "name_key", "pk")[: SHOWN + 1]
        )
        request.saved_views = found  # type: ignore[attr-defined]  # the list's page and the sidebar ask the same
    return found


def shelves(request: HttpRequest) -> list[Shelf]:
    """What the sidebar shows: the lists that have views, each with them."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return []
    found = offered(request)  # type: ignore[arg-type]  # one with a membership is served inside a tenant
    made = []
    for declaration in lists():
        views = [view for view in found[:SHOWN] if view.list == declaration.name]
        views.sort(key=lambda view: view.name_key)
        if views and request.user.has_perm(declaration.permission):
            made.append(Shelf(declaration, views, more=len(found) > SHOWN))
    return made


def open_view(request: TenantRequest, listing: Listing) -> bool:
    """Find the view that the list's address names. Whether there is one for this person, if any is named."""
    if listing.marker in ("", NO_VIEW):
        return True
    key, views = int(listing.marker), offered(request)
    found = next((view for view in views if view.pk == key), None)
    if found is None and len(views) > SHOWN:
        found = (
            SavedView.objects.offered_to(request.user).filter(list=listing.declaration.name, pk=key).first()
        )
    if found is None or found.list != listing.declaration.name:
        listing.marker = NO_VIEW if listing.settings.view_id else ""
        return False
    listing.view = found
    return True


def is_edited(listing: Listing) -> bool:
    """Whether it shows something else than what the view that is open is for this person."""
    if listing.view is None or listing.view.query == listing.state:
        return False
    saved = QueryDict(listing.view.query)
    return listing.state != Listing(listing.declaration, listing.user, saved, options=listing.options).state


def says_me(listing: Listing) -> list[str]:
    """The labels of the filters that are set to whoever looks."""
    chosen = [(listing.filterset.filters[name], values) for name, values in listing.filterset.chosen.items()]
    return [made.label for made, values in chosen if ME in values and isinstance(made, ChoicesFilter)]


def note_use(view: SavedView, membership: Membership) -> None:
    """Keep that the member opened a colleague's view today. Written once a day at the most."""
    today = timezone.localdate()
    if view.owner_id == membership.user_id:
        return
    if ViewUse.objects.filter(view=view, membership=membership, day=today).exists():
        return
    try:
        with transaction.atomic():
            ViewUse.objects.update_or_create(view=view, membership=membership, defaults={"day": today})
    except IntegrityError:
        return  # the view was deleted in this very moment


@dataclass(frozen=True)
class Use:
    """That a colleague uses a view: opened it within RECENT days, or has a list that opens with it."""

    name: str
    opens: bool

    def __str__(self) -> str:
        return f"{self.name} (whose list opens with it)" if self.opens else self.name


def uses_of(views: Iterable[SavedView]) -> dict[int, list[Use]]:
    """Who uses each of the shared ones among them, besides its owner, by name. Two queries."""
    owners = {view.pk: view.owner_id for view in views if view.is_shared}
    since = timezone.localdate() - timedelta(days=RECENT)
    opening = ListSettings.objects.filter(view__in=owners).select_related("membership__user")
    opened = ViewUse.objects.filter(view__in=owners, day__gt=since).select_related("membership__user")
    found: dict[int, dict[Membership, bool]] = {key: {} for key in owners}
    for use in opened:
        found[use.view_id][use.membership] = False
    for chosen in opening:
        found[chosen.view_id or 0][chosen.membership] = True
    return {
        key: sorted(
            (
                Use(member.user.name, opens)
                for member, opens in members.items()
                if member.user_id != owners[key]
            ),
            key=lambda use: use.name.casefold(),
        )
        for key, members in found.items()
    }


def take_from_others(view: SavedView) -> None:
    """Lists of others open with it no longer, now that it is its owner's alone."""
    ListSettings.objects.filter(view=view).exclude(membership__user=view.owner_id).update(view=None)


def keep_who_opens_with(view: SavedView, deletion: Operation) -> None:
    """Keep with the deletion of a view whose lists open with it, for it may be undone."""
    opening = list(ListSettings.objects.filter(view=view).order_by("pk").values_list("pk", flat=True))
    deletion.keep(**{OPENED: {str(view.pk): opening}})


def open_again(running: Operation) -> None:
    """Where it undoes the deletion of a view, the lists that opened with it do so again; those that open with another
    one by now do not. One of settings.OPERATION_SETTLERS."""
    opened = running.undoes.counts.get(OPENED, {}) if running.undoes else {}
    for view in SavedView.objects.filter(pk__in=opened) if opened else ():
        ListSettings.objects.filter(pk__in=opened[str(view.pk)], view=None).update(view=view)


def counts_of(request: TenantRequest) -> dict[int, str]:
    """How many rows each of the sidebar's views has for this person: "1,024", "10k+"; without those that would
    take too long, and those that the address does not name, which have no place on the page. One query for what the
    filters of each list offer, and one for each view."""
    found: dict[int, str] = {}
    versions = ",".join(request.GET.getlist("of")).split(",")
    named = {read_number(version.partition(".")[0]) for version in versions}
    until = monotonic() + COUNTING
    for shelf in shelves(request):
        options = shelf.declaration.options(request.user)
        for view in shelf.views:
            if view.pk not in named:
                continue
            left = until - monotonic()
            if left <= 0:
                return found
            query = QueryDict(view.query)
            listing = Listing(shelf.declaration, request.user, query, options=options)
            with suppress(TooSlow), at_most(ceil(1000 * min(left, COUNTING_ONE))):
                found[view.pk] = _short(listing.total)
    return found


def _short(total: Total) -> str:
    return grouped(total.number) if total.exact else f"{COUNTED // 1000}k+"
