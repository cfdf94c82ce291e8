"""How people sign in: allauth by e-mail and password, with a second factor, without signing up by oneself.

`User.email` is a person's one address. allauth's own table of addresses stays empty: it would be a second
truth, and it is looked up with the case in which the address was typed.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.ratelimit import get_cache_key, get_rates
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from qrcode import make as make_qr_code
from qrcode.image.svg import SvgPathFillImage

from company.secrets import decrypted, encrypted
from tenants.models import User, fold_email

logger = logging.getLogger(__name__)

TOO_MANY = "too_many_login_attempts"


class EmailBackend(AuthenticationBackend):  # type: ignore[misc]  # untyped library
    """Signs people in by e-mail and password. Grants nothing: permissions come with the membership."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email_key=fold_email(email)).first()
        return self._check_password(user, password)  # type: ignore[no-any-return]

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return set()

    get_user_permissions = get_group_permissions = get_all_permissions

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """People join by invitation, so nobody signs up by themself."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is wrong.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is wrong or used up. Take the one that your app shows now.",
        "rate_limited": "Too many attempts. Wait five minutes, then try again.",
        TOO_MANY: "Too many attempts. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raises ValidationError, saying when to try again, after too many wrong passwords."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refusal:
            if refusal.code != TOO_MANY:
                raise
            minutes = math.ceil(self.seconds_to_wait(request, **credentials) / 60)
            wait = "in a minute" if minutes <= 1 else f"in {minutes} minutes"
            raise ValidationError(
                f"Too many wrong passwords. Try again {wait}, or set a new password.", code=TOO_MANY
            ) from refusal

    def seconds_to_wait(self, request: HttpRequest, **credentials: Any) -> float:
        """How long sign-ins of this address, or from this network address, are still refused."""
        return max(self._waits(request, **credentials), default=0)

    def _waits(self, request: HttpRequest, **credentials: Any) -> Iterator[float]:
        about = {"app": "allauth.account", "action": "login_failed"}
        key = self._get_login_attempts_cache_key(request, **credentials)
        for rate in get_rates(**about):
            # The times of the attempts that count, newest first.
            attempts = cache.get(get_cache_key(request, rate=rate, key=key, **about), [])
            if len(attempts) >= rate.amount:
                yield attempts[rate.amount - 1] + rate.duration - time.time()

    def forget_wrong_passwords(self, request: HttpRequest, user: User) -> None:
        """Who has set a new password by mail may use it at once."""
        self._delete_login_attempts_cached_email(request, email=user.email)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """To the address that is kept, never to the one that was typed: they need only look alike."""
        super().send_password_reset_mail(user, user.email, context)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Tells the person what was changed about signing in. It stays changed if that cannot be sent."""
        try:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        except (SMTPException, OSError):
            logger.exception("%s could not be told of %s", user.email, template_prefix)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped library
    """Second factors are kept encrypted: a copy of the database opens nobody's door."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypted(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Black on white in either theme, as cameras want it."""
        return make_qr_code(url, image_factory=SvgPathFillImage).to_string(encoding="unicode")  # type: ignore[no-any-return]
