"""How people sign in: allauth's pages by e-mail and password, without signing up by oneself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.db import models
from django.http import HttpRequest


class EmailBackend(AuthenticationBackend):  # type: ignore[misc]  # untyped library
    """Signs people in by e-mail and password. Grants nothing: permissions come with the membership."""

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        return set()

    get_user_permissions = get_group_permissions = get_all_permissions

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """People join by invitation, so nobody signs up by themself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
