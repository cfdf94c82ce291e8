"""Reads settings from environment variables, with messages an operator can act on."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool) -> bool:
    """True or false; anything but the usual words is refused rather than guessed."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Use 1 or 0.")


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}. Use a whole number.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str, given: list[str]) -> dict[str, str]:
    """Words like `acme=/srv/acme`, as a mapping. `name` is the variable they come from, for the message."""
    found = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise ImproperlyConfigured(f"{name} holds {word!r}. Use name=value, separated by commas.")
        found[key.strip()] = value.strip()
    return found


def database(url: str, name: str) -> dict[str, Any]:
    """Django connection settings from a `postgresql://user:password@host:port/database` address.

    `name` is the variable it came from, for the message. Raises ImproperlyConfigured.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            f"{name} can't be read: {error}. Use postgresql://user:password@host:5432/database."
        ) from error
    known = {key: str(parts.pop(key, "") or "") for key in ("dbname", "user", "password", "host", "port")}
    if not known["dbname"] or not known["user"]:
        raise ImproperlyConfigured(f"{name} must name a user and a database.")
    return {
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": {key: value for key, value in parts.items() if value is not None},
    }


def kept_secret(path: Path) -> str:
    """The secret kept in `path`, made on first use. Only for an embedded installation.

    Several processes may ask first: all get the same. Raises ImproperlyConfigured where the folder can't be used.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as draft:  # readable by us alone
                draft.write(secrets.token_urlsafe(50))
                draft.flush()
                with suppress(FileExistsError):
                    os.link(draft.name, path)
        return path.read_text().strip()
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{error.filename} belongs to another user of this machine. "
            "Run as that user, or choose another folder with CLIENTELE_DATA."
        ) from error
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path.parent} can't hold the data: {error.strerror}. Choose another folder with CLIENTELE_DATA."
        ) from error
