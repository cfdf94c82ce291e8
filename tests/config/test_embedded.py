"""The embedded Postgres: who starts it, who stops it, and what it survives. Every test has its own server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
import pytest
from django.conf import settings

from config import embedded, keeper

OPTIONS = {"fsync": "off", "shared_buffers": "8MB", "max_connections": "20"}
# As a terminal starts it: what runs in the background inherits from its shell that Ctrl-C means nothing.
USER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from config import embedded
folder = Path(sys.argv[1])
embedded.attach(folder, {options!r})
print("up", flush=True)
{then}
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "server"
    yield path
    embedded.release(path)
    assert keeper.postmaster(path) is None


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process that uses the server and runs `then`; by default it waits for its input to end."""
    started: list[subprocess.Popen[str]] = []

    def run(folder: Path, then: str = "sys.stdin.read()", wait: bool = True) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER.format(options=OPTIONS, then=then), str(folder)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        if wait:
            expect(process, "up")
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def expect(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout
    assert process.stdout.readline().strip() == line, process.stdout.read()


def server(folder: Path) -> psutil.Process:
    process = keeper.postmaster(folder)
    assert process is not None
    return process


def keepers(folder: Path) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [p for p in found if {"config.keeper", str(folder)} <= set(p.info["cmdline"] or [])]


def wait_for(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)


def stopped(folder: Path) -> None:
    wait_for(lambda: keeper.postmaster(folder) is None and not embedded.is_in_use(folder))


def ask(folder: Path, query: LiteralString) -> object:
    with psycopg.connect(embedded.superuser_conninfo(folder)) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def test_it_starts_with_the_first_process_and_stops_with_the_last(folder: Path, start: Start) -> None:
    first = start(folder)
    running = server(folder).pid
    second = start(folder)
    first.communicate()
    assert server(folder).pid == running
    assert ask(folder, "SELECT 1") == 1
    second.communicate()
    stopped(folder)


def test_many_processes_may_start_at_once(folder: Path, start: Start) -> None:
    processes = [start(folder, wait=False) for _ in range(4)]
    for process in processes:
        expect(process, "up")
    assert len(keepers(folder)) == 1
    for process in processes:
        process.communicate()
    stopped(folder)


def test_killed_users_do_not_leave_it_running(folder: Path, start: Start) -> None:
    first, second = start(folder), start(folder)
    for process in (first, second):
        process.kill()
    stopped(folder)


def test_ctrl_c_to_the_whole_group_spares_a_process_that_is_still_working(folder: Path, start: Start) -> None:
    work = """
import psycopg, signal
signal.signal(signal.SIGINT, lambda *a: None)
connection = psycopg.connect(embedded.superuser_conninfo(folder))
print("working", flush=True)
sys.stdin.readline()
print(connection.execute("SELECT 'done'").fetchone()[0], flush=True)
"""
    process = start(folder, work)
    expect(process, "working")
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.3)
    out, _ = process.communicate("go\n")
    assert out.strip() == "done"
    stopped(folder)


def test_ctrl_c_stops_it(folder: Path, start: Start) -> None:
    process = start(folder, "time.sleep(60)")
    os.killpg(process.pid, signal.SIGINT)
    stopped(folder)


def test_a_forked_process_keeps_it_running_after_its_parent(folder: Path, start: Start) -> None:
    process = start(folder, "import os\nif os.fork():\n    os._exit(0)\nsys.stdin.read()")
    process.wait()
    time.sleep(0.5)
    assert ask(folder, "SELECT 1") == 1
    process.communicate()
    stopped(folder)


def test_it_starts_again_after_everything_was_killed(folder: Path, start: Start) -> None:
    process = start(folder)
    with psycopg.connect(embedded.superuser_conninfo(folder)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for victim in [*keepers(folder), server(folder)]:
        victim.kill()
    process.kill()
    wait_for(lambda: keeper.postmaster(folder) is None)
    start(folder)
    assert ask(folder, "SELECT answer FROM kept") == 42


def test_a_number_in_postmaster_pid_that_belongs_to_another_process_is_ignored(folder: Path) -> None:
    embedded.attach(folder, OPTIONS)
    lines = (keeper.cluster(folder) / "postmaster.pid").read_text().splitlines()
    embedded.release(folder)
    lines[0] = str(os.getpid())
    (keeper.cluster(folder) / "postmaster.pid").write_text("\n".join(lines) + "\n")
    embedded.attach(folder, OPTIONS)
    assert ask(folder, "SELECT 1") == 1


def test_a_server_whose_keeper_was_killed_is_taken_over(folder: Path, start: Start) -> None:
    first = start(folder)
    for process in keepers(folder):
        process.kill()
    running = server(folder).pid
    second = start(folder)
    assert server(folder).pid == running
    first.communicate()
    second.communicate()
    stopped(folder)


def test_a_crashed_server_comes_back_for_the_next_connection(folder: Path) -> None:
    embedded.attach(folder, OPTIONS)
    server(folder).kill()
    wait_for(lambda: keeper.postmaster(folder) is None)
    time.sleep(0.2)
    embedded.attach(folder, OPTIONS)
    assert ask(folder, "SELECT 1") == 1


def test_an_interrupted_first_start_leaves_nothing_half_made(folder: Path) -> None:
    (folder / "cluster.new").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18\n")
    embedded.attach(folder, OPTIONS)
    assert ask(folder, "SELECT 1") == 1


def test_two_servers_run_side_by_side(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        assert embedded.attach(folder, OPTIONS) != embedded.attach(other, OPTIONS)
        assert server(folder).pid != server(other).pid
    finally:
        embedded.release(other)
    assert keeper.postmaster(other) is None
    assert ask(folder, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["n" * 120, "two words, a comma", "Ünïcode"])
def test_an_awkward_path_is_no_obstacle(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    try:
        sockets = embedded.attach(folder, OPTIONS)
        assert len(str(sockets)) < 90
        assert sockets.stat().st_mode & 0o077 == 0
        assert ask(folder, "SELECT 1") == 1
    finally:
        embedded.release(folder)
    if sockets != keeper.cluster(folder):
        sockets.rmdir()


def test_it_listens_on_its_socket_only_and_speaks_utf8(folder: Path) -> None:
    embedded.attach(folder, OPTIONS)
    assert not server(folder).net_connections("inet")
    assert ask(folder, "SHOW server_encoding") == "UTF8"
    assert ask(folder, "SELECT lower('ÄÉ')") == "äé"


def test_a_cluster_of_another_version_is_refused_with_words(folder: Path) -> None:
    embedded.attach(folder, OPTIONS)
    embedded.release(folder)
    version = keeper.cluster(folder) / "PG_VERSION"
    kept = version.read_text()
    version.write_text("12\n")
    with pytest.raises(embedded.EmbeddedPostgresError, match="was made by Postgres 12"):
        embedded.attach(folder, OPTIONS)
    version.write_text(kept)


def test_a_setting_postgres_refuses_is_shown(folder: Path) -> None:
    with pytest.raises(embedded.EmbeddedPostgresError, match="no_such_setting"):
        embedded.attach(folder, {**OPTIONS, "no_such_setting": "1"})
