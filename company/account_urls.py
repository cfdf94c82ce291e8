"""Signing in and what belongs to it. Only these of allauth's pages can be reached."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.generic import RedirectView

from company import account_views as views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="accounts"),
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", views.signup_closed, name="account_signup"),
    path("reauthenticate/", views.Reauthenticate.as_view(), name="account_reauthenticate"),
    path("password/change/", views.ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", views.ResetPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.SetNewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path("two-factor/", mfa.index, name="mfa_index"),
    path("two-factor/code/", views.EnterCode.as_view(), name="mfa_authenticate"),
    path("two-factor/reauthenticate/", views.ReauthenticateByCode.as_view(), name="mfa_reauthenticate"),
    path("two-factor/totp/on/", views.TurnOnTOTP.as_view(), name="mfa_activate_totp"),
    path("two-factor/totp/on/code.svg", views.totp_qr_code, name="mfa_totp_qr_code"),
    path("two-factor/totp/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("two-factor/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "two-factor/recovery-codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "two-factor/recovery-codes/recovery-codes.txt",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
