"""Row-level security and tenant-wide foreign keys as constraints, so that `makemigrations` writes them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import Model
from django.db.models.constraints import BaseConstraint

POLICY = "tenant_id = current_setting('app.tenant_id')::bigint"


class _AfterCreate(BaseConstraint):
    """Added to the table after all tables of the migration exist, in the migration's transaction."""

    def constraint_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to check in Python: the database refuses what breaks it."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.deconstruct() == other.deconstruct()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class TenantPolicy(_AfterCreate):
    """Forces row-level security: a row is seen and written only by its tenant's transactions.

    The policy raises when no tenant is set. It holds for the table's owner too, unless the role has BYPASSRLS.
    """

    def create_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        return Statement(
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY %(name)s ON %(table)s USING (%(rule)s) WITH CHECK (%(rule)s)",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
            rule=POLICY,
        )

    def remove_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        return Statement(
            "DROP POLICY %(name)s ON %(table)s;"
            "ALTER TABLE %(table)s NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE %(table)s DISABLE ROW LEVEL SECURITY",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
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

    def create_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        quote = schema_editor.quote_name
        related = model._meta.apps.get_model(self.to)
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (tenant_id, %(column)s) "
            "REFERENCES %(related)s (tenant_id, id)",
            table=Table(model._meta.db_table, quote),
            name=quote(self.name),
            column=quote(model._meta.get_field(self.field).column),  # type: ignore[union-attr]
            related=Table(related._meta.db_table, quote),
        )

    def remove_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        return schema_editor._delete_constraint_sql(schema_editor.sql_delete_fk, model, self.name)  # type: ignore[attr-defined,no-any-return]

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "to": self.to}
