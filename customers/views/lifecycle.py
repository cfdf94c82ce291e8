"""Disabling, which is temporary, and deleting, which is not."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from customers.access import get_customer
from customers.forms import DisableForm
from customers.profile import crumbs, impact_of_deleting
from history.messages import done
from tenants.views import TenantRequest, page, permission


@permission("customers.change_customer")
def disable(request: TenantRequest, pk: int) -> HttpResponse:
    customer = get_customer(request, pk, lock=request.method == "POST")
    if customer.is_disabled:
        messages.info(request, f"{customer.name} is disabled already.")
        return HttpResponseRedirect(customer.get_absolute_url())
    form = DisableForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        customer.disable(by=request.user, reason=form.cleaned_data["reason"])
        done(request, f"{customer.name} was disabled.", customer.last_operation)
        return HttpResponseRedirect(customer.get_absolute_url())
    context = {"nav": "customers", "customer": customer, "form": form, "crumbs": crumbs(customer)}
    return page(request, "customers/disable.html", context, status=422 if form.is_bound else 200)


@permission("customers.change_customer")
@require_POST
def enable(request: TenantRequest, pk: int) -> HttpResponse:
    customer = get_customer(request, pk, lock=True)
    if customer.is_disabled:
        customer.enable(by=request.user)
        done(request, f"{customer.name} was enabled.", customer.last_operation)
    return HttpResponseRedirect(customer.get_absolute_url())


@permission("customers.delete_customer")
def delete(request: TenantRequest, pk: int) -> HttpResponse:
    customer = get_customer(request, pk, lock=request.method == "POST")
    if request.method == "POST":
        name = customer.name
        done(request, f"{name} was deleted.", customer.remove(by=request.user))
        return HttpResponseRedirect(reverse("customers:list"))
    context = {"customer": customer, "impact": impact_of_deleting(customer), "crumbs": crumbs(customer)}
    return page(request, "customers/delete.html", {**context, "nav": "customers"})
