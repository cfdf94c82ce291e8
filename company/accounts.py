from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """People join by invitation, so nobody signs up by themself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
