"""allauth's forms in our words: labels in place of placeholders, and people found by one address."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tenants.forms import ModelForm
from tenants.models import Invitation, User, fold_email

PASSWORD_HELP = "At least 8 characters, not a common password and not only digits."  # noqa: S105


class Labelled:
    """Gives fields their label and help; what allauth puts into the fields themselves goes."""

    labels: ClassVar[dict[str, str]] = {}
    helps: ClassVar[dict[str, str]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels[name]
            field.help_text = self.helps.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Labelled, account.LoginForm):  # type: ignore[misc]  # untyped library
    labels = {"login": "E-mail address", "password": "Password", "remember": "Keep me signed in"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class ReauthenticateForm(Labelled, account.ReauthenticateForm):  # type: ignore[misc]  # untyped library
    labels = {"password": "Password"}


class ResetPasswordForm(Labelled, account.ResetPasswordForm):  # type: ignore[misc]  # untyped library
    labels = {"email": "E-mail address"}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.users = list(User.objects.filter(email_key=fold_email(email), is_active=True))
        return email


class NewPasswordForm(Labelled, account.ResetPasswordKeyForm):  # type: ignore[misc]  # untyped library
    labels = {"password1": "New password", "password2": "New password again"}
    helps = {"password1": PASSWORD_HELP}


class ChangePasswordForm(Labelled, account.ChangePasswordForm):  # type: ignore[misc]  # untyped library
    labels = {"oldpassword": "Current password", **NewPasswordForm.labels}
    helps = NewPasswordForm.helps


class CodeForm(Labelled, mfa.AuthenticateForm):  # type: ignore[misc]  # untyped library
    labels = {"code": "Code"}
    helps = {"code": "From your authenticator app, or one of your recovery codes."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class ReauthenticateCodeForm(Labelled, mfa.ReauthenticateForm):  # type: ignore[misc]  # untyped library
    labels = CodeForm.labels
    helps = CodeForm.helps


class ActivateTOTPForm(Labelled, totp.ActivateTOTPForm):  # type: ignore[misc]  # untyped library
    labels = {"code": "Code"}
    helps = {"code": "The six digits that your app shows now."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}


class JoinForm(ModelForm[User]):
    """Name and password of an invited person who has no account yet."""

    password = forms.CharField(
        help_text=PASSWORD_HELP,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        widgets: ClassVar = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.email = invitation.email
        self.fields["first_name"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if password := data.get("password"):
            person = User(
                email=self.instance.email, **{name: data.get(name, "") for name in self.Meta.fields}
            )
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return data
