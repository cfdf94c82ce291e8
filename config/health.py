"""What a load balancer asks: is the process alive, may it be sent people? No sign-in, tenant, session."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


class _Migrations:
    """Whether every migration of this code has been applied; once true, that is not asked again."""

    applied = False

    def missing(self) -> int:
        """How many migrations have not been applied. One query until the answer is 0, then none."""
        if self.applied:
            return 0
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        self.applied = not plan
        return len(plan)


migrations = _Migrations()


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return _words("alive")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database can be reached and is migrated, otherwise 503 and the reason."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = migrations.missing()
    except (DatabaseError, ImproperlyConfigured):
        # What the driver says may name hosts and roles: that is for the log.
        logger.exception("Not ready: the database can't be used.")
        return _words("not ready: the database can't be reached", status=503)
    if missing:
        return _words(f"not ready: {missing} migrations are not applied; run migrate", status=503)
    return _words("ready")


def _words(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
