"""Background tasks of the installation as a whole, by the clock. procrastinate finds this module by its name."""

from django.core.management import call_command
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from imports.files import remove_old_uploads
from imports.timed import start_due
from lists.exporting import remove_old_files
from lists.models import Selection
from tenants import jobs
from tenants.context import tenant
from tenants.models import Tenant


# Six fields: the seconds come last. Only `queueing_lock`: with `lock`, a heal task that dies blocks the next.
@app.periodic(cron="* * * * * */20")
@app.task(name="heal", queueing_lock="heal", pass_context=True)
async def heal(context: JobContext, timestamp: int) -> None:
    """Jobs whose worker died are run again."""
    await jobs.heal(context.app.job_manager)


@app.periodic(cron="23 3 * * *")
@app.task(name="clear_sessions", queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Sessions that have expired are deleted."""
    call_command("clearsessions")


@app.periodic(cron="7 * * * *")
@app.task(name="remove_old_exports", queueing_lock="remove_old_exports")
def remove_old_exports(timestamp: int) -> None:
    """The files of exports whose days are over are deleted."""
    for company in Tenant.objects.all():
        with tenant(company):
            remove_old_files(company.pk)


@app.periodic(cron="47 3 * * *")
@app.task(name="remove_old_imports", queueing_lock="remove_old_imports")
def remove_old_imports(timestamp: int) -> None:
    """Uploaded files whose days are over are deleted."""
    for company in Tenant.objects.all():
        with tenant(company):
            remove_old_uploads()


@app.periodic(cron="* * * * *")
@app.task(name="start_timed_imports", queueing_lock="start_timed_imports")
def start_timed_imports(timestamp: int) -> None:
    """Timed imports that are due begin."""
    for company in Tenant.objects.all():
        with tenant(company):
            start_due(company, timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="clear_selections", queueing_lock="clear_selections")
def clear_selections(timestamp: int) -> None:
    """What people selected and did nothing with is deleted."""
    for company in Tenant.objects.all():
        with tenant(company):
            Selection.objects.abandoned().delete()
