"""The test databases: migrated once as the owner, then copied for every worker of the test run."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config import embedded
from config.provision import MARK, grant_on_database, provision
from tests.sharding import shard

# What decides how the tables look, besides the migrations themselves.
SHAPING = [
    "config/provision.py",
    "tenants/constraints.py",
    "tenants/fields.py",
    "tenants/management",
    "history/records.py",
    "tests/database.py",
]

# Empties what a test has filled, and waits for whoever is still writing. Truncating all tables would write the
# empty files of every index anew, and Django would write the permissions again: a quarter of a second each time.
EMPTY = """
DO $$
DECLARE
    tables text[] := ARRAY(
        SELECT relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname NOT IN ('auth_permission', 'django_content_type', 'django_migrations')
        ORDER BY 1
    );
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no foreign key is asked, for all rows go
    EXECUTE 'LOCK TABLE ' || (SELECT string_agg(quote_ident(t), ', ') FROM unnest(tables) t)
        || ' IN SHARE ROW EXCLUSIVE MODE';
    FOREACH name IN ARRAY tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
END $$
"""


@contextmanager
def worker_database(worker: str) -> Iterator[str]:
    """A fresh copy of the migrated database for one worker of a test run; the default connection leads to it.

    Several runs may share a server: each takes the first name that nobody uses.
    """
    folder = Path(settings.EMBEDDED_POSTGRES["data"])
    embedded.attach(folder, settings.EMBEDDED_POSTGRES["options"])
    with _own_name(folder, f"test_clientele_{worker}") as name:
        with _lock(folder / "template.lock"):
            template = _template(folder)
        _copy(folder, template, name)
        _point_to(name)
        yield name
        connection.close()
        with _superuser(folder) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def sharded_database(worker: str) -> Iterator[list[str]]:
    """Another database for this worker, its tenant tables shaped as if sharded; the names of those tables.

    The default connection leads to it until the end, and then back.
    """
    before = connection.settings_dict["NAME"]
    try:
        with worker_database(f"{worker}_sharded") as name:
            yield shard_tables(name)
    finally:
        _point_to(before)


def empty_tables() -> None:
    """What has been committed is gone again, but for what migrations have put there."""
    folder, name = Path(settings.EMBEDDED_POSTGRES["data"]), connection.settings_dict["NAME"]
    with psycopg.connect(make_conninfo(embedded.superuser_conninfo(folder), dbname=name)) as server:
        server.execute(EMPTY)


def new_tables() -> None:
    """Empty ones in new files. The planner goes by how long an index is, of which tests before may have made much."""
    call_command("flush", verbosity=0, interactive=False)


def shard_tables(name: str) -> list[str]:
    folder = Path(settings.EMBEDDED_POSTGRES["data"])
    conninfo = make_conninfo(embedded.superuser_conninfo(folder), dbname=name)
    with psycopg.connect(conninfo) as owner:
        owner.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(_owner())))
        tables = shard(owner)
        _number_rows_high(owner)
    return tables


def _number_rows_high(connection: psycopg.Connection) -> None:
    """Rows get numbers as in a busy installation, other ones in each table.

    An id that a page writes as "1,000,003", or takes for that of another table, shows up.
    """
    sequences = connection.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    for place, (name,) in enumerate(sequences, 1):
        start = sql.Literal(place * 1_000_000)
        connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH {}").format(sql.Identifier(name), start))


def _template(folder: Path) -> str:
    """The name of a database that holds every migration of the present code and no rows."""
    name = f"template_{_fingerprint()}"
    with _superuser(folder) as server:
        known: dict[str, bool] = dict(
            server.execute(
                "SELECT datname, datistemplate FROM pg_database WHERE datname ^@ 'template_'"
            ).fetchall()
        )
        if known.get(name):
            return name
        for old in known:
            _drop_template(server, old)
    provision(
        embedded.superuser_conninfo(folder),
        database=name,
        owner=_owner(),
        app=settings.DATABASES["default"]["USER"],
    )
    _point_to(name)
    call_command("migrate", verbosity=0)
    connection.close()
    with psycopg.connect(make_conninfo(embedded.superuser_conninfo(folder), dbname=name)) as inside:
        _number_rows_high(inside)
    with _superuser(folder) as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false").format(
                sql.Identifier(name)
            )
        )
    return name


def _drop_template(server: psycopg.Connection, name: str) -> None:
    identifier = sql.Identifier(name)
    server.execute(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(identifier))
    server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _copy(folder: Path, template: str, name: str) -> None:
    identifier = sql.Identifier(name)
    with _superuser(folder) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                identifier, sql.Identifier(template), sql.Identifier(_owner())
            )
        )
        grant_on_database(server, database=name, app=settings.DATABASES["default"]["USER"])
        server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(identifier, sql.Literal(MARK)))


def _point_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def _fingerprint() -> str:
    """Changes whenever a migration of any app, or the code that migrations call, changes."""
    digest = hashlib.sha256()
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    folders += [settings.BASE_DIR / path for path in SHAPING]
    for folder in sorted(folders):
        for file in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
            if file.exists():
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _owner() -> str:
    assert settings.DATABASE_OWNER
    return str(settings.DATABASE_OWNER["USER"])


def _superuser(folder: Path) -> psycopg.Connection:
    return psycopg.connect(embedded.superuser_conninfo(folder), autocommit=True)


@contextmanager
def _own_name(folder: Path, wanted: str) -> Iterator[str]:
    """`wanted`, or `wanted_2`, … if another test run has it at this moment."""
    for number in range(1, 100):
        name = wanted if number == 1 else f"{wanted}_{number}"
        try:
            with _lock(folder / f"{name}.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield name
                return
        except BlockingIOError:
            continue
    raise RuntimeError("A hundred test runs share this folder. Give each a CLIENTELE_DATA of its own.")


@contextmanager
def _lock(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
