"""Row-level security and tenant-wide foreign keys as constraints, so that `makemigrations` writes them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import ForeignKey, Model
from django.db.models.constraints import BaseConstraint

POLICY = "tenant_id = current_setting('app.tenant_id')::bigint"


class _AfterCreate(BaseConstraint):
    """Added to the table after all tables of the migration exist, in the migration's transaction."""

    def statement(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        raise NotImplementedError

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        schema_editor.deferred_sql.append(self.statement(model, schema_editor))
        return ""  # nothing inside CREATE TABLE

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return str(self.statement(model, schema_editor))

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to check in Python: the database refuses what breaks it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class TenantPolicy(_AfterCreate):
    """Forces row-level security: a row is seen and written only by its tenant's transactions.

    The policy raises when no tenant is set. It holds for the table's owner too, unless the role has BYPASSRLS.
    """

    def statement(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        return Statement(
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY %(name)s ON %(table)s USING (%(rule)s) WITH CHECK (%(rule)s)",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
            rule=POLICY,
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.name)
        return (
            f"DROP POLICY {name} ON {table};"
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


class CompositeForeignKey(_AfterCreate):
    """`(tenant_id, x_id) → (tenant_id, id)`: a row can only refer to rows of its own tenant.

    Foreign-key checks pass row-level security by, so a key on the id alone would reach other tenants' rows.
    """

    def __init__(
        self,
        *,
        field: str,
        to: str,
        name: str,
        violation_error_code: Any = None,
        violation_error_message: Any = None,
    ) -> None:
        super().__init__(name=name)
        self.field = field
        self.to = to

    def statement(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        quote = schema_editor.quote_name
        related = model._meta.apps.get_model(self.to)
        field = model._meta.get_field(self.field)
        assert isinstance(field, ForeignKey)
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (tenant_id, %(column)s) "
            "REFERENCES %(related)s (tenant_id, id)",
            table=Table(model._meta.db_table, quote),
            name=quote(self.name),
            column=quote(field.column),
            related=Table(related._meta.db_table, quote),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.name)
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "to": self.to}
