"""The files of an import: the one that was uploaded, and its rows that were not imported."""

from __future__ import annotations

from pathlib import PurePath

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from imports.corrections import corrections
from imports.files import is_kept, upload_path
from imports.models import ImportRun
from imports.subjects import MAY
from imports.views.pages import get_run
from tenants.views import TenantView

Stage = ImportRun.Stage
PLANNED = (Stage.READY, Stage.IMPORTING, Stage.DONE, Stage.CANCELLED, Stage.FAILED)


class Original(TenantView):
    permission = MAY

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = get_run(pk)
        if not is_kept(run):
            raise Http404("The file is no longer there.")
        return FileResponse(
            upload_path(run).open("rb"),
            as_attachment=True,
            filename=run.name,
            content_type="application/octet-stream",  # whatever somebody uploaded: nothing opens it here
            headers={"Cache-Control": "no-store", "Content-Encoding": "identity"},
        )


class Errors(TenantView):
    """The rows with errors as they were given, with the reasons beside."""

    permission = MAY

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = get_run(pk)
        if run.stage not in PLANNED:
            raise Http404("No rows were checked yet.")
        try:
            file = corrections(run, self.request.user)
        except FileNotFoundError as error:
            raise Http404("The file is no longer there.") from error
        name = f"{PurePath(run.name).stem}-errors.csv"
        return FileResponse(file, as_attachment=True, filename=name, headers={"Cache-Control": "no-store"})
