"""Base views for pages that change rows: form, operation, message, redirect."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from history.models import Operation
from history.operations import attempt
from tenants.forms import TenantModelForm
from tenants.views import RecordView, page


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
