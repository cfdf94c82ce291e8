from typing import Any

from django.contrib import messages
from django.urls import reverse

from customers.forms import ShortForm
from customers.models import Customer
from customers.profile import crumbs
from history.models import Operation
from history.views import ChangeView


class Create(ChangeView):
    """The short form. *Advanced edit* saves too, and goes on where everything else can be typed in."""

    permission = "customers.add_customer"
    model = Customer
    form_class = ShortForm
    template_name = "customers/create.html"
    kind = Operation.Kind.ADD

    def form(self, record: Customer) -> ShortForm:
        data = self.request.POST if self.request.method == "POST" else None
        return ShortForm(data, instance=record, by=self.request.membership)

    def context(self, record: Customer) -> dict[str, Any]:
        return {"nav": "customers", "crumbs": crumbs(), "title": "Add customer"}

    def save(self, form: Any) -> Customer | None:
        saved: Customer | None = super().save(form)
        if saved:
            for warning in form.warnings():
                messages.warning(self.request, warning)
        return saved

    def message(self, record: Customer) -> str:
        return f"{record.name} was added."

    def next_url(self, record: Customer) -> str:
        name = "update" if "advanced" in self.request.POST else "detail"
        return reverse(f"customers:{name}", args=[record.pk])
