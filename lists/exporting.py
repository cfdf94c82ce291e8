"""Exporting a list: which rows, the file that is answered at once, and the one that a worker writes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from history.long import Progress, Refused, Watch, as_its_people_read, ask_for, do_in_one_piece
from history.models import Operation
from history.operations import operation
from lists.bulk_runs import Unnest
from lists.columns import Column
from lists.declaration import ListDeclaration, list_named
from lists.export_files import NewFile, path_of, remove_others
from lists.exports import line_pieces, pieces
from lists.listing import Listing
from lists.models import Export, Layout, Selection
from lists.paging import Total
from lists.reading import CHUNK, chunks, csv_lines
from lists.xlsx_writer import MOST_ROWS
from tenants.context import interruption, read_one_moment, tenant
from tenants.models import Tenant, User
from tenants.numbers import grouped

Chunk = TypeVar("Chunk", bound=Sequence[Any])


@dataclass(frozen=True)
class Source:
    """The rows to export, in the list's order: what the list shows, or what somebody selected in it."""

    listing: Listing
    selection: Selection | None = None

    @property
    def declaration(self) -> ListDeclaration:
        return self.listing.declaration

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """In no order."""
        if self.selection is None:
            return self.listing.matches.queryset
        kept = Selection.objects.filter(pk=self.selection.pk)
        return self.declaration.rows().filter(pk__in=kept.values(row=Unnest("ids")))

    @property
    def total(self) -> Total:
        return Total(self.selection.number, True) if self.selection else self.listing.total

    @property
    def unread_words(self) -> str:
        """Which filters are not understood, so that these are not the rows that were asked for; '' for none."""
        return "" if self.selection else self.listing.unread_words

    def words(self, number: int | None = None) -> str:
        """“1,024 customers: status Lead”, “Selected: 2 customers”; `number` where it was counted."""
        if self.selection:
            return f"Selected: {self.selection.words}"
        if number is not None:
            self.listing.matches.told = Total(number, True)
        return self.listing.sentence

    def values(self, columns: Sequence[Column]) -> QuerySet[Any, tuple[Any, ...]]:
        ordered = self.rows.order_by(*self.listing.order.fields())
        return ordered.values_list(*(column.in_file for column in columns))


def seen(layout: Layout, columns: dict[str, Column]) -> list[Column]:
    """The layout's columns, without those that the person may not see: `columns` are theirs."""
    return [columns[key] for key in layout.columns if key in columns]


def file_name(company: Tenant, declaration: ListDeclaration, layout: Layout) -> str:
    """Of the company, the list and the second, as the company's clocks have it."""
    with timezone.override(company.timezone):
        now = timezone.localtime()
    return f"{company.slug}-{declaration.name}-{now:%Y-%m-%d-%H%M%S}.{layout.format}"


def at_once(export: Export, source: Source, *, by: User, most: int) -> bytes | None:
    """The file, which is not kept, while the log tells of it. None, and nothing is done, for more than `most` rows."""
    if not source.total.exact or source.total.number > most:
        return None
    columns = seen(export, source.listing.columns)
    rows = list(source.values(columns))  # with a limit they would be looked for in their order, one by one
    parts = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    data = b"".join(pieces(export, columns, parts, source.declaration.title))
    words = source.words(len(rows))
    with operation(Operation.Kind.EXPORT, by=by, source=export.name, summary=words) as running:
        running.total = running.position = len(rows)
        running.keep(**counts(export, len(rows)))
        running.save_progress()
        export.operation, export.rows, export.size = running, len(rows), len(data)
        export.sha256 = hashlib.sha256(data).hexdigest()
        export.save()
    return data


def counts(export: Export, rows: int) -> dict[str, Any]:
    """What the log keeps of an export."""
    return {"rows": rows, "columns": list(export.columns)}


def ask(export: Export, source: Source, *, by: User) -> Export:
    """The export, for a worker to write: have lists.tasks.write_export called. Its operation promises no number
    before the rows are counted, at the same moment as they are read."""
    words = source.words()
    export.operation = ask_for(Operation.Kind.EXPORT, by=by, total=None, summary=words, source=export.name)
    export.save()
    return export


# What a worker does


def write(tenant_id: int, operation_id: int, watch: Watch | None = None) -> None:
    """Write the file of the export that the operation is, from the start."""
    with NewFile(tenant_id) as file:
        do_in_one_piece(
            tenant_id, operation_id, lambda progress: _write(tenant_id, operation_id, file, progress), watch
        )


def _write(
    tenant_id: int, operation_id: int, file: NewFile, progress: Progress
) -> Callable[[Operation], None]:
    """Everything is read at one moment: what is counted first is what is written."""
    with tenant(tenant_id):
        read_one_moment()
        progress.interrupt = interruption()
        export = found(operation_id)
        with as_its_people_read(tenant_id):
            source = source_of(export)
            columns = seen(export, source.listing.columns)
            total = source.rows.order_by().count()
            _refuse_too_many(export, total)
            _save_all(file, export, source, columns, lambda rows: _told(rows, total, progress))
            summary = source.words(total)
    written = progress.position

    def finish(running: Operation) -> None:
        running.position, running.total, running.summary = written, total, summary
        running.counts = counts(export, written)
        export.file.name = file.keep(export.format)
        export.size, export.sha256, export.rows = file.size, file.sha256, written
        export.expires_at = timezone.now() + timedelta(days=settings.EXPORT_DAYS)
        export.save(update_fields=["file", "size", "sha256", "rows", "expires_at"])

    return finish


def _save_all(
    file: NewFile, export: Export, source: Source, columns: Sequence[Column], told: Callable[[Any], Any]
) -> None:
    values = source.values(columns)
    if export.format == Layout.Format.CSV:
        with closing(csv_lines(values, export.delimiter)) as lines:
            _save(file, line_pieces(export, columns, told(lines)))
    else:
        with closing(chunks(values)) as rows:
            _save(file, pieces(export, columns, told(rows), source.declaration.title))


def _save(file: NewFile, data: Iterator[bytes]) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise Refused(
            f"The file could not be written: {error.strerror}. Free some room, then export again."
        ) from error


def found(operation_id: int) -> Export:
    with_all = Export.objects.select_related("operation__by", "selection")
    return with_all.defer("selection__ids").get(operation=operation_id)


def source_of(export: Export) -> Source:
    """What the export was asked for. Raises Refused where the person may not have it any more, or where a filter is
    no longer understood."""
    declaration, by = list_named(export.list), export.operation.by
    if declaration is None or by is None or not declaration.may_export(by):
        raise Refused("Who asked for it may not export this list any longer.")
    source = Source(Listing(declaration, by, QueryDict(export.query)), export.selection)
    if source.unread_words:
        raise Refused(
            f"Filters have changed since it was asked for: {source.unread_words} any longer, and without that other "
            "rows would be exported. Set the filters again in the list, then export."
        )
    return source


def _refuse_too_many(export: Export, total: int) -> None:
    if export.format == Layout.Format.XLSX and total > MOST_ROWS:
        raise Refused(
            f"An Excel sheet holds {grouped(MOST_ROWS)} rows, and these are {grouped(total)}. Choose CSV."
        )


def _told(rows: Iterable[Chunk], total: int, progress: Progress) -> Iterator[Chunk]:
    """The same rows, while `progress` hears how many there were."""
    done = 0
    progress.at(done, total)
    for chunk in rows:
        yield chunk
        done += len(chunk)
        progress.at(done, total)


def remove_old_files(tenant_id: int) -> None:
    """Delete the files whose time is over, and what died workers left. What is known of them stays. Call it inside
    the tenant."""
    kept = set()
    for export in Export.objects.exclude(file="").only("file", "expires_at"):
        if export.is_kept:
            kept.add(str(export.file.name))
        else:
            path_of(str(export.file.name)).unlink(missing_ok=True)
            Export.objects.filter(pk=export.pk).update(file="")
    a_day_ago = timezone.now() - timedelta(days=1)
    remove_others(tenant_id, kept, older_than=a_day_ago.timestamp())
