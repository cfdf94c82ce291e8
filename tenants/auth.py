from typing import Any

from django.db.models import Model

from tenants.models import User


class MembershipBackend:
    """Grants what the role of the person's membership in the active tenant grants. Signs nobody in."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

    def get_all_permissions(self, user: Any, obj: Model | None = None) -> set[str]:
        membership = user.membership if isinstance(user, User) and user.is_active else None
        return set(membership.permissions) if membership else set()

    def has_perm(self, user: Any, perm: str, obj: Model | None = None) -> bool:
        return perm in self.get_all_permissions(user, obj)
