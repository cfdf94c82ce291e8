from typing import Any

from tenants.database import as_owner


class AsOwner:
    """Runs a command of Django's as the role that owns the schema."""

    def handle(self, *args: Any, **options: Any) -> Any:
        with as_owner():
            return super().handle(*args, **options)  # type: ignore[misc]
