from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base, features
from django.utils.module_loading import import_string

from tenants.context import current_tenant_id
from tenants.database.privileges import role_problem


class DatabaseFeatures(features.DatabaseFeatures):
    # A sharded table's physical primary key is (tenant_id, id), so `GROUP BY id` alone is refused there.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts every transaction with a literal `SET LOCAL app.tenant_id`.

    Literal and local, because only that survives connection pools and reaches the shards of a
    distributed database. Outside a transaction nothing is set, so a query on a tenant table fails loudly.
    """

    features_class = DatabaseFeatures
    as_owner = False  # set while migrations run
    _vetted: set[tuple[str, str, str]] = set()  # roles this process has looked at

    def get_connection_params(self) -> dict[str, Any]:
        # Asked every time: two threads may connect first, and a server may have to be started again.
        if start := self.settings_dict.get("START"):
            self.settings_dict.update(import_string(start)(self.settings_dict))
        return super().get_connection_params()

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.refuse_privileged_role()

    def refuse_privileged_role(self) -> None:
        """Raises ImproperlyConfigured for a role that row-level security does not hold."""
        role = (self.settings_dict["HOST"], self.settings_dict["NAME"], self.settings_dict["USER"])
        if self.as_owner or role in self._vetted:
            return
        if problem := role_problem(self.connection):
            self.close()  # or the next query would find it open and use it
            raise ImproperlyConfigured(problem)
        self._vetted.add(role)

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit:
            self.apply_tenant(current_tenant_id())

    def apply_tenant(self, tenant_id: int | None) -> None:
        """Make `tenant_id` the tenant of the open transaction; None leaves it without one."""
        value = "" if tenant_id is None else int(tenant_id)
        with self.wrap_database_errors:
            self.connection.execute(f"SET LOCAL app.tenant_id = '{value}'")

    def limit_statements(self, milliseconds: int) -> None:
        """How long each of the transaction's statements may take from here on; 0: as long as the session says."""
        value = int(milliseconds) or "DEFAULT"
        with self.wrap_database_errors:
            self.connection.execute(f"SET LOCAL statement_timeout = {value}")

    def join_at_once(self, wanted: bool) -> None:
        """Whether the transaction's statements from here on may only join whole sets, not row by row."""
        with self.wrap_database_errors:
            self.connection.execute(f"SET LOCAL enable_nestloop = {'off' if wanted else 'DEFAULT'}")

    def read_by_index(self, wanted: bool) -> None:
        """Whether the transaction's statements from here on read no table whole where they can do without."""
        with self.wrap_database_errors:
            self.connection.execute(f"SET LOCAL enable_seqscan = {'off' if wanted else 'DEFAULT'}")

    def read_one_moment(self) -> None:
        """The open transaction, in which nothing was asked yet, reads what is there now, and nothing later."""
        with self.wrap_database_errors:
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
