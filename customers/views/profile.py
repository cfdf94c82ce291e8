from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from customers.access import get_customer
from customers.cards import cards_of
from customers.forms import MarketingForm
from customers.models import Customer
from customers.profile import followed_models, show_tab
from customers.tabs import HISTORY, HOME, MARKETING
from history.messages import done
from history.models import Operation
from history.operations import attempt
from history.timeline import timeline
from tenants.views import TenantRequest, check_permission, permission, read_number

LATEST = 3


@permission("customers.view_customer")
@require_safe
def detail(request: TenantRequest, pk: int) -> HttpResponse:
    customer = get_customer(request, pk)
    context: dict[str, Any] = {
        "reference_link": request.tenant.customer_link(customer.reference),
        "cards": cards_of(customer, request.user),
    }
    if request.user.has_perm(HISTORY.permission):
        context["latest"] = timeline(followed_models(request.user), pk, limit=LATEST)
    return show_tab(request, customer, HOME, "customers/detail.html", context)


@permission("customers.view_customer")
def marketing(request: TenantRequest, pk: int) -> HttpResponse:
    """How the customer is classified: to read, or for those who may change it, a form."""
    if request.method == "POST":
        return change_marketing(request, pk)
    customer = get_customer(request, pk)
    form = None
    if request.user.has_perm("customers.change_customer"):
        form = MarketingForm(instance=customer, by=request.membership)
    return show_tab(request, customer, MARKETING, "customers/marketing.html", {"form": form})


def change_marketing(request: TenantRequest, pk: int) -> HttpResponse:
    check_permission(request, "customers.change_customer")
    customer = get_customer(request, pk, lock=True)
    form = MarketingForm(request.POST, instance=customer, by=request.membership)
    if not form.is_valid():
        return refused_marketing(request, form)
    if not form.has_changed():
        messages.info(request, "Nothing was changed.")
    else:
        if attempt(Operation.Kind.EDIT, form.try_save, by=request.user) is None:
            return refused_marketing(request, form)
        done(request, "Saved.", customer.last_operation)
    return HttpResponseRedirect(reverse("customers:marketing", args=[pk]))


def refused_marketing(request: TenantRequest, form: MarketingForm) -> HttpResponse:
    customer: Customer = form.instance
    return show_tab(request, customer, MARKETING, "customers/marketing.html", {"form": form}, status=422)


@permission("history.view_operation")
@require_safe
def history(request: TenantRequest, pk: int) -> HttpResponse:
    """Every change of the customer, newest first; `?before=` an operation's id for the older ones."""
    customer = get_customer(request, pk)
    before = read_number(request.GET.get("before", ""))
    context = {
        "timeline": timeline(followed_models(request.user), pk, before=before),
        "is_first": before is None,
    }
    return show_tab(request, customer, HISTORY, "customers/history.html", context)
