"""The base of pages that change rows: form, operation, message, redirect. And the page that undoes."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import get_text_list

from history import undo as undoing
from history.long import BATCH
from history.models import Operation
from history.operation_rows import PART
from history.operations import attempt
from history.since import what_stays
from history.standing import parts_of
from history.traces import Kept, counted, kept_for_others, number_left, numbers_of, rows_of
from tenants.forms import TenantModelForm
from tenants.models import User
from tenants.views import RecordView, TenantRequest, page, permission, read_number

NAMED = 5  # so many of the rows that were kept are named in a message


class ChangeView(RecordView):
    """Edits a row; without `pk` in the address, adds one.

    What was typed stays on the page when it is refused (422); nothing is written when nothing changed.
    """

    form_class: ClassVar[type[TenantModelForm[Any]]]
    kind: ClassVar[str] = Operation.Kind.EDIT
    done: ClassVar[str] = "Saved."

    def record(self) -> Any:
        return super().record() if "pk" in self.kwargs else self.model()

    def form(self, record: Any) -> TenantModelForm[Any]:
        data = (self.request.POST, self.request.FILES) if self.request.method == "POST" else (None, None)
        return self.form_class(*data, instance=record)

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        record = self.record()
        return self.show(record, self.form(record))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        record = self.record()
        form = self.form(record)
        if not form.is_valid():
            return self.show(record, form, status=422)
        if record.pk and not form.has_changed():
            messages.info(request, "Nothing was changed.")
            return HttpResponseRedirect(self.next_url(record))
        saved = attempt(self.kind, lambda: self.save(form), by=self.request.user)
        if saved is None:
            return self.show(record, form, status=422)
        messages.success(request, self.message(saved))
        return HttpResponseRedirect(self.next_url(saved))

    def save(self, form: TenantModelForm[Any]) -> Any:
        """The saved row, or None with errors on the form."""
        return form.try_save()

    def show(self, record: Any, form: TenantModelForm[Any], status: int = 200) -> HttpResponse:
        return page(self.request, self.template_name, {**self.context(record), "form": form}, status=status)

    def message(self, record: Any) -> str:
        return self.done

    def next_url(self, record: Any) -> str:
        return str(record.get_absolute_url())


@permission("history.view_operation")
def undo(request: TenantRequest, pk: int) -> HttpResponse:
    """Undoes an operation. Reading, it says in numbers what would be undone and what would be kept."""
    found = get_object_or_404(Operation.objects.select_related("by"), pk=pk)
    back = page_to_return_to(request)
    try:
        if request.method != "POST":
            start = read_number(request.GET["from"]) or 0 if "from" in request.GET else None
            return page(request, "history/undo.html", {**foretold(found, request.user, start), "back": back})
        if undoing.is_long(found):
            asked = undoing.undo_later(found, by=request.user)
            return HttpResponseRedirect(reverse("history:operation", args=[asked.pk]))
        undone = undoing.undo(found, by=request.user)
    except undoing.NotUndoable as refusal:
        messages.info(request, str(refusal))
        return HttpResponseRedirect(back)
    (messages.warning if undone.kept or not undone.operation else messages.success)(
        request, told(undone, found)
    )
    return HttpResponseRedirect(back)


def told(undone: undoing.Undone, original: Operation) -> str:
    """What is said, and where all that were kept are listed if they are more than a message can name."""
    if len(undone.kept) <= NAMED:
        return said(undone)
    page, listed = ("kept", undone.operation) if undone.operation else ("undo", original)
    address = reverse(f"history:{page}", args=[listed.pk])
    return format_html('{} <a href="{}">All that were kept</a>', said(undone), address)


def said(undone: undoing.Undone) -> str:
    """ "Undone: 2 customers went back to what they were. Kept as it is: Birch (edited since by Agent, …)." """
    kept = in_short(undone.kept) or "there was nothing left to undo"
    if not undone.operation:
        return f"Nothing was undone: {kept}."
    went = f"Undone: {'; '.join(undone.went)}."
    if not undone.kept:
        return went
    return f"{went} Kept as {'it is' if len(undone.kept) == 1 else 'they are'}: {kept}."


FORETOLD = 10_000  # rows of which it can be said at once what would become of each


def foretold(found: Operation, user: User, start: int | None = None) -> dict[str, Any]:
    """What undoing would do, in numbers, and some of the rows that would stay: the first NAMED, or PART from `start`
    on. Raises NotUndoable, PermissionDenied.

    Of an operation of more than FORETOLD rows only those are looked at that may stay.
    """
    if rows_of(found, FORETOLD) > FORETOLD:
        undoing.check(found, user, sample=BATCH)
        traces = what_stays(found)
        effects = [in_few_words(_going_back(found), None if traces is None else number_left(traces))]
    else:
        traces = undoing.check(found, user)
        effects = [words for part in traces for words in part.in_words()]
    number = number_left(traces or ())
    start = start if start is not None and start < number else None
    first = start or 0
    stop = first + (NAMED if start is None else PART)
    return {
        "operation": found,
        "effects": effects,
        "number_kept": number,
        "kept": kept_for_others(traces or (), first, stop),
        "more_kept": max(number - stop, 0),
        "start": first,
        "previous": max(first - PART, 0),
        "next": stop,
    }


def _going_back(found: Operation) -> str:
    """ "300,000 customers and 300,000 contacts": what it wrote and nobody has taken back yet."""
    wrote = numbers_of(found)
    for undo in parts_of(found):
        wrote.subtract(numbers_of(undo))
    return str(
        get_text_list([counted(model, number) for model, number in wrote.items() if number > 0], "and")
    )


def in_few_words(rows: str, staying: int | None) -> str:
    """What undoing comes to where not every row is looked at: "300,000 customers go back, but for 3 that stay".
    `staying` is None where nobody knows how many do."""
    if staying is None:
        return (
            f"{rows} go back, but for those that somebody edited or uses since: "
            "these stay as they are, and are listed afterwards"
        )
    if not staying:
        return f"{rows} go back"
    return f"{rows} go back, but for {staying:,} that {'stays' if staying == 1 else 'stay'}"


def in_short(kept: list[Kept]) -> str:
    """The first rows by name, those with one reason together: "Birch, Cedar (edited since by Agent, …)"."""
    named = [
        f"{', '.join(row.name for row in rows)} ({reason})"
        for reason, rows in groupby(kept[:NAMED], key=lambda row: row.reason)
    ]
    more = len(kept) - NAMED
    return "; ".join([*named, f"and {more:,} more"] if more > 0 else named)


def page_to_return_to(request: HttpRequest) -> str:
    """The page that the request names as `next`, else the one it came from, if it is one of this company's."""
    given = request.POST.get("next") or request.GET.get("next") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(given, {request.get_host()}, require_https=request.is_secure()):
        return reverse("dashboard")
    parts, prefix = urlsplit(given), get_script_prefix()
    way_out = parts.path == request.path or ".." in unquote(parts.path).split("/")
    if way_out or not parts.path.startswith(prefix):
        return reverse("dashboard")
    try:
        resolve(f"/{parts.path.removeprefix(prefix)}")
    except Resolver404:
        return reverse("dashboard")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
