"""Inviting people to a company, and joining it by the link they got."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Literal

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils import timezone

from history.models import Operation
from history.operations import operation
from tenants.context import tenant as tenant_context
from tenants.models import INVITATION_DAYS, Invitation, Membership, Tenant, User, fold_email, token_hash
from tenants.roles import Role


class InvitationClosed(Exception):
    """The link opens nothing. `reason` is "unknown", "expired" or "used"."""

    def __init__(self, reason: Literal["unknown", "expired", "used"]) -> None:
        super().__init__(reason)
        self.reason = reason


def site_of(request: HttpRequest) -> str:
    """The product's own address as this request reached it, without a tenant: "https://clientele.example/"."""
    prefix = get_script_prefix()
    company = getattr(request, "tenant", None)
    if company is not None:
        prefix = prefix.removesuffix(f"{company.slug}/")
    return request.build_absolute_uri(prefix)


def invite(tenant: Tenant, email: str, role: str, by: User, *, site: str) -> Invitation:
    """Offer that person a place in the company and mail them the link. Call it inside the tenant.

    Whoever is invited already gets a new link, and the old one stops working. `site` comes from `site_of()`.
    Raises ValidationError, by field (`email`, `role`), for a member, an address that is none, a role that `by`
    may not give, and a mail that could not be sent; nothing is kept then.
    """
    email = _clean_email(email)
    if role not in Role.values:
        raise ValidationError({"role": "This is not a role. Choose one from the list."})
    with transaction.atomic(), operation(Operation.Kind.PEOPLE, by=by) as running:
        # Two people may invite the same address at once: one after the other.
        Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        member = Membership.objects.filter(tenant=tenant, user__email_key=fold_email(email)).first()
        if member:
            raise ValidationError(
                {"email": f"{email} is a member already, as {member.get_role_display().lower()}."}
            )
        invitation = pending(tenant).filter(email__iexact=email).first()
        if Role.OWNER in {role, invitation and invitation.role} and not by.has_perm("tenants.change_owner"):
            raise ValidationError({"role": "Only an owner can invite an owner."})
        invitation = invitation or Invitation(tenant=tenant)
        invitation.email, invitation.role, invitation.invited_by = email, role, by
        token = invitation.renew()
        invitation.save()
        running.summary = f"Invited {email} as {Role(role).label.lower()}"
        running.keep()
        _send(invitation, link=f"{site}invitations/{token}/")
    return invitation


def revoke(invitation: Invitation, by: User) -> None:
    """Take the invitation back: its link stops working. Call it inside the tenant.

    Raises PermissionDenied when somebody but an owner takes back an owner's, ValidationError when it has been
    accepted meanwhile.
    """
    with transaction.atomic(), operation(Operation.Kind.PEOPLE, by=by) as running:
        current = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        if current is None:
            return
        if current.accepted_at:
            raise ValidationError(f"{current.email} has accepted meanwhile and is a member now.")
        if current.role == Role.OWNER and not by.has_perm("tenants.change_owner"):
            raise PermissionDenied("tenants.change_owner")
        current.delete()
        running.summary = f"Took back the invitation of {current.email}"
        running.keep()


def pending(tenant: Tenant) -> models.QuerySet[Invitation]:
    """The company's invitations that nobody has accepted, newest first; `is_open` tells the expired ones."""
    return (
        Invitation.objects.filter(tenant=tenant, accepted_at=None)
        .select_related("invited_by")
        .order_by("-created_at")
    )


def find(token: str) -> Invitation:
    """The open invitation of that link. Raises InvitationClosed."""
    found = Invitation.objects.select_related("tenant", "invited_by").filter(token_hash=token_hash(token))
    return _opened(found)


def account_of(invitation: Invitation) -> User | None:
    """The account that has the invited address, if there is one."""
    return User.objects.filter(email_key=fold_email(invitation.email)).first()


def accept(token: str, user: User) -> Membership:
    """Make `user` a member; the link is used up. Safe when the same link is used twice at once.

    Raises InvitationClosed, and PermissionDenied for anybody but the person invited.
    """
    with tenant_context(find(token).tenant_id):
        invitation = _lock(token)
        if fold_email(invitation.email) != user.email_key:
            raise PermissionDenied("The invitation is for another person.")
        summary = f"Joined as {invitation.get_role_display().lower()}"
        with operation(Operation.Kind.PEOPLE, by=user, source="invitation", summary=summary):
            membership, _ = Membership.objects.get_or_create(
                tenant=invitation.tenant, user=user, defaults={"role": invitation.role}
            )
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
    return membership


@transaction.atomic
def accept_as_new(token: str, *, first_name: str, last_name: str, password: str) -> Membership:
    """Make an account for the invited address and accept.

    Raises InvitationClosed, and ValidationError when there is an account with the address already.
    """
    email = _lock(token).email
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, first_name=first_name, last_name=last_name)
    except IntegrityError as error:  # by another invitation, at the same moment
        raise ValidationError("There is an account with this address.") from error
    return accept(token, user)


def _lock(token: str) -> Invitation:
    """The open invitation of that link, which nobody else can accept until the transaction ends."""
    locked = Invitation.objects.select_related("tenant").select_for_update(of=("self",))
    return _opened(locked.filter(token_hash=token_hash(token)))


def _opened(found: models.QuerySet[Invitation]) -> Invitation:
    invitation = found.first()
    if invitation is None:
        raise InvitationClosed("unknown")
    if invitation.accepted_at:
        raise InvitationClosed("used")
    if not invitation.is_open:
        raise InvitationClosed("expired")
    return invitation


def _clean_email(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    return User.objects.normalize_email(email)


def _send(invitation: Invitation, *, link: str) -> None:
    context = {"invitation": invitation, "link": link, "days": INVITATION_DAYS}
    subject = " ".join(render_to_string("company/mail/invitation_subject.txt", context).split())
    body = render_to_string("company/mail/invitation.txt", context)
    try:
        EmailMessage(subject, body, to=[invitation.email]).send()
    except (SMTPException, OSError) as error:
        raise ValidationError(
            {"email": "The invitation could not be sent, so nothing was changed. Try again in a while."}
        ) from error
