"""`manage.py provision`: makes the database roles, the database and the extensions. Once, as a superuser."""

from argparse import ArgumentParser
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.provision import ProvisionError, provision


class Command(BaseCommand):
    help = (
        "Prepares a Postgres server: makes the roles and the database that DATABASE_URL and "
        "DATABASE_OWNER_URL name, the extensions and the rights. May be repeated. Then run migrate."
    )
    requires_system_checks: list[str] = []  # they ask the database this command makes

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--superuser-url",
            required=True,
            metavar="URL",
            help="postgresql://postgres:password@host:5432/postgres; used for this command only",
        )

    def handle(self, *, superuser_url: str, **options: Any) -> None:
        if settings.EMBEDDED:
            raise CommandError(
                "DATABASE_URL is not set. The embedded Postgres provisions itself; run `manage.py demo`."
            )
        if not settings.DATABASE_OWNER:
            raise CommandError("DATABASE_OWNER_URL is not set. It names the database's owner.")
        app, owner = settings.DATABASES["default"], settings.DATABASE_OWNER
        if owner["NAME"] != app["NAME"]:
            raise CommandError(
                f"DATABASE_URL names the database {app['NAME']!r} and DATABASE_OWNER_URL {owner['NAME']!r}. "
                f"They must name the same."
            )
        try:
            provision(
                superuser_url,
                database=app["NAME"],
                owner=owner["USER"],
                app=app["USER"],
                owner_password=owner["PASSWORD"],
                app_password=app["PASSWORD"],
                tell=self.stdout.write,
            )
        except (ProvisionError, psycopg.Error) as error:
            raise CommandError(f"Not provisioned: {str(error).strip()}") from error
        self.stdout.write(self.style.SUCCESS("Provisioned. Next: manage.py migrate"))
