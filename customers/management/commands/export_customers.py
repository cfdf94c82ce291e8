"""`manage.py export_customers`: the list of customers as a file, whatever its size."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.http import QueryDict

from customers.list import CUSTOMERS
from history.models import Operation
from history.terminal import Terminal
from lists import exporting
from lists.export_files import PART, path_of
from lists.exporting import Source
from lists.listing import Listing
from lists.models import Export, Layout
from tenants.context import tenant as inside
from tenants.management import acting
from tenants.management.acting import unusable
from tenants.models import Tenant, User

FAILED, INTERRUPTED = 1, 130  # exit codes
State = Operation.State


class Command(BaseCommand):
    help = (
        "Exports customers. Exit code 0: the file is there, whole; 1: it failed; 2: what was given can't be used; "
        "130: cancelled with Ctrl-C. But for 0, FILE is as it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        acting.add_arguments(parser)
        parser.add_argument(
            "--filter",
            default="",
            metavar="QUERY",
            help="what stands behind the ? of the list's address: 'status=3&q=berlin'",
        )
        parser.add_argument("--columns", default="", metavar="KEY,KEY", help="which, in this order (all)")
        parser.add_argument(
            "--format", choices=Layout.Format.values, help="which kind of file (as FILE is called, or csv)"
        )
        parser.add_argument("--json", action="store_true", help="print one object, and nothing else")

    def handle(self, *, file: Path, **options: Any) -> None:
        self.terminal = Terminal(self.stderr)
        try:
            with self.terminal.listening():
                try:
                    export = self.export(file, **options)
                except KeyboardInterrupt as error:
                    raise interrupted() from error
        except CommandError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"file": str(file), "error": str(error)}))
            raise
        self.say(export, file, as_json=options["json"])

    def export(self, file: Path, *, tenant: str, by: str, **options: Any) -> Export:
        company = acting.company_named(tenant)
        user = acting.member_named(company, by, permission=CUSTOMERS.export_permission)
        try:
            with self.terminal.doing("Exporting"):
                with inside(company):
                    export = self.ask(file, company, user, **options)
                exporting.write(company.pk, export.operation_id, self.terminal.watch)
                with inside(company):
                    export = exporting.found(export.operation_id)
                self.deliver(export, file)
        except OperationalError as error:
            raise CommandError(
                f"The connection to the database was lost. See that it runs ({str(error).strip()}).",
                returncode=FAILED,
            ) from error
        return export

    def ask(self, file: Path, company: Tenant, user: User, **options: Any) -> Export:
        listing = Listing(CUSTOMERS, user, QueryDict(options["filter"]))
        if listing.ignored or listing.left_out:
            why = (
                f"the list of customers does not know {listing.ignored_words}"
                if listing.ignored
                else listing.left_out_words
            )
            raise unusable(f"--filter: {why}.")
        export = Export(list=CUSTOMERS.name, query=listing.link.removeprefix("?"))
        export.columns = chosen(options["columns"], list(listing.columns))
        ending = file.suffix.removeprefix(".").lower()
        export.format = options["format"] or (ending if ending in Layout.Format.values else Layout.Format.CSV)
        export.name = exporting.file_name(company, CUSTOMERS, export)
        return exporting.ask(export, Source(listing), by=user)

    def deliver(self, export: Export, file: Path) -> None:
        """Put the file where it is wanted, whole or not at all."""
        operation = export.operation
        if operation.state == State.CANCELLED:
            raise interrupted()
        if operation.state != State.DONE:
            raise CommandError(operation.error, returncode=FAILED)
        part = file.with_name(f"{file.name}{PART}")
        try:
            shutil.copyfile(path_of(str(export.file.name)), part)
            os.replace(part, file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CommandError(
                f"{file} can't be written: {error.strerror}. The file stands on the page of exports.",
                returncode=FAILED,
            ) from error

    def say(self, export: Export, file: Path, *, as_json: bool) -> None:
        told = {
            "rows": export.rows,
            "size": export.size,
            "sha256": export.sha256,
            "file": str(file),
            "export": export.pk,
            "operation": export.operation_id,
            "error": "",
        }
        if as_json:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(f"{file}: {export.operation.summary}, {export.size:,} bytes")


def interrupted() -> CommandError:
    return CommandError("Cancelled. No file was written.", returncode=INTERRUPTED)


def chosen(given: str, known: list[str]) -> list[str]:
    """The columns' keys. Raises CommandError."""
    wanted = [key.strip() for key in given.split(",") if key.strip()]
    if unknown := [key for key in wanted if key not in known]:
        raise unusable(f"There is no column {unknown[0]!r}. The columns are: {', '.join(known)}.")
    return wanted or known
