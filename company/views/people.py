"""The company's people: members and their roles, invitations, leaving."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from company import invitations
from company.forms import HandOverForm, InviteForm, RoleForm
from company.holdings import held_by
from company.people import Refused, change_role, refusal_to_touch, remove
from history.models import Operation
from history.recent import SHOWN, latest
from tenants.models import Invitation, Membership
from tenants.roles import Role
from tenants.views import TenantRequest, page, permission


@permission("tenants.view_membership")
@require_safe
def people(request: TenantRequest) -> HttpResponse:
    return _show_people(request, InviteForm(by=request.membership))


@permission("tenants.add_membership")
def invite(request: TenantRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, by=request.membership)
    if request.method != "POST":
        return _show_people(request, form)
    if not (form.is_valid() and _send(request, form)):
        return _show_people(request, form, status=422)
    messages.success(request, f"{form.cleaned_data['email']} is invited.")
    return _to_people()


@permission("tenants.add_membership")
@require_POST
def resend(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    try:
        invitations.invite(
            request.tenant,
            invitation.email,
            invitation.role,
            by=request.user,
            site=invitations.site_of(request),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{invitation.email} gets a new link; the old one stops working.")
    return _to_people()


@permission("tenants.add_membership")
@require_POST
def withdraw(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    try:
        invitations.revoke(invitation, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return _to_people()


@permission("tenants.change_membership")
def role(request: TenantRequest, pk: int) -> HttpResponse:
    member = _member(pk)
    _check_may_touch(member, request.membership)
    kept = member.role
    form = RoleForm(request.POST or None, by=request.membership, kept=kept, initial={"role": kept})
    if request.method != "POST":
        return _show_role(request, member, form)
    if not form.is_valid():
        return _show_role(request, member, form, status=422)
    try:
        changed = change_role(member, form.cleaned_data["role"], by=request.membership)
    except Refused as refusal:
        form.add_error("role", str(refusal))
        return _show_role(request, member, form, status=422)
    if changed:
        label = Role(form.cleaned_data["role"]).label.lower()
        messages.success(request, f"{member} is {'an' if label[0] in 'ao' else 'a'} {label} now.")
    else:
        messages.info(request, "Nothing was changed.")
    if member == request.membership:
        return HttpResponseRedirect(reverse("dashboard"))  # perhaps this page is closed to them now
    return _to_people()


@permission("tenants.delete_membership")
def remove_member(request: TenantRequest, pk: int) -> HttpResponse:
    member = _member(pk)
    _check_may_touch(member, request.membership)
    if member == request.membership:
        return HttpResponseRedirect(reverse("company:leave"))
    return _removal(request, member, after=reverse("company:people"), done=f"{member} is removed.")


def leave(request: TenantRequest) -> HttpResponse:
    """Any member may leave the company by themself."""
    done = f"You have left {request.tenant.name}."
    return _removal(request, request.membership, after=invitations.site_of(request), done=done)


def _removal(request: TenantRequest, member: Membership, *, after: str, done: str) -> HttpResponse:
    """The page that asks who takes over, and its answer. The last owner is told so at once."""
    held = held_by(member)
    form = HandOverForm(request.POST if request.method == "POST" else None, member=member, held=held)
    context = {
        "member": member,
        "held": [(form[holding.name], holding.url(member), count) for holding, count in held],
        "form": form,
        "leaving": member == request.membership,
        "last_owner": member.is_last_owner,
        "nav": "people",
        "crumbs": _crumbs(request),
    }
    if request.method != "POST":
        return page(request, "company/remove.html", context)
    if not form.is_valid():
        return page(request, "company/remove.html", context, status=422)
    try:
        remove(member, by=request.membership, heirs=form.heirs())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return page(request, "company/remove.html", context, status=422)
    messages.success(request, done)
    return HttpResponseRedirect(after)


def _send(request: TenantRequest, form: InviteForm) -> bool:
    """Whether the invitation is on its way; if not, the form says why."""
    email, given_role = form.cleaned_data["email"], form.cleaned_data["role"]
    site = invitations.site_of(request)
    try:
        invitations.invite(request.tenant, email, given_role, by=request.user, site=site)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _member(pk: int) -> Membership:
    return get_object_or_404(Membership.objects.current(), pk=pk)


def _check_may_touch(member: Membership, by: Membership) -> None:
    if refusal := refusal_to_touch(member, by):
        raise PermissionDenied(refusal)


def _invitation(request: TenantRequest, pk: int) -> Invitation:
    """The open invitation. An owner's is for owners only."""
    invitation = get_object_or_404(invitations.pending(request.tenant), pk=pk)
    if invitation.role == Role.OWNER and not request.user.has_perm("tenants.change_owner"):
        raise PermissionDenied("tenants.change_owner")
    return invitation


def _to_people() -> HttpResponse:
    return HttpResponseRedirect(reverse("company:people"))


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    may_see = request.user.has_perm("tenants.view_membership")
    return [("People", reverse("company:people"))] if may_see else []


def _show_people(request: TenantRequest, form: forms.Form, status: int = 200) -> HttpResponse:
    by = request.membership
    members = list(Membership.objects.current())
    context = {
        "nav": "people",
        "form": form,
        "people": [(member, not refusal_to_touch(member, by)) for member in members],
        "invitations": invitations.pending(request.tenant),
        "may_touch_owners": request.user.has_perm("tenants.change_owner"),
        "changes": latest(Operation.objects.filter(kind=Operation.Kind.PEOPLE))[:SHOWN],
    }
    return page(request, "company/people.html", context, status=status)


def _show_role(
    request: TenantRequest, member: Membership, form: forms.Form, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "nav": "people",
        "member": member,
        "form": form,
        "crumbs": _crumbs(request),
    }
    return page(request, "company/role.html", context, status=status)
