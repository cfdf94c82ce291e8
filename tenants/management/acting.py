"""For whom a command works, and in whose name."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from tenants.context import tenant
from tenants.models import Membership, Tenant, User, fold_email
from tenants.roles import Role

UNUSABLE = 2  # exit code: what was given can't be worked with, and nothing was done


def unusable(message: str) -> CommandError:
    return CommandError(message, returncode=UNUSABLE)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--tenant", required=True, metavar="SLUG", help="the company, as in its address")
    parser.add_argument(
        "--by", metavar="EMAIL", default="", help="the member in whose name it is done (the company's owner)"
    )


def company_named(slug: str) -> Tenant:
    """Raises CommandError."""
    company = Tenant.objects.filter(slug=slug).first()
    if company is None:
        raise unusable(f"There is no company {slug!r}.")
    return company


def member_named(company: Tenant, email: str, *, permission: str) -> User:
    """The member with this address, or without one the company's first owner. Raises CommandError for who may not."""
    members = Membership.objects.of_tenant(company.pk)
    if email:
        member = members.filter(user__email_key=fold_email(email)).first()
    else:
        member = members.filter(role=Role.OWNER).order_by("pk").first()
    if member is None:
        raise unusable(f"{company} has no member {email!r}." if email else f"{company} has no owner.")
    user = member.user
    with tenant(company):
        if not user.has_perm(permission):
            raise unusable(f"{user.email} may not do this at {company}: it needs {permission}.")
    return user
