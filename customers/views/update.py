from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from customers.access import get_customer
from customers.forms import CustomerForm
from customers.models import Customer
from customers.profile import crumbs
from customers.sections import Part, Section, is_asking, sections_of
from history.messages import done
from history.models import Operation
from history.operations import attempt, require_operation
from tenants.views import TenantRequest, TenantView, page

MOST_WARNINGS = 8


class Update(TenantView):
    """Everything of a customer on one page: one Save, one operation, or nothing at all.

    Buttons that ask for more to fill in show the page again with all that was typed, and save nothing.
    """

    permission = "customers.change_customer"

    def get(self, request: TenantRequest, pk: int) -> HttpResponse:
        customer = get_customer(request, pk)
        sections = self.sections(customer)
        for section in sections:
            section.open(request.GET)
        return self.show(customer, self.form(customer), sections)

    def post(self, request: TenantRequest, pk: int) -> HttpResponse:
        if is_asking(request.POST):
            return self.show_more(get_customer(request, pk))
        customer = get_customer(request, pk, lock=True)
        title = customer.name
        form, sections = self.form(customer), self.sections(customer)
        parts: list[Part] = [form, *sections]
        valid = [part.is_valid() for part in parts]  # asked all of them: each shows its errors
        if not all(valid):
            return self.show(customer, form, sections, title=title, status=422)
        changed = [part for part in parts if part.has_changed()]
        if not changed:
            messages.info(request, "Nothing was changed.")
        elif (operation := self.save(changed)) is None:
            return self.show(customer, form, sections, title=title, status=422)
        else:
            self.warn(changed)
            done(request, f"{customer.name} was saved.", operation)
        return HttpResponseRedirect(customer.get_absolute_url())

    def form(self, customer: Customer) -> CustomerForm:
        return CustomerForm(self.data, instance=customer, by=self.request.membership)

    def sections(self, customer: Customer) -> list[Section]:
        return sections_of(customer, self.data, self.request.membership)

    @property
    def data(self) -> Any:
        return self.request.POST if self.request.method == "POST" else None

    def save(self, parts: list[Part]) -> Operation | None:
        """The operation that saved all of them; None when one was refused, and nothing is saved."""

        def saved() -> Operation | None:
            return require_operation() if all(part.try_save() is not None for part in parts) else None

        return attempt(Operation.Kind.EDIT, saved, by=self.request.user)

    def warn(self, parts: list[Part]) -> None:
        warnings = [warning for part in parts for warning in part.warnings()]
        for warning in warnings[:MOST_WARNINGS]:
            messages.warning(self.request, warning)
        if (more := len(warnings) - MOST_WARNINGS) > 0:
            messages.warning(self.request, f"{more} more like these.")

    def show_more(self, customer: Customer) -> HttpResponse:
        form, sections = self.form(customer), self.sections(customer)
        for part in (form, *sections):
            part.forgive()
        return self.show(customer, form, sections)

    def show(
        self,
        customer: Customer,
        form: CustomerForm,
        sections: list[Section],
        *,
        title: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """`title` is the customer's name as it is kept; on a refused form the row holds what was typed."""
        context = {
            "customer": customer,
            "form": form,
            "sections": sections,
            "mistakes": [mistake for section in sections for mistake in section.mistakes],
            "crumbs": [*crumbs(), (title or customer.name, customer.get_absolute_url())],
            "nav": "customers",
            "title": "Edit customer",
        }
        return page(self.request, "customers/update.html", context, status=status)
