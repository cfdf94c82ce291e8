"""django-simple-history's records, held by the tenant's policy and tied to their operation."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models.signals import pre_delete, pre_save
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from history.operations import require_operation
from tenants.base import TenantManager, TenantQuerySet, this_tenant
from tenants.constraints import CompositeForeignKey, TenantPolicy
from tenants.context import current_tenant_id, require_tenant_id
from tenants.fields import TenantForeignKey, is_computed
from tenants.models import Tenant


class HistoryRow(models.Model):
    """What every history table adds to the columns of the table it follows."""

    objects = TenantManager.from_queryset(TenantQuerySet)()

    class Meta:
        abstract = True


class TenantHistoryManager(HistoryManager):  # type: ignore[misc]  # untyped library
    """The library's `customer.history` and `Customer.history`, of the active tenant only. Raises NoTenant."""

    def get_super_queryset(self) -> Any:
        return super().get_super_queryset().filter(tenant_id=this_tenant())


class TenantHistory(HistoricalRecords):  # type: ignore[misc]  # untyped library
    """History of a tenant's rows: policy, operation, and indexes that begin with the tenant."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("bases", (HistoryRow,))
        options.setdefault("history_manager", TenantHistoryManager)
        options.setdefault("history_id_field", models.BigAutoField())
        options.setdefault("history_user_id_field", models.BigIntegerField(null=True))
        options.setdefault("get_user", lambda instance, **kwargs: require_operation().by)
        super().__init__(**options)

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if hasattr(sender._meta, "simple_history_manager_attribute"):
            pre_save.connect(_refuse_untracked, sender=sender)
            pre_delete.connect(_refuse_untracked, sender=sender)

    def fields_included(self, model: type[models.Model]) -> list[models.Field[Any, Any]]:
        """All columns but those that can be computed again."""
        return [field for field in super().fields_included(model) if not is_computed(field)]

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.db_index = False
        if "tenant" in fields:  # the library lets every foreign key of a history row be empty
            fields["tenant"].null = fields["tenant"].blank = False
        return fields

    def get_extra_fields(self, model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        if "tenant" not in fields:
            extra["tenant"] = models.ForeignKey(
                "tenants.Tenant",
                on_delete=models.PROTECT,
                related_name="+",
                db_index=False,
                default=current_tenant_id,
            )
        extra["operation"] = TenantForeignKey(
            "history.Operation", on_delete=models.DO_NOTHING, related_name="+"
        )
        return extra

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        table = f"{model._meta.app_label}_{model._meta.model_name}"
        options["base_manager_name"] = "objects"
        options["indexes"] = [
            models.Index(fields=["tenant", "id", "history_id"], name=f"{table}_history"[:30]),
            models.Index(fields=["tenant", "operation", "id"], name=f"{table}_oper"[:30]),
        ]
        if key := getattr(model, "told_below", ""):
            told = models.Index(fields=["tenant", key, "operation"], name=f"{table}_told"[:30])
            options["indexes"].append(told)
        options["constraints"] = [
            TenantPolicy(name=f"{table}_history_tenant"),
            CompositeForeignKey(
                field="operation", to="history.Operation", name=f"{table}_history_operation_fk"
            ),
        ]
        return options


def _refuse_untracked(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    if hasattr(instance, "skip_history_when_saving"):
        return
    require_operation()
    owner = instance.pk if isinstance(instance, Tenant) else getattr(instance, "tenant_id", None)
    if owner != require_tenant_id():
        raise RuntimeError(f"This {sender._meta.verbose_name} is not of the active tenant.")


def _tie_to_operation(sender: Any, history_instance: Any, **kwargs: Any) -> None:
    running = require_operation()
    running.touched.add(history_instance.instance_type)
    history_instance.operation = running


pre_create_historical_record.connect(_tie_to_operation)


def record_history(model: type[models.Model], ids: list[int], history_type: str) -> None:
    """Write the present state of those rows to the history, in one statement. `history_type` is '+', '~' or '-'."""
    operation = require_operation()
    if not ids:
        return
    operation.touched.add(model)
    history = model.history.model  # type: ignore[attr-defined]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)} "  # noqa: S608  names come from the models
            f"({columns}, history_date, history_type, history_user_id, operation_id) "
            f"SELECT {columns}, clock_timestamp(), %s, %s, %s FROM {quote(model._meta.db_table)} "
            "WHERE tenant_id = %s AND id = ANY(%s)",
            [history_type, operation.by_id, operation.pk, operation.tenant_id, ids],
        )
