"""What every row that belongs to a tenant has in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from django.db import models
from django.db.models.expressions import Expression

from tenants.constraints import TenantPolicy
from tenants.context import current_tenant_id, require_tenant_id
from tenants.fields import DerivedTextField

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantId(Expression):
    """A tenant's id as a literal of its column's type: a plain `12` is an integer, which no GIN index compares
    with a bigint, so that a search would go through the rows of every tenant."""

    output_field = models.BigIntegerField()

    def __init__(self, tenant_id: int) -> None:
        super().__init__()
        self.tenant_id = int(tenant_id)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"{self.tenant_id}::bigint", ()


def this_tenant() -> TenantId:
    """The active tenant, for a filter. Raises NoTenant."""
    return TenantId(require_tenant_id())


class TenantQuerySet(models.QuerySet[Row]):
    pass


class OneByOneQuerySet(models.QuerySet[Row]):
    """Rows that change one by one, through save() and delete(), where the history sees each of them."""

    def update(self, **values: Any) -> NoReturn:
        self._refuse()

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _raw_delete(self, using: str | None) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(f"Change rows of {self.model.__name__} one by one: many at once leave no history.")


class TenantManager(models.Manager[Row], Generic[Row]):
    """Rows of the active tenant only. Raises NoTenant when there is none."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(tenant_id=this_tenant())


class TenantModel(models.Model):
    """A row of one tenant, held by the manager in Python and by a policy in the database."""

    tenant = models.ForeignKey(
        "tenants.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # every index of a tenant table begins with the tenant
        editable=False,
        default=current_tenant_id,
    )

    objects: ClassVar = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="%(app_label)s_%(class)s_tenant_id"),
            TenantPolicy(name="%(app_label)s_%(class)s_tenant"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.tenant_id is None:
            self.tenant_id = require_tenant_id()
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """The tenant is the active one, which need not be asked for again with every row of a page."""
        super().clean_fields(exclude={*(exclude or ()), "tenant"})

    def clean(self) -> None:
        """Bring derived fields up to date, so that constraints on them are checked."""
        super().clean()
        for field in self._meta.concrete_fields:
            if isinstance(field, DerivedTextField):
                field.pre_save(self, add=False)
