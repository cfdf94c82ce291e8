"""The company's own profile: what its pages and forms start from."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from company.forms import ProfileForm
from history.models import Operation
from history.operations import operation
from history.recent import SHOWN, operations_on
from tenants.models import Tenant, is_link_template
from tenants.views import TenantRequest, page, permission

FIRST_PAGES = [
    ("tenants.change_tenant", "company:profile"),
    ("tenants.view_membership", "company:people"),
    ("marketing.change_segment", "marketing:segments"),
]
EXAMPLE_REFERENCE = "C-1001"


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """To the first settings page the person may see."""
    for needed, name in FIRST_PAGES:
        if request.user.has_perm(needed):
            return redirect(name)
    raise PermissionDenied("settings")


@permission("tenants.change_tenant")
def profile(request: TenantRequest) -> HttpResponse:
    # Of its own, not request.tenant: a refused form must not change the name in the page's frame.
    tenant = Tenant.objects.get(pk=request.tenant.pk)
    form = ProfileForm(request.POST or None, instance=tenant)
    if request.method != "POST":
        return _show(request, form, tenant.customer_link_template)
    if not form.is_valid():
        return _show(request, form, request.POST.get("customer_link_template", ""), status=422)
    if not form.has_changed():
        messages.info(request, "Nothing was changed.")
        return HttpResponseRedirect(request.path)
    with operation(Operation.Kind.SETTINGS, by=request.user, summary=form.changes()):
        tenant.save(update_fields=form.changed_data)
    messages.success(request, "The company profile is saved.")
    return HttpResponseRedirect(request.path)


@permission("tenants.change_tenant")
@require_safe
def link_preview(request: HttpRequest) -> HttpResponse:
    """Where a reference would lead by the template typed so far; a part of the page, asked for by htmx."""
    template = request.GET.get("customer_link_template", "")[:500]
    return TemplateResponse(request, "company/link_preview.html", _preview(template))


def _show(request: HttpRequest, form: ProfileForm, link_template: str, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "nav": "company",
        "changes": operations_on(Tenant)[:SHOWN],
        **_preview(link_template),
    }
    return page(request, "company/profile.html", context, status=status)


def _preview(template: str) -> dict[str, str]:
    link = ""
    if is_link_template(template):
        link = Tenant(customer_link_template=template).customer_link(EXAMPLE_REFERENCE)
    return {"link_template": template, "example_reference": EXAMPLE_REFERENCE, "example_link": link}
