"""The pages around signing in. allauth's views do the work; what differs from them stands here."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from company.accounts import TOO_MANY
from tenants.models import Membership

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, to the only company of the person, or the list of them."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    memberships = list(Membership.objects.of_person(request.user))
    if len(memberships) == 1:
        return redirect(memberships[0].tenant)
    return render(request, "home.html", {"companies": memberships})


@require_safe
def signup_closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html")


class Refused:
    """Answers a refused form with 422, and with 429 where there were too many attempts."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        response.status_code = 429 if codes & {TOO_MANY, "rate_limited"} else 422
        return response


class SignIn(Refused, account.LoginView):  # type: ignore[misc]  # untyped library
    pass


class Reauthenticate(Refused, account.ReauthenticateView):  # type: ignore[misc]  # untyped library
    pass


class ChangePassword(Refused, account.PasswordChangeView):  # type: ignore[misc]  # untyped library
    success_url = reverse_lazy("home")


class ResetPassword(Refused, account.PasswordResetView):  # type: ignore[misc]  # untyped library
    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[no-any-return]
        except (SMTPException, OSError):
            logger.exception("A password reset could not be sent")
            form.add_error(None, "The mail could not be sent. Try again in a while.")
            return self.form_invalid(form)


class SetNewPassword(Refused, account.PasswordResetFromKeyView):  # type: ignore[misc]  # untyped library
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        get_adapter().forget_wrong_passwords(self.request, self.reset_user)
        return response


class EnterCode(Refused, mfa.AuthenticateView):  # type: ignore[misc]  # untyped library
    pass


class ReauthenticateByCode(Refused, mfa.ReauthenticateView):  # type: ignore[misc]  # untyped library
    pass


class TurnOnTOTP(Refused, totp.ActivateTOTPView):  # type: ignore[misc]  # untyped library
    """Without allauth's picture inside the page, which our content security policy would not show."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return {**context, "secret": " ".join(groups)}


@require_safe
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
def totp_qr_code(request: HttpRequest) -> HttpResponse:
    """The secret that the person is about to turn on, as a picture; 404 when there is none."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404("No secret is being set up.")
    adapter = get_mfa_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")
