"""Reading an uploaded file: at once where it is small, by a worker where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from history.long import Progress, Refused, Watch, do_in_one_piece
from history.models import Operation
from imports.files import spool_path, upload_path
from imports.models import ImportRun
from lists.sheets import FileRefused
from lists.spool import Spooled, spool
from tenants.context import require_tenant_id, tenant
from tenants.models import Tenant

SMALL = 2 * 1024 * 1024  # bytes of CSV; of a workbook a tenth, which is packed and slow to read


def is_small(run: ImportRun) -> bool:
    with upload_path(run).open("rb") as file:
        packed = file.read(2) == b"PK"
    return run.size <= (SMALL // 10 if packed else SMALL)


def read_now(run: ImportRun) -> None:
    """Raises FileRefused."""
    country = Tenant.objects.values_list("country", flat=True).get(pk=require_tenant_id())
    run.found = storable(asdict(_spool(run, country, lambda rows: None)))


def read(tenant_id: int, operation_id: int, watch: Watch | None = None) -> None:
    """What a worker does."""
    do_in_one_piece(
        tenant_id, operation_id, lambda progress: read_rows(tenant_id, operation_id, progress), watch
    )


def read_rows(tenant_id: int, operation_id: int, progress: Progress) -> Callable[[Operation], None]:
    with tenant(tenant_id):
        run = ImportRun.objects.get(reading=operation_id)
        country = Tenant.objects.values_list("country", flat=True).get(pk=tenant_id)
    try:
        found = _spool(run, country, lambda rows: progress.at(rows, None))
    except FileRefused as error:
        raise Refused(str(error)) from error

    def finish(running: Operation) -> None:
        ImportRun.objects.filter(pk=run.pk).update(found=storable(asdict(found)))
        running.position = running.total = found.rows

    return finish


def storable(found: Any) -> Any:
    """The same without what the database can't hold."""
    if isinstance(found, str):
        return found.replace("\x00", "\ufffd")
    if isinstance(found, dict):
        return {name: storable(value) for name, value in found.items()}
    return [storable(one) for one in found] if isinstance(found, list | tuple) else found


def _spool(run: ImportRun, country: str, progress: Callable[[int], None]) -> Spooled:
    return spool(upload_path(run), spool_path(run), country=country, progress=progress, **run.decided.place)
