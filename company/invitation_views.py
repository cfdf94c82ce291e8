"""Accepting an invitation by the link that was mailed."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from company.account_forms import JoinForm
from company.invitations import InvitationClosed, accept, accept_as_new, account_of, find
from tenants.models import Invitation, Membership, fold_email

STATUS_OF_CLOSED = {"unknown": 404, "expired": 410, "used": 410}


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Asks the invited person to join, to sign in first, or to make an account; a POST does it."""
    try:
        invited = find(token)
        account = account_of(invited)
        context: dict[str, Any] = {"invitation": invited, "account": account}
        if request.user.is_authenticated:
            if request.user.email_key != fold_email(invited.email):
                return render(request, "invitations/other_person.html", context, status=403)
            return join(request, token, context)
        if account:
            return render(request, "invitations/sign_in.html", context)
        return join_as_new(request, token, invited)
    except InvitationClosed as closed:
        status = STATUS_OF_CLOSED[closed.reason]
        return render(request, "invitations/closed.html", {"reason": closed.reason}, status=status)


def join(request: HttpRequest, token: str, context: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        return render(request, "invitations/join.html", context)
    return welcome(request, accept(token, request.user))  # type: ignore[arg-type]


def join_as_new(request: HttpRequest, token: str, invited: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=invited)
    context = {"invitation": invited, "form": form}
    if request.method != "POST":
        return render(request, "invitations/join_as_new.html", context)
    if not form.is_valid():
        return render(request, "invitations/join_as_new.html", context, status=422)
    try:
        membership = accept_as_new(token, **form.cleaned_data)
    except ValidationError:
        return redirect(request.path)  # an account was made meanwhile: it has to sign in
    login = Login(user=membership.user, redirect_url=membership.tenant.get_absolute_url())
    response: HttpResponse = perform_password_login(request, {"email": membership.user.email}, login)
    request.session.set_expiry(0)  # until the browser is closed, as without "Keep me signed in"
    welcome(request, membership)
    return response


def welcome(request: HttpRequest, membership: Membership) -> HttpResponse:
    role = membership.get_role_display().lower()
    messages.success(request, f"Welcome to {membership.tenant}. Your role here: {role}.")
    return redirect(membership.tenant)
