"""Companies (tenants), people, and who belongs where. These tables are outside row-level security:
they are read before a tenant is known. `tenants/allowlist.py` gives the reason for each."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, Self
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.auth import models as auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from tenants.base import OneByOneQuerySet
from tenants.context import current_tenant_id, require_tenant_id
from tenants.fields import PlainTextField
from tenants.roles import PERMISSIONS, STAFF, Role
from tenants.timezones import known_timezones

# fmt: off
RESERVED_SLUGS = frozenset({
    "accounts", "admin", "api", "about", "app", "assets", "auth", "billing", "blog", "docs", "favicon",
    "files", "health", "help", "home", "invitations", "livez", "login", "logout", "media", "metrics", "new",
    "ops", "portal", "public", "readyz", "root", "settings", "signup", "static", "status", "support",
    "system", "tenants", "well-known", "www",
})
# fmt: on
MANDATORY = ["name", "segment", "status", "channel", "responsible_manager"]


def refuse_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError("This address is reserved. Choose another.", code="reserved")


def refuse_unknown_timezone(name: str) -> None:
    if name not in known_timezones():
        raise ValidationError("This is not a time zone. Choose one from the list.", code="timezone")


def refuse_broken_link(template: str) -> None:
    if template and not is_link_template(template):
        raise ValidationError(
            "Give a full address that holds {reference}, such as https://crm.example/accounts/{reference}.",
            code="link",
        )


def is_link_template(template: str) -> bool:
    """A web address with {reference} after its host: where the link leads is never up to the reference."""
    try:
        parts = urlsplit(template)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "{" not in parts.netloc
        and "{reference}" in template
        and not re.search(r"[\s\x00-\x1f\x7f]", template)
    )


def default_mandatory() -> list[str]:
    return list(MANDATORY)


class Tenant(models.Model):
    """A company whose staff keep their customers here."""

    slug = models.CharField(
        "address",
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use small letters, digits and single hyphens."),
            refuse_reserved,
        ],
    )
    name = PlainTextField("company name", max_length=200)
    country = models.CharField("default country", max_length=2, default="US")
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(
        "time zone", max_length=64, default="UTC", validators=[refuse_unknown_timezone]
    )
    language = models.CharField(max_length=16, default="en")
    customer_link_template = models.CharField(
        "link to your CRM",
        max_length=500,
        blank=True,
        default="",
        validators=[refuse_broken_link],
        help_text="Where a customer's reference leads, with {reference} in place of it.",
    )
    mandatory_fields = ArrayField(
        models.CharField(max_length=40),
        default=default_mandatory,
        blank=True,
        verbose_name="mandatory for a customer",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OneByOneQuerySet.as_manager()

    class Meta:
        permissions = [("change_owner", "Can appoint and remove owners")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"

    def customer_link(self, reference: str) -> str:
        """Where `reference` leads in the company's CRM, or '' where no link is set."""
        if not (self.customer_link_template and reference):
            return ""
        return self.customer_link_template.replace("{reference}", quote(reference, safe=""))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.full_clean()
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email_key=fold_email(username or ""))


def fold_email(email: str) -> str:
    """An address as compared: people type the same one in different cases."""
    return email.strip().casefold()


class User(AbstractBaseUser):
    """A person, who signs in by e-mail and may belong to several tenants."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    first_name = PlainTextField("first name", max_length=100, blank=True, default="")
    last_name = PlainTextField("last name", max_length=100, blank=True, default="")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_superuser = False  # nobody is above the roles

    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email_key = fold_email(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_key = fold_email(self.email)
        if (fields := kwargs.get("update_fields")) is not None and "email" in fields:
            kwargs["update_fields"] = {*fields, "email_key"}
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @cached_property
    def _memberships(self) -> dict[int, Membership | None]:
        return {}

    def membership_in(self, tenant_id: int | None) -> Membership | None:
        """This person's membership in that tenant, asked for once."""
        if tenant_id is None:
            return None
        if tenant_id not in self._memberships:
            self._memberships[tenant_id] = Membership.objects.filter(tenant_id=tenant_id, user=self).first()
        return self._memberships[tenant_id]

    def remember(self, membership: Membership) -> None:
        self._memberships[membership.tenant_id] = membership

    @property
    def membership(self) -> Membership | None:
        """The membership in the active tenant, or None."""
        return self.membership_in(current_tenant_id())

    @property
    def is_staff(self) -> bool:
        """May open the active tenant's admin pages."""
        return self.is_active and self.membership is not None and self.membership.role in STAFF

    def get_all_permissions(self, obj: models.Model | None = None) -> set[str]:
        return auth._user_get_permissions(self, obj, "all")  # type: ignore[attr-defined,no-any-return]

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        return self.is_active and auth._user_has_perm(self, perm, obj)  # type: ignore[attr-defined]

    def has_perms(self, perms: Any, obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())


class MembershipQuerySet(OneByOneQuerySet["Membership"]):
    def of_tenant(self, tenant_id: int) -> Self:
        return (
            self.filter(tenant_id=tenant_id)
            .select_related("user")
            .order_by("user__first_name", "user__email")
        )

    def of_person(self, user: User) -> Self:
        """Where the person is a member, by the companies' names."""
        return self.filter(user=user).select_related("tenant").order_by("tenant__name", "pk")

    def current(self) -> Self:
        """Members of the active tenant."""
        return self.of_tenant(require_tenant_id())


class Membership(models.Model):
    """A person's place in one tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AGENT)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "member"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_membership_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "user"], name="tenants_membership_once"),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def permissions(self) -> frozenset[str]:
        return PERMISSIONS[self.role]

    @property
    def is_last_owner(self) -> bool:
        owners = Membership.objects.filter(tenant_id=self.tenant_id, role=Role.OWNER)
        return self.role == Role.OWNER and not owners.exclude(pk=self.pk).exists()


INVITATION_DAYS = 7


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """An offer to join a tenant, sent by e-mail. Its link works once and for seven days.

    Only the token's SHA-256 is kept: a copy of the database opens nobody's door.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address", max_length=254)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AGENT)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_invitation_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.email

    def renew(self) -> str:
        """A new token, good for seven days from now; the old link stops working. Not saved."""
        token = secrets.token_urlsafe(32)
        self.token_hash = token_hash(token)
        self.expires_at = timezone.now() + timedelta(days=INVITATION_DAYS)
        return token

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()
