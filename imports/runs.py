"""What people do with an import: begin it, decide about its columns, have it checked, approve it, do it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from history.long import Refused, ask_for, call_off, in_one_go
from history.models import Operation
from history.operations import operation
from imports import files, reading
from imports.choices import Choices, Unknown
from imports.formats import settled
from imports.matching import proposed, remember
from imports.models import ImportRun, PlanRow
from imports.steps import CARRIED_OUT, CheckStep, run_step
from imports.tasks import carry_out, check_rows, read_file
from lists.sheets import FileRefused
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id
from tenants.fields import ANY_CONTROL
from tenants.models import User

AT_ONCE = 5_000  # rows; a request waits for so many
Kind, State = Operation.Kind, Operation.State
DECIDING = (ImportRun.Stage.MATCHING, ImportRun.Stage.READY)
GONE = "Somebody has discarded it meanwhile. Upload the file again."
Stage = ImportRun.Stage
STANDS = {  # what was done with it, by somebody else meanwhile or by oneself already
    Stage.READING: "The file is being read again",
    Stage.UNREADABLE: "The file was read again {}, and can’t be used",
    Stage.MATCHING: "Checking its rows was begun {} and did not come to its end",
    Stage.CHECKING: "Its rows are being checked again",
    Stage.READY: "Its rows were checked again {}",
    Stage.IMPORTING: "It is being imported",
    Stage.DONE: "It was imported {}",
    Stage.CANCELLED: "Its import was begun {} and cancelled",
    Stage.FAILED: "Its import was begun {} and failed",
}


class NotNow(Exception):
    """It can't be done at this stage of the import; the message says why."""


def begin(
    name: str, chunks: Iterable[bytes], *, by: User, subject: str = ImportRun.Subject.CUSTOMERS
) -> ImportRun:
    """Store the uploaded file and read it, or have it read. Raises FileRefused, and then nothing is kept."""
    kept, size, digest = files.keep(require_tenant_id(), chunks)
    run = ImportRun(
        subject=subject,
        by=by,
        name=told(name),
        file=kept,
        size=size,
        sha256=digest,
    )
    return _read(run, by=by)


def told(name: str) -> str:
    """A file's name as it is kept."""
    return ANY_CONTROL.sub("", name)[:200] or "file"


def again(run: ImportRun, *, by: User) -> ImportRun:
    """The same file with the same settings, to be checked anew. Raises NotNow, FileRefused."""
    if not files.is_kept(run):
        raise NotNow("The file is no longer kept. Upload it again.")
    with files.upload_path(run).open("rb") as source:
        chunks = iter(lambda: source.read(1 << 20), b"")
        kept, size, digest = files.keep(require_tenant_id(), chunks)
    fresh = ImportRun(
        subject=run.subject, by=by, name=run.name, file=kept, size=size, sha256=digest, choices=run.choices
    )
    return _read(fresh, by=by)


def choose_place(run: ImportRun, sheet: str, heading: int, *, by: User) -> ImportRun:
    """Read the file again: another sheet of the workbook, from another row on; what was decided about the columns
    before is forgotten. Raises NotNow, and FileRefused where there is nothing: then it stays as it is."""
    run = held(run)
    if run.stage not in DECIDING:
        raise NotNow(standing(run, by))
    run.choices, run.found, run.checking = Choices(sheet=sheet, heading=heading).as_json(), None, None
    with transaction.atomic():
        _read_now_or_later(run, by=by)
    return run


def _read(run: ImportRun, *, by: User) -> ImportRun:
    try:
        with transaction.atomic():
            _read_now_or_later(run, by=by)
    except FileRefused:
        files.remove(run)
        raise
    return run


def _read_now_or_later(run: ImportRun, *, by: User) -> None:
    if reading.is_small(run):
        reading.read_now(run)
        run.save()
    else:
        run.reading = ask_for(Kind.CHECK, by=by, total=None, summary=f"Reading {run.name}", source=run.name)
        run.save()
        read_file.later(operation_id=run.reading.pk)


def settings_of(run: ImportRun, user: User) -> Choices:
    """What was decided about it, or what to begin with."""
    return run.decided if run.decided.columns else proposed(run, user)


def allowed(choices: Choices, user: User) -> Choices:
    """The same, without what the person may not do: add entries to the company's lists."""
    return choices if may_add_entries(user) else replace(choices, unknown=Unknown.ERROR)


def may_add_entries(user: User) -> bool:
    return all(user.has_perm(f"marketing.add_{one._meta.model_name}") for one in (Segment, Status, Channel))


def check(run: ImportRun, choices: Choices, *, by: User) -> Operation:
    """Make the plan of it, or have it made. A plan that it had before is dropped. Raises NotNow."""
    choices = settled(run, choices, by)
    asked = ask_for_check(run, choices, by=by)
    remember(run, choices)
    if (asked.total or 0) > AT_ONCE:
        check_rows.later(operation_id=asked.pk)
        return asked
    _now(asked, CheckStep())
    return asked


def ask_for_check(run: ImportRun, choices: Choices, *, by: User) -> Operation:
    """Raises NotNow."""
    run = held(run)
    if run.stage not in DECIDING:
        raise NotNow(standing(run, by))
    assert run.found is not None
    rows = int(run.found["rows"])
    run.choices = settled(run, choices, by).as_json()
    run.checking = ask_for(Kind.CHECK, by=by, total=rows, summary=f"Checking {run.name}", source=run.name)
    run.save(update_fields=["choices", "checking"])
    return run.checking


def _now(asked: Operation, step: CheckStep) -> None:
    """Do in this request what else a worker would."""
    asked.begin()
    try:
        with transaction.atomic():
            in_one_go(asked, step)
    except Refused as error:
        asked.refresh_from_db()
        asked.begin()
        asked.end(State.FAILED, error=str(error))
    else:
        asked.end(State.DONE)
    asked.save_progress()


def approve(run: ImportRun, *, by: User, plan: int | None = None) -> Operation:
    """Carry out the plan that was shown, or have it carried out. `plan` is the operation that made it, where that is
    known: it is never another one that is carried out. Raises NotNow, and Refused where it can't be carried out."""
    run = _held_ready(run, by, plan)
    total = _to_write(run)
    if total > AT_ONCE:
        asked = ask_for_import(run, by=by)
        carry_out.later(operation_id=asked.pk)
        return asked
    with operation(Kind.IMPORT, by=by, source=run.name, summary=_said(run)) as running:
        running.kept = True
        running.total, running.begun_at = total, timezone.now()
        run.operation = running
        run.save(update_fields=["operation"])
        in_one_go(running, run_step)
        running.end(State.DONE)
        running.save_progress()
    return running


def ask_for_import(run: ImportRun, *, by: User) -> Operation:
    """Raises NotNow."""
    run = _held_ready(run, by)
    run.operation = ask_for(Kind.IMPORT, by=by, total=_to_write(run), summary=_said(run), source=run.name)
    run.save(update_fields=["operation"])
    return run.operation


def _to_write(run: ImportRun) -> int:
    return sum(run.plan["counts"][action] for action in CARRIED_OUT)


def _said(run: ImportRun) -> str:
    return f"{run.get_subject_display()} from {run.name}"


def held(run: ImportRun) -> ImportRun:
    """The run as it is now; nobody else does anything with it until the transaction ends. Raises NotNow for one that
    is gone.

    Its operations are read afterwards: joined, they would be those of before whoever held it.
    """
    found: ImportRun | None = ImportRun.objects.select_for_update().filter(pk=run.pk).first()
    if found is None:
        raise NotNow(GONE)
    return found


def cancel(run: ImportRun) -> None:
    """Have stopped what is going on: after the batch it is at, or at once where no worker has taken it up."""
    going = run.going
    if going and going == run.operation and going.state == State.RUNNING:
        going.ask_to_stop()  # and no more, however often: what it has written is settled by its worker
    elif going:
        call_off(going)


def _held_ready(run: ImportRun, by: User, plan: int | None = None) -> ImportRun:
    """Raises NotNow for one that has no plan to be carried out, or another one."""
    run = held(run)
    if run.stage != Stage.READY:
        raise NotNow(standing(run, by))
    if plan is not None and plan != run.checking_id:
        raise NotNow(f"{standing(run, by)} Look at what would be done now.")
    return run


def standing(run: ImportRun, by: User) -> str:
    """What was done with it before somebody decided about it who did not know of that, and who did that."""
    if run.stage == Stage.MATCHING and run.checking is None:
        return "The file was read again meanwhile: its columns are to be matched first."
    latest = run.operation or run.going or run.checking or run.reading
    who = latest.by if latest else None
    said = STANDS[Stage(run.stage)].format("already" if who == by else "meanwhile")
    return f"{said}, by {'you' if who == by else who.name if who else 'Clientele'}."


def discard(run: ImportRun, *, by: User) -> None:
    """Drop the plan and the file of an import that was not carried out. Raises NotNow."""
    run = held(run)
    if run.operation or run.going:
        raise NotNow(standing(run, by))
    PlanRow.objects.filter(run=run).delete()
    run.delete()
    transaction.on_commit(lambda: files.remove(run))
