"""Changing a member's role and removing members: who may, and what must stay true.

A company always has an owner; nobody but an owner touches owners; nobody raises their own role.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from company.holdings import held_by
from history.models import Operation
from history.operations import operation
from tenants.context import require_tenant_id
from tenants.models import Membership
from tenants.roles import Role

LAST_OWNER = "{name} is the only owner. Make somebody else an owner first."
RANK = {role: rank for rank, role in enumerate(reversed(Role.values))}  # viewer 0 … owner 4


class Refused(Exception):
    """The change is not allowed; the message says why, and what to do."""


def roles_to_give(by: Membership) -> list[Role]:
    """The roles that member may give to others."""
    owner = "tenants.change_owner" in by.permissions
    return [role for role in Role if owner or role != Role.OWNER]


def refusal_to_touch(member: Membership, by: Membership) -> str:
    """Why `by` may not change or remove that member; '' if they may."""
    if member.role == Role.OWNER and "tenants.change_owner" not in by.permissions:
        return "Only an owner can change or remove an owner."
    return ""


def change_role(member: Membership, role: str, *, by: Membership) -> bool:
    """Give the member another role; whether anything changed. Raises Refused."""
    with transaction.atomic():
        members = _lock()
        member, by = _still_there(member, members), _still_there(by, members)
        if member.role == role:
            return False
        _check_new_role(member, role, by)
        summary = f"{member}: {member.get_role_display().lower()} → {Role(role).label.lower()}"
        with operation(Operation.Kind.PEOPLE, by=by.user, summary=summary):
            member.role = role
            member.save(update_fields=["role"])
    return True


def remove(member: Membership, *, by: Membership, heirs: Mapping[str, Membership | None]) -> None:
    """Take the member out of the company; what they hold goes to `heirs`, by the holding's name.

    Handing over and removing are one operation. An heir of None leaves those rows without anybody. Raises
    Refused, also when a holding has no heir named.
    """
    try:
        with transaction.atomic():
            members = _lock()
            member, by = _still_there(member, members), _still_there(by, members)
            _check_removal(member, by)
            heirs = {name: heir and _still_there(heir, members) for name, heir in heirs.items()}
            verb = "Left" if member == by else f"Removed {member}"
            with operation(Operation.Kind.PEOPLE, by=by.user, summary=f"{verb} ({member.user.email})"):
                _hand_over(member, heirs)
                member.delete()
    except (ProtectedError, IntegrityError) as error:
        raise Refused(
            f"{member} has just been given something more. Look again, then remove them."
        ) from error


def _lock() -> dict[int, Membership]:
    """All members as they are now, by id, held: two owners can't remove each other at once."""
    members = Membership.objects.filter(tenant_id=require_tenant_id()).select_related("user").order_by("pk")
    return {member.pk: member for member in members.select_for_update(no_key=True, of=("self",))}


def _still_there(member: Membership, members: Mapping[int, Membership]) -> Membership:
    if member.pk not in members:
        raise Refused(f"{member} is no longer a member.")
    return members[member.pk]


def _check_new_role(member: Membership, role: str, by: Membership) -> None:
    if "tenants.change_membership" not in by.permissions:
        raise Refused("You may no longer change roles.")
    if role not in Role.values:
        raise Refused("This is not a role. Choose one from the list.")
    if member == by and RANK[role] > RANK[member.role]:
        raise Refused("Nobody can raise their own role. Ask somebody else to.")
    if role not in roles_to_give(by):
        raise Refused("Only an owner can appoint an owner.")
    if refusal := refusal_to_touch(member, by):
        raise Refused(refusal)
    if member.is_last_owner:
        raise Refused(LAST_OWNER.format(name=member))


def _check_removal(member: Membership, by: Membership) -> None:
    if member != by and "tenants.delete_membership" not in by.permissions:
        raise Refused("You may no longer remove people.")
    if member != by and (refusal := refusal_to_touch(member, by)):
        raise Refused(refusal)
    if member.is_last_owner:
        raise Refused(LAST_OWNER.format(name=member))


def _hand_over(member: Membership, heirs: Mapping[str, Membership | None]) -> None:
    for holding, count in held_by(member):
        heir = heirs.get(holding.name)
        if (
            holding.name not in heirs
            or (heir is None and holding.needs_somebody(member.tenant))
            or heir == member
        ):
            raise Refused(f"{holding.label}: {count}. Choose who takes over, then remove {member}.")
        holding.hand_over(member, heir)
