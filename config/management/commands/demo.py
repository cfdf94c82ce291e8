"""`manage.py demo`: everything at once, to try the product out. Needs nothing but this folder."""

import fcntl
import os
import shutil
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config import embedded, processes
from tenants.database import refresh_statistics

WORKERS, THREADS = 2, 4
READY_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Runs the product with a Postgres of its own, two companies and people to sign in as. "
        "Ctrl-C stops everything; the next start goes on with the same data."
    )
    requires_system_checks: list[str] = []  # the port and the folder are looked at first

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen on 127.0.0.1 (8000)")
        # manage.py reads it before the settings are loaded.
        parser.add_argument("--data", metavar="DIR", help="where the data is kept (CLIENTELE_DATA or .data)")
        parser.add_argument("--fresh", action="store_true", help="delete the data and start over")
        parser.add_argument(
            "--customers", type=int, default=2000, metavar="N", help="how many customers Globex gets (2000)"
        )
        parser.add_argument(
            "--empty",
            action="store_true",
            help="leave Northwind without customers, to import its file yourself",
        )

    def handle(
        self, *, port: int, data: str | None, fresh: bool, customers: int, empty: bool, **options: Any
    ) -> None:
        self.refuse_what_cannot_work(port, data, customers)
        with self.only_one(), processes.stop_on_signals():
            programs = processes.Programs(settings.BASE_DIR, self.environment(port))
            try:
                if fresh:
                    self.start_over()
                self.prepare(customers, empty)
                self.run(programs, port)
            except processes.Stopped:
                self.say("\nStopping …")
            except processes.Died as died:
                raise CommandError(
                    f"{died}. Everything else was stopped; its last lines are above."
                ) from died
            except embedded.EmbeddedPostgresError as error:
                raise CommandError(str(error)) from error
            finally:
                programs.stop()
                connections.close_all()
                embedded.release(self.postgres)
        self.say("Stopped. The next `manage.py demo` goes on with the same data.")

    @property
    def postgres(self) -> Path:
        return Path(settings.EMBEDDED_POSTGRES["data"])

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def refuse_what_cannot_work(self, port: int, data: str | None, customers: int) -> None:
        if not settings.EMBEDDED:
            raise CommandError("The demo brings its own Postgres. Unset DATABASE_URL to run it.")
        if data and Path(data).resolve() != settings.DATA_DIR:
            raise CommandError("Give --data on the command line of manage.py, or set CLIENTELE_DATA.")
        if not 0 < port < 65536:
            raise CommandError(f"{port} is no port. Give --port a number from 1 to 65535.")
        if customers < 0:
            raise CommandError(f"{customers} customers can't be made. Give --customers 0 or more.")
        if not processes.is_port_free(port):
            raise CommandError(
                f"Port {port} is in use, or this user may not listen on it. "
                f"Choose another: manage.py demo --port {port + 1 if port < 65535 else 8000}"
            )

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """One demo per folder: two would seed it twice and stop each other's programs."""
        descriptor = os.open(settings.DATA_DIR / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise CommandError(
                f"A demo is running on {settings.DATA_DIR} already. Stop it, or choose another --data and --port."
            ) from error
        finally:
            os.close(descriptor)

    def start_over(self) -> None:
        """Deletes what earlier demos left, and nothing else that may lie in the folder."""
        if self.postgres.exists() and embedded.is_in_use(self.postgres):
            raise CommandError(f"Another process uses the data in {settings.DATA_DIR}. End it first.")
        for path in (self.postgres, settings.MEDIA_ROOT, settings.STATIC_ROOT):
            shutil.rmtree(path, ignore_errors=True)
        settings.STATIC_ROOT.mkdir(parents=True)

    def prepare(self, customers: int, empty: bool) -> None:
        from config import demo_data

        self.say("Starting Postgres …")
        call_command("migrate", verbosity=0, interactive=False)
        self.check(databases=["default"])
        call_command("collectstatic", verbosity=0, interactive=False)
        if not demo_data.is_seeded():
            self.say(f"Filling two companies: Northwind and Globex ({customers} customers) …")
            demo_data.seed(customers=customers, import_northwind=not empty)
            refresh_statistics()

    def environment(self, port: int) -> dict[str, str]:
        return {
            "CLIENTELE_DATA": str(settings.DATA_DIR),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, programs: processes.Programs, port: int) -> None:
        """Starts the web server and the worker and stays until one of them ends or somebody stops us."""
        programs.start("The web server", "-m", "gunicorn", "config.wsgi", *gunicorn_options(port))
        worker = ("manage.py", "procrastinate", "worker", "--shutdown-graceful-timeout", "5")
        programs.start("The worker", *worker, again=True)  # it ends when Postgres has been started anew
        address = f"http://127.0.0.1:{port}/"
        wait_until_ready(programs, f"{address}readyz")
        self.say(welcome(address))
        programs.watch()


def gunicorn_options(port: int) -> list[str]:
    return [
        *("--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)),
        *("--no-control-socket", "--limit-request-line", "8190", "--log-level", "warning"),
    ]


def wait_until_ready(programs: processes.Programs, address: str) -> None:
    """Returns when the web server says it is ready. Raises Died, or CommandError with its words."""
    deadline = monotonic() + READY_SECONDS
    while True:
        programs.check()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as error:
            words = error.read().decode(errors="replace").strip()
        except OSError as error:
            reason = getattr(error, "reason", error)
            words = f"it does not answer ({getattr(reason, 'strerror', None) or reason})"
        if monotonic() > deadline:
            raise CommandError(f"The web server does not get ready: {words}")
        sleep(0.1)


def welcome(address: str) -> str:
    from config import demo_data

    width = max(len(person.email) for person in demo_data.PEOPLE)
    lines = [
        "",
        f"Clientele is running: {address}",
        "",
        f"Sign in as one of these, each with the password {demo_data.PASSWORD!r}:",
        *(f"  {person.email:<{width}}  {person.describes}" for person in demo_data.PEOPLE),
        "",
        "Mails appear here. Ctrl-C stops everything; the data stays for the next time.",
    ]
    return "\n".join(lines)
