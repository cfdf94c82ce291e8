"""A worker for the tests, as a program of its own that can be killed. Arguments: database, folder for notes."""

import asyncio
import sys
import time
from pathlib import Path

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from procrastinate.contrib.django import app  # noqa: E402  Django must be set up first

from tenants import jobs  # noqa: E402
from tenants.context import current_tenant_id  # noqa: E402

NOTES = Path(sys.argv[2])


def note(text: str) -> None:
    with (NOTES / "notes").open("a") as file:
        file.write(f"{text}\n")


@jobs.tenant_task()
def slow(*, number: int) -> None:
    """Waits until the file `go` exists."""
    note(f"slow {number} of tenant {current_tenant_id()}")
    while not (NOTES / "go").exists():
        time.sleep(0.02)
    note(f"done {number}")


@app.periodic(cron="* * * * * *")
@app.task(name="heal_soon", queueing_lock="heal_soon", pass_context=True)
async def heal_soon(context: object, timestamp: int) -> None:
    await jobs.heal(context.app.job_manager, silent_seconds=1.5)  # type: ignore[attr-defined]


async def main() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            await app.run_worker_async(
                concurrency=4,
                update_heartbeat_interval=0.3,
                stalled_worker_timeout=1.5,
                delete_jobs="successful",
            )


if __name__ == "__main__":
    asyncio.run(main())
