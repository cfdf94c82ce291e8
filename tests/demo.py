"""The product as somebody runs it: `manage.py demo` as processes of its own, with a Postgres of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psutil
from django.conf import settings

from config import keeper


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """A running demo: its process, its output so far, and where it listens."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None, **environment: str) -> None:
        self.folder, self.port = folder, port or free_port()
        self.log = folder.parent / f"{folder.name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", f"--port={self.port}", f"--data={folder}", *arguments],
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def up(self) -> "Demo":
        self.expect("Ctrl-C stops everything")
        return self

    def expect(self, words: str, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        code = self.process.wait(60)
        assert keeper.postmaster(self.folder / "postgres") is None
        return code

    def children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def send(self, path: str, **fields: str) -> str:
        """Fills in the form at `path` and returns the address where that leads."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        address = f"http://127.0.0.1:{self.port}{path}"
        with browser.open(address, timeout=30) as form:
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.read().decode())
        assert token
        data = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        try:
            with browser.open(address, data, timeout=30) as page:
                return str(page.url)
        except urllib.error.HTTPError as error:
            return str(error.url)
