"""Background tasks of the installation as a whole, by the clock. procrastinate finds this module by its name."""

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

from tenants import jobs


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
