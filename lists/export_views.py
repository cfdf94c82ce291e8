"""Export: a page that asks which columns and which format, and the file. Works without scripts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from history.models import Operation
from history.operations import operation
from lists import exports
from lists.columns import Column
from lists.declaration import ListDeclaration
from lists.listing import Listing
from lists.models import settings_of
from tenants.numbers import grouped
from tenants.views import TenantView, page

FORMATS = [
    (exports.CSV, "CSV"),
    (exports.XLSX, "Excel (XLSX)"),
]


class ExportForm(forms.Form):
    """Which columns, which format."""

    columns = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one column."},
    )
    format = forms.ChoiceField(choices=FORMATS, widget=forms.RadioSelect, initial=exports.CSV)
    bom = forms.BooleanField(
        label="Mark CSV as UTF-8 for Excel",
        help_text="Leave it on for Excel, which garbles accents without the mark. Some programs can't read it.",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, columns: dict[str, Column], chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = columns
        field = self.fields["columns"]
        field.choices = [(key, column.label) for key, column in columns.items()]  # type: ignore[attr-defined]
        field.initial = chosen

    def layout(self) -> exports.Layout:
        chosen = set(self.cleaned_data["columns"])
        return exports.Layout(
            columns=tuple(column for key, column in self.by_key.items() if key in chosen),
            format=self.cleaned_data["format"],
            bom=self.cleaned_data["bom"],
        )


class ExportView(TenantView):
    """Exports what a list shows at the same query string."""

    declaration: ClassVar[ListDeclaration]
    template_name: ClassVar[str] = "lists/export.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.copy()
        everything = query.get("columns") == "all"
        if everything:
            del query["columns"]
        listing = self.listing(query)
        return self.show(listing, self.form(listing, everything=everything), everything=everything)

    def post(self, request: HttpRequest) -> HttpResponse:
        listing = self.listing(request.GET)
        form = self.form(listing, request.POST)
        if not form.is_valid():
            return self.show(listing, form, status=422)
        most = settings.EXPORT_AT_ONCE_ROWS
        rows = exports.rows_of(listing, form.layout().columns, most + 1)
        if len(rows) > most:
            return self.show(listing, form, status=422)
        return self.file(listing, form.layout(), rows)

    def listing(self, query: QueryDict) -> Listing:
        chosen = settings_of(self.request.membership, self.declaration.name)
        return Listing(self.declaration, self.request.user, query, chosen)

    def form(self, listing: Listing, data: Any = None, *, everything: bool = False) -> ExportForm:
        chosen = listing.columns if everything else [column.key for column in listing.shown]
        return ExportForm(data, columns=listing.columns, chosen=list(chosen))

    def file(self, listing: Listing, layout: exports.Layout, rows: list[tuple[Any, ...]]) -> HttpResponse:
        """The file, and in the log who took it, what and how much."""
        day = timezone.localdate().isoformat()
        name = f"{self.request.tenant.slug}-{self.declaration.name}-{day}.{layout.format}"
        with operation(
            Operation.Kind.EXPORT, by=self.request.user, source=name, summary=listing.sentence
        ) as running:
            running.keep(rows=len(rows), columns=[column.key for column in layout.columns])
        return HttpResponse(
            exports.write(layout, rows, self.declaration.title),
            content_type=exports.CONTENT_TYPES[layout.format],
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def show(
        self, listing: Listing, form: ExportForm, *, everything: bool = False, status: int = 200
    ) -> HttpResponse:
        most = settings.EXPORT_AT_ONCE_ROWS
        return page(
            self.request,
            self.template_name,
            {
                "listing": listing,
                "form": form,
                "title": "Export",
                "nav": self.declaration.name,
                "list": self.declaration,
                "all_address": listing.address(columns="all"),
                "all_chosen": everything,
                "most": grouped(most),
                "too_many": not listing.total.exact or listing.total.number > most,
            },
            status=status,
        )
