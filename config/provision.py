"""Prepares a Postgres server for Clientele: roles, database, extensions, rights. Needs a superuser, once.

Everything here may be repeated: what is already right stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

EXTENSIONS = ["pg_trgm", "btree_gin", "unaccent"]

# The functions behind LIKE, ILIKE and the JSON "contains". Without the mark, Postgres may not use their
# indexes under row-level security. A dump does not carry it: provision again after restoring one.
LEAKPROOF = ["textlike(text, text)", "texticlike(text, text)", "jsonb_contains(jsonb, jsonb)"]

# Written on the database when everything is done; raise it when this module changes.
MARK = "clientele: provisioned 1"

OLDEST = 15


class ProvisionError(Exception):
    """The server can't be prepared; the message says why and what to do."""


@dataclass(frozen=True)
class Names:
    """What is to be made: a database, the role that owns it and the role the product runs as."""

    database: str
    owner: str
    app: str
    owner_password: str = ""
    app_password: str = ""


def provision(
    superuser_conninfo: str,
    *,
    database: str,
    owner: str,
    app: str,
    owner_password: str = "",
    app_password: str = "",
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Makes the roles, the database and what belongs in it. `tell` hears a line about each step.

    Raises ProvisionError, or psycopg.Error where the server itself refuses.
    """
    names = Names(database, owner, app, owner_password, app_password)
    if names.owner == names.app:
        raise ProvisionError(
            f"The owner and the application can't both be {names.app!r}: the owner sees every tenant."
        )
    with psycopg.connect(superuser_conninfo, autocommit=True) as server:
        _check(server)
        server.execute("SELECT pg_advisory_lock(hashtext('clientele'))")  # until the connection closes
        _make_roles(server, names, tell)
        _make_database(server, names, tell)
        with psycopg.connect(make_conninfo(superuser_conninfo, dbname=database), autocommit=True) as inside:
            _make_extensions(inside, tell)
            _grant_in_database(inside, names, tell)
            _mark_leakproof(inside, tell)
            _run(inside, "COMMENT ON DATABASE {} IS {}", sql.Identifier(database), sql.Literal(MARK))


def is_provisioned(superuser_conninfo: str, database: str) -> bool:
    """Whether `provision` has finished for this database, in its present form."""
    query = "SELECT shobj_description(oid, 'pg_database') = %s FROM pg_database WHERE datname = %s"
    with psycopg.connect(superuser_conninfo, autocommit=True) as server:
        row = server.execute(query, [MARK, database]).fetchone()
    return bool(row and row[0])


def grant_on_database(connection: psycopg.Connection, *, database: str, app: str) -> None:
    """Who may connect. Belongs to the database's entry, so a copy made with TEMPLATE needs it again."""
    name = sql.Identifier(database)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
    _run(connection, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", name, sql.Identifier(app))


def _run(connection: psycopg.Connection, statement: str, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))


def _check(server: psycopg.Connection) -> None:
    if server.info.server_version // 10_000 < OLDEST:
        raise ProvisionError(
            f"This is Postgres {server.info.server_version // 10_000}; Clientele needs {OLDEST} or newer."
        )
    row = server.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if not row or not row[0]:
        raise ProvisionError(f"{server.info.user!r} is not a superuser. Give --superuser-url one that is.")


def _make_roles(server: psycopg.Connection, names: Names, tell: Callable[[str], None]) -> None:
    owner, app = sql.Identifier(names.owner), sql.Identifier(names.app)
    _make_role(server, names.owner, "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION BYPASSRLS", tell)
    _make_role(
        server, names.app, "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS INHERIT", tell
    )
    _refuse_member(server, names)
    for role, password in ((owner, names.owner_password), (app, names.app_password)):
        if password:
            _run(server, "ALTER ROLE {} PASSWORD {}", role, sql.Literal(password))
    # A temporary table must never stand in for a real one.
    _run(server, "ALTER ROLE {} SET search_path = public, pg_temp", app)


def _make_role(server: psycopg.Connection, name: str, attributes: str, tell: Callable[[str], None]) -> None:
    row = server.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if row and row[0]:
        raise ProvisionError(f"The role {name!r} is a superuser. Name a role of Clientele's own.")
    _run(server, ("ALTER" if row else "CREATE") + " ROLE {} " + attributes, sql.Identifier(name))
    tell(f"role {name}: {'kept' if row else 'made'}")


def _refuse_member(server: psycopg.Connection, names: Names) -> None:
    """The application must not be able to become anybody else."""
    query = """
        SELECT g.rolname FROM pg_auth_members m
        JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
        WHERE r.rolname = %s ORDER BY 1
    """
    groups = [str(row[0]) for row in server.execute(query, [names.app])]
    if groups:
        raise ProvisionError(
            f"The role {names.app!r} is a member of {', '.join(groups)} and would have their rights. "
            f"REVOKE that, or name another role."
        )


def _make_database(server: psycopg.Connection, names: Names, tell: Callable[[str], None]) -> None:
    database, owner = sql.Identifier(names.database), sql.Identifier(names.owner)
    query = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s"
    row = server.execute(query, [names.database]).fetchone()
    if row and row[0] != "UTF8":
        raise ProvisionError(f"The database {names.database!r} is encoded in {row[0]}. It must be UTF8.")
    if not row:
        _run(server, "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0", database, owner)
    _run(server, "ALTER DATABASE {} OWNER TO {}", database, owner)
    grant_on_database(server, database=names.database, app=names.app)
    tell(f"database {names.database}: {'kept' if row else 'made'}, owned by {names.owner}")


def _make_extensions(inside: psycopg.Connection, tell: Callable[[str], None]) -> None:
    inside.execute("SET client_min_messages = warning")
    for name in EXTENSIONS:
        _run(inside, "CREATE EXTENSION IF NOT EXISTS {} SCHEMA public", sql.Identifier(name))
    tell(f"extensions: {', '.join(EXTENSIONS)}")


def _grant_in_database(inside: psycopg.Connection, names: Names, tell: Callable[[str], None]) -> None:
    owner, app = sql.Identifier(names.owner), sql.Identifier(names.app)
    _run(inside, "ALTER SCHEMA public OWNER TO {}", owner)
    _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    _run(inside, "REVOKE CREATE ON SCHEMA public FROM {}", app)
    _run(inside, "GRANT USAGE ON SCHEMA public TO {}", app)
    # Tables that exist already (a restored dump), and those that migrations will make.
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT {} TO {}"
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        _run(inside, default, owner, sql.SQL(f"{rights} ON {kind}"), app)
        _run(inside, f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO {{}}", app)
    tell(f"rights: {names.app} reads and writes rows and temporary tables, and nothing else")


def _mark_leakproof(inside: psycopg.Connection, tell: Callable[[str], None]) -> None:
    for function in LEAKPROOF:
        inside.execute(sql.SQL(f"ALTER FUNCTION pg_catalog.{function} LEAKPROOF"))
    tell(f"leakproof: {', '.join(function.split('(')[0] for function in LEAKPROOF)}")
