"""`manage.py import_customers`: a file, from the first byte to the last row, at a terminal or by a program."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.models import QuerySet

from history.models import Operation
from history.terminal import Terminal
from imports import runs, unattended
from imports.choices import PERSON, Blanks, Choices, Match, Mode, Unknown
from imports.corrections import corrections
from imports.fields import importable_columns
from imports.formats import Written, kinds_for, objection, written
from imports.matching import (
    columns_named,
    formats_named,
    overridden,
    propose,
    refusal,
    remembered,
    usual_kind,
)
from imports.models import ImportRun, PlanRow
from imports.plan_page import labels_for, remarks
from imports.subjects import MAY
from imports.told import LAST, Told, rows
from lists.files import refuse_too_large
from lists.mapping import rivals
from lists.sheets import FileRefused
from lists.xlsx_files import MAX_ROW_NUMBER
from tenants.context import tenant as inside
from tenants.management import acting
from tenants.management.acting import unusable
from tenants.models import Tenant, User

PIECE = 1 << 20  # bytes
SHOWN = 20  # rows with errors, and with warnings
FAILED, INTERRUPTED = 1, 130  # exit codes
A_WHILE = 600  # seconds
AS_LAST = (
    "The columns are as somebody has matched them last for a file with these headings. --mapping says otherwise "
    "of one of them, --by-headings of all."
)
State = Operation.State


class Command(BaseCommand):
    help = (
        "Imports a CSV or Excel file. Exit code 0: all is well; 1: rows have errors or the import failed; "
        "2: the file or what was given can't be used, and nothing was done; 130: cancelled with Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        acting.add_arguments(parser)
        parser.add_argument(
            "--sheet",
            choices=ImportRun.Subject.values,
            default=ImportRun.Subject.CUSTOMERS,
            help="what a row stands for (customers)",
        )
        parser.add_argument(
            "--worksheet", default="", metavar="NAME", help="which sheet of a workbook to read"
        )
        parser.add_argument(
            "--heading-row",
            type=row_number,
            default=0,
            metavar="NUMBER",
            help="which row is the heading (the first one below titles)",
        )
        parser.add_argument(
            "--mapping",
            action="append",
            default=[],
            metavar="'HEADING=COLUMN'",
            help="what a column of the file is; nothing behind the = leaves it out. Or a JSON file with an object "
            "of headings and columns. Other columns are as somebody has matched them last on the web for a file with "
            "these headings, or else told by their headings and values; which was done is said",
        )
        parser.add_argument(
            "--by-headings",
            action="store_true",
            help="tell columns by their headings and values, however somebody has matched them last for such a file",
        )
        parser.add_argument(
            "--format",
            action="append",
            default=[],
            metavar="'HEADING=FORMAT'",
            help="how the dates of a column are written: ymd (2024-12-31), dmy (31/12/2024), mdy (12/31/2024) or "
            "compact (20241231); or its numbers: point (1,234.56), comma (1.234,56), space (1 234,56) or apostrophe "
            "(1'234.56). Others are read as they were last for such a file, or as all values of a column tell",
        )
        parser.add_argument("--match", choices=Match.LABELS, default=Match.REFERENCE)
        parser.add_argument("--mode", choices=Mode.LABELS, default=Mode.BOTH)
        parser.add_argument("--blanks", choices=Blanks.LABELS, default=Blanks.KEEP)
        parser.add_argument("--unknown", choices=Unknown.LABELS, default=Unknown.ERROR)
        parser.add_argument(
            "--skip-errors", action="store_true", help="leave rows with errors out, and import the others"
        )
        parser.add_argument(
            "--errors",
            type=Path,
            metavar="FILE",
            help="write the rows that are not imported there, with the reasons, to be corrected; none, no file",
        )
        parser.add_argument("--json", action="store_true", help="print one object, and nothing else")
        sure = parser.add_mutually_exclusive_group()
        sure.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and leave nothing behind"
        )
        sure.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *, file: Path, tenant: str, by: str, **options: Any) -> None:
        self.options = options
        self.told = Told()
        self.terminal = Terminal(self.stderr)
        with self.terminal.listening():
            self.tell(file, tenant, by)

    def tell(self, file: Path, tenant: str, by: str) -> None:
        """Do it, and say what came of it, however it ends."""
        try:
            if not (self.options["yes"] or self.options["dry_run"] or sys.stdin.isatty()):
                raise unusable("Nobody can be asked here. Give --yes or --dry-run.")
            company = acting.company_named(tenant)
            self.do(file, company, acting.member_named(company, by, permission=MAY))
        except CommandError as error:
            self.told.error = str(error)
            raise
        except runs.NotNow as refusal:
            self.told.leave("not imported")
            self.told.error = str(refusal)
            raise CommandError(self.told.error, returncode=FAILED) from refusal
        except KeyboardInterrupt as error:
            raise self.interrupted() from error
        except OperationalError as error:
            lost = f"The connection to the database was lost. See that it runs ({str(error).strip()})."
            if self.told.run is not None:
                self.told.state = State.RUNNING
                lost = f"{lost}\nA worker goes on with import {self.told.run} within ten minutes."
            self.told.error = lost
            raise CommandError(lost, returncode=FAILED) from error
        finally:
            if self.options["json"]:
                self.stdout.write(json.dumps(asdict(self.told)))

    def do(self, file: Path, company: Tenant, user: User) -> None:
        named = mapping(self.options["mapping"])
        run = self.begin(file, company, user)
        try:
            self.read(run)
            self.plan(run, company, user, named)
            if self.is_wanted(run, company, user):
                self.carry_out(run, company, user)
        except KeyboardInterrupt:
            connection.close()  # it may have come in the midst of the end of a transaction
            raise
        finally:
            if self.told.run is None:
                with suppress(runs.NotNow), inside(company):
                    runs.discard(run, by=user)

    def begin(self, file: Path, company: Tenant, user: User) -> ImportRun:
        subject, sheet = self.options["sheet"], self.options["worksheet"]
        heading = self.options["heading_row"]
        try:
            refuse_too_large(file.stat().st_size)
            with file.open("rb") as source, inside(company):
                chunks = iter(lambda: source.read(PIECE), b"")
                return unattended.begin(
                    file.name, chunks, by=user, subject=subject, sheet=sheet, heading=heading
                )
        except OSError as error:
            raise unusable(f"{file} can't be read: {error.strerror}.") from error
        except FileRefused as error:
            raise unusable(str(error)) from error

    def read(self, run: ImportRun) -> None:
        with self.terminal.doing("Reading"):
            unattended.read(run, self.terminal.watch)

    def plan(self, run: ImportRun, company: Tenant, user: User, named: Mapping[str, str]) -> None:
        """Make the plan."""
        with inside(company):
            run = unattended.as_it_is(run)
            self.refuse_unless_done(run.reading)
            choices = self.choices(run, user, named)
        with self.terminal.doing("Checking"):
            unattended.check(run, choices, by=user, watched=self.terminal.watched)
        with inside(company):
            run = unattended.as_it_is(run)
            self.refuse_unless_done(run.checking)
            self.told.plan(run.plan["counts"], run.plan["warnings"])
            self.say_plan(run, user)
            self.write_errors(run, user)

    def choices(self, run: ImportRun, user: User, named: Mapping[str, str]) -> Choices:
        """Columns as they were matched last for such a file, or as they look, unless they are named."""
        last = None if self.options["by_headings"] else remembered(run)
        proposed = propose(run, user, last)
        try:
            columns = overridden(proposed.columns, columns_named(run.headings, named, user, run.subject))
            kept = {
                at: one for at, one in proposed.formats.items() if columns.get(at) == proposed.columns[at]
            }
            given = self.formats(run, columns, user)
        except ValueError as error:
            raise unusable(str(error)) from error
        self.told.match(run.headings, columns, remembered=last is not None)
        decided = {name: self.options[name] for name in ("match", "mode", "blanks", "unknown")}
        if decided["unknown"] == Unknown.CREATE and not runs.may_add_entries(user):
            raise unusable(f"{user.email} may not add segments, statuses and channels.")
        choices = Choices(
            columns=columns,
            formats={**kept, **given},
            **run.decided.place,
            kind=usual_kind(columns.values(), run.subject),
            **decided,
        )
        if refused := refusal(choices, user, run.subject):
            raise unusable(
                f"{refused} Name it with --mapping, or say with --heading-row which row is the heading."
            )
        if self.options["yes"]:
            said = replace(choices, formats={**(last.formats if last else {}), **given})
            self.refuse_doubt(run, said, user)
        return choices

    def refuse_doubt(self, run: ImportRun, said: Choices, user: User) -> None:
        """Where nobody looks at it, what the values leave open must have been said, now or for the last such file."""
        if doubt := objection(run, said, user):
            raise unusable(f"{doubt} Give it with --format 'HEADING=FORMAT'.")

    def formats(self, run: ImportRun, columns: Mapping[int, str], user: User) -> dict[int, str]:
        """Those that were given, by position. Raises ValueError."""
        given = mapping(self.options["format"], "--format", "FORMAT")
        found, kinds = formats_named(run.headings, given), kinds_for(user, run.subject)
        for (heading, chosen), at in zip(given.items(), found, strict=True):
            kind = kinds.get(columns.get(at, ""))
            if kind is None:
                raise ValueError(f"--format: “{heading}” is no column of dates or numbers.")
            if chosen not in kind.formats:
                raise ValueError(f"--format: {chosen!r} is none. Give {', '.join(kind.formats)}.")
        return found

    def is_wanted(self, run: ImportRun, company: Tenant, user: User) -> bool:
        """Whether the plan is to be carried out."""
        number = self.told.failed
        if number and not self.options["skip_errors"]:
            if not self.options["dry_run"]:
                self.told.leave("not imported")
                self.told.run = run.pk
            raise CommandError(
                f"{rows(number)} with errors. Nothing was imported; correct the file, "
                "or leave such rows out with --skip-errors.",
                returncode=FAILED,
            )
        if self.options["dry_run"]:
            return False
        if self.options["yes"] or input("Import? [y/N] ").strip().lower() in {"y", "yes"}:
            return True
        self.told.leave("not imported")
        self.say("Nothing was imported.")
        return False

    def carry_out(self, run: ImportRun, company: Tenant, user: User) -> None:
        planned = self.told.failed
        with self.terminal.doing("Importing"):
            self.told.run = run.pk
            watched = self.terminal.watched
            unattended.carry_out(run, by=user, watched=watched, looked_after=A_WHILE)
            with inside(company):
                run = unattended.as_it_is(run)
            operation = run.operation
            assert operation is not None
            self.told.came_to(operation)
        with inside(company):
            self.write_errors(run, user)
        self.say(*self.told.lines(), f"Import {run.pk}, operation {operation.pk}")
        if operation.state == State.CANCELLED:
            raise self.interrupted()
        if operation.state != State.DONE:
            raise CommandError(operation.error, returncode=FAILED)
        if refused := self.told.failed - planned:
            one = refused == 1
            raise CommandError(
                f"{rows(refused)} {'was' if one else 'were'} refused, for what {'it stands' if one else 'they stand'} "
                "for was changed meanwhile. Import the file again.",
                returncode=FAILED,
            )
        if planned:
            raise CommandError(f"{rows(planned)} with errors left out.", returncode=FAILED)

    def interrupted(self) -> CommandError:
        self.told.error = f"Cancelled. {self.told.interrupt()}"
        return CommandError(self.told.error, returncode=INTERRUPTED)

    def refuse_unless_done(self, operation: Operation | None) -> None:
        """Or where somebody wanted it to stop just as it ended."""
        assert operation is not None
        if operation.state == State.CANCELLED or (operation.state == State.DONE and self.terminal.stopped):
            raise self.interrupted()
        if operation.state != State.DONE:
            raise unusable(operation.error)

    def write_errors(self, run: ImportRun, user: User) -> None:
        file: Path | None = self.options["errors"]
        if file is None:
            return
        try:
            if not self.told.failed:
                file.unlink(missing_ok=True)
                return
            with corrections(run, user) as source, file.open("wb") as target:
                shutil.copyfileobj(source, target)
        except OSError as error:
            raise unusable(f"{file} can't be written: {error.strerror}.") from error

    # What it says

    def say(self, *lines: str) -> None:
        if not self.options["json"]:
            for line in lines:
                self.stdout.write(line)

    def say_plan(self, run: ImportRun, user: User) -> None:
        assert run.found is not None
        labels = {**PERSON, **labels_for(user, run.subject)}
        columns = run.decided.columns
        self.say(
            *(
                f"{one} → {labels.get(columns[at], columns[at]) if at in columns else 'not imported'}"
                for at, one in enumerate(run.headings)
            ),
            *([AS_LAST] if self.told.matched == LAST else []),
            *run.found["notices"],
            *rivals(run.headings, importable_columns(user, run.subject), columns),
            *(said_of_format(one) for one in written(run, user)),
            *self.told.lines(),
        )
        planned = PlanRow.objects.filter(run=run)
        self.say_of_rows(planned.filter(action=PlanRow.Action.ERROR), "problems", labels)
        self.say_of_rows(planned.exclude(warnings=[]), "warnings", labels, "Warning: row")

    def say_of_rows(
        self, found: QuerySet[PlanRow], what: str, labels: Mapping[str, str], begun: str = "Row"
    ) -> None:
        """What is wrong with the first of them, or to be looked at, and how many more there are."""
        for row in found.order_by("number")[:SHOWN]:
            for one in remarks(row, getattr(row, what), labels):
                self.stderr.write(f"{begun} {row.number}, {one.label}: {one.message}", style_func=str)
        if (more := found.count() - SHOWN) > 0:
            self.stderr.write(f"… and {more:,} more", style_func=str)


def row_number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= MAX_ROW_NUMBER):
        raise ArgumentTypeError(f"“{given}” is no row: it is a number from 1 on.")
    return int(given)


def said_of_format(one: Written) -> str:
    doubt = f" {one.doubt} Is it another format, give it with --format." if one.doubt else ""
    return f"“{one.heading}” is read as {one.format}.{doubt}"


def mapping(given: list[str], option: str = "--mapping", what: str = "COLUMN") -> dict[str, str]:
    """What was given by headings: columns, or formats. Raises CommandError."""
    found: dict[str, str] = {}
    for one in given:
        heading, equals, key = one.rpartition("=")
        found |= {heading.strip(): key.strip()} if equals else _mapping_in(Path(one), option, what)
    return found


def _mapping_in(file: Path, option: str, what: str) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise unusable(f"{option} {file}: it is neither 'HEADING={what}' nor a JSON file.") from error
    if not isinstance(kept, dict) or not all(isinstance(key, str) for key in kept.values()):
        raise unusable(f"{option} {file}: it must hold one object, of headings and {what.lower()}s.")
    return kept
