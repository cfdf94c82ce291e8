"""Export: what asks which columns in which kind of file, and the file. A dialog, or a page without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from history.messages import done, goes_on
from lists import exporting
from lists.choosing import Choice, as_sent, chosen_first, moved_as_asked
from lists.declaration import ListDeclaration
from lists.export_templates import NAME_TAKES, TemplateForm, save_template
from lists.exporting import Source
from lists.exports import CONTENT_TYPES
from lists.listing import Listing
from lists.models import Export, ExportTemplate, Selection, settings_of
from lists.tasks import write_export
from tenants.numbers import grouped
from tenants.views import TenantView, page, read_number

# What the address says beside the list's own query string.
OWN = ("template", "selection", "start")
EVERYTHING = "all"  # `start=all` ticks every column


class LayoutForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """Which kind of file. The columns come from the tick boxes beside it."""

    class Meta:
        model = Export
        fields = ("format", "delimiter", "bom")
        widgets = {"format": forms.RadioSelect, "delimiter": forms.RadioSelect}
        labels = {"delimiter": "Cells are parted by", "bom": "Mark it as UTF-8 for Excel"}
        help_texts = {
            "bom": "Leave it on for Excel, which garbles accents without the mark. Some programs can't read it."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("format", "delimiter"):
            self.fields[name].required = False  # one of them is always chosen


class ExportView(TenantView):
    """Exports what a list shows at the same query string, or a selection of it."""

    declaration: ClassVar[ListDeclaration]
    template_name: ClassVar[str] = "lists/export.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        source, template = self.source(), self.template()
        if source.unread_words:
            return self.refuse(source)
        chosen = self.first_columns(source, template)
        return self.show(source, chosen_first(self.labels(source), chosen), LayoutForm(instance=template))

    def post(self, request: HttpRequest) -> HttpResponse:
        source = self.source()
        if source.unread_words:
            return self.refuse(source, status=422)
        sent = request.POST.getlist
        known = {choice.key: choice for choice in chosen_first(self.labels(source), [])}
        choices = as_sent(known, sent("order") or sent("chosen"), sent("chosen"))
        if "move" in request.POST:
            return self.show(source, moved_as_asked(choices, request.POST["move"]), LayoutForm(request.POST))
        form = LayoutForm(request.POST, instance=Export(list=self.declaration.name))
        form.instance.columns = [choice.key for choice in choices if choice.chosen]
        if not form.instance.columns:
            form.add_error(None, "Choose at least one column.")
        if not form.is_valid():
            return self.show(source, choices, form, status=422)
        if "save" in request.POST:
            return self.save(source, choices, form)
        return self.answer(source, form.instance)

    def answer(self, source: Source, export: Export) -> HttpResponse:
        """The file, or for many rows the page on which it will stand."""
        export.name = exporting.file_name(self.request.tenant, self.declaration, export)
        export.query = source.listing.link.removeprefix("?")
        export.selection = source.selection
        most = settings.EXPORT_AT_ONCE_ROWS
        data = exporting.at_once(export, source, by=self.request.user, most=most)
        if data is None:
            exporting.ask(export, source, by=self.request.user)
            write_export.later(operation_id=export.operation_id)
            told = f"{export.name} is being written. You may leave this page."
            goes_on(self.request, messages.SUCCESS, told, export.going_place)
            return HttpResponseRedirect(reverse("exports:list"))
        return HttpResponse(
            data,
            content_type=CONTENT_TYPES[export.format],
            headers={
                "Content-Disposition": f'attachment; filename="{export.name}"',
                "Cache-Control": "no-store",
            },
        )

    def save(self, source: Source, choices: list[Choice], form: LayoutForm) -> HttpResponse:
        """Keep the layout as a template, and go on with it."""
        naming = self.naming(self.request.POST)
        saved = save_template(naming, form.instance, by=self.request.user)
        if saved is None:
            return self.show(source, choices, form, naming=naming, status=422)
        done(self.request, f"Template “{saved.template}” is saved.", saved.operation)
        return HttpResponseRedirect(self.address(source, template=str(saved.template.pk)))

    # What the address says

    def source(self) -> Source:
        """Raises Http404 for a selection that is nobody's or somebody else's."""
        query, selection = self.request.GET.copy(), self.selection()
        for name in OWN:
            query.pop(name, None)
        if selection and not query:
            query = QueryDict(
                selection.query, mutable=True
            )  # in the order and with the columns it was made in
        chosen = settings_of(self.request.membership, self.declaration.name)
        return Source(Listing(self.declaration, self.request.user, query, chosen), selection)

    def selection(self) -> Selection | None:
        wanted = self.request.GET.get("selection", "")
        if not wanted:
            return None
        own = Selection.objects.filter(list=self.declaration.name, by=self.request.user).defer("ids")
        found: Selection = _one(own, wanted)
        return found

    def template(self) -> ExportTemplate | None:
        wanted = self.request.GET.get("template", "")
        return _one(self.templates(), wanted) if wanted else None

    def templates(self) -> Any:
        return ExportTemplate.objects.offered_to(self.request.user).filter(list=self.declaration.name)

    def naming(self, data: Any = None) -> TemplateForm:
        """What asks for the name of a new template."""
        new = ExportTemplate(list=self.declaration.name, owner=self.request.user)
        return TemplateForm(data, instance=new, user=self.request.user)

    def first_columns(self, source: Source, template: ExportTemplate | None) -> list[str]:
        """The keys of those that are ticked at first."""
        if template:
            return template.columns
        if self.request.GET.get("start") == EVERYTHING:
            return list(source.listing.columns)
        return [column.key for column in source.listing.shown]

    def labels(self, source: Source) -> Mapping[str, str]:
        return {key: column.label for key, column in source.listing.columns.items()}

    def address(self, source: Source, **own: str) -> str:
        """This page for the same rows."""
        if source.selection:
            own["selection"] = str(source.selection.pk)
        kept = source.listing.address()
        more = urlencode(own)
        return f"{self.request.path}{kept}{'&' if more and kept != '?' else ''}{more}"

    # What it says

    def refuse(self, source: Source, *, status: int = 200) -> HttpResponse:
        """Other rows than those that the address asks for are never exported."""
        context = {
            "source": source,
            "listing": source.listing,
            "title": "Export",
            "nav": self.declaration.name,
            "list": self.declaration,
        }
        return page(self.request, self.template_name, context, fragment="dialog", status=status)

    def show(
        self,
        source: Source,
        choices: list[Choice],
        form: LayoutForm,
        *,
        naming: TemplateForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        most = settings.EXPORT_AT_ONCE_ROWS
        chosen, template = self.request.GET.get("template", ""), self.template()
        context = {
            "source": source,
            "listing": source.listing,
            "words": source.words(),
            "choices": choices,
            "form": form,
            "naming": naming or self.naming(),
            "name_takes": NAME_TAKES,
            "title": "Export",
            "nav": self.declaration.name,
            "list": self.declaration,
            "action": self.address(source, **({"template": chosen} if chosen else {})),
            "starts": self.starts(source, chosen),
            "template": template,
            "may_change_template": bool(template and template.may_be_changed_by(self.request.user)),
            "most": grouped(most),
            "in_background": source.total.number > most,
        }
        return page(self.request, self.template_name, context, fragment="dialog", status=status)

    def starts(self, source: Source, chosen: str) -> list[tuple[str, str, bool]]:
        """What the columns may start from: label, address, and whether it is what they started from."""
        everything = self.request.GET.get("start") == EVERYTHING
        return [
            ("Columns of the list", self.address(source), not chosen and not everything),
            ("All columns", self.address(source, start=EVERYTHING), not chosen and everything),
            *(
                (template.name, self.address(source, template=str(template.pk)), str(template.pk) == chosen)
                for template in self.templates()
            ),
        ]


def _one(rows: Any, wanted: str) -> Any:
    """The row of that id. Raises Http404."""
    found = rows.filter(pk=read_number(wanted)).first()
    if found is None:
        raise Http404("No such page.")
    return found
