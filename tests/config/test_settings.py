"""The settings, as an operator meets them. Each case is a process of its own: settings are read once."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.environment import kept_secret

EXAMPLE = settings.BASE_DIR / ".env.example"
READ = re.compile(r"""env\.(?:text|flag|number|words)\(\s*"([A-Z_]+)\"""")


SECRET = "".join(chr(33 + number % 90) for number in range(0, 900, 7))


def example() -> dict[str, str]:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py with nothing in the environment but this."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


def test_the_example_gives_no_secret_away() -> None:
    assert example()["SECRET_KEY"] == ""


def test_every_setting_has_a_sentence_in_the_example() -> None:
    read = set(READ.findall((settings.BASE_DIR / "config" / "settings.py").read_text()))
    assert read == set(example())
    lines = EXAMPLE.read_text().splitlines()
    for name in read:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{name}="))
        assert re.fullmatch(r"# .{15,}", lines[at - 1]), name
        assert lines[at - 1].endswith("."), name


def test_the_production_example_passes_the_deployment_check(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **{**example(), "SECRET_KEY": SECRET})
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"DATABASE_URL": "postgresql://db.example/shop"}, "DATABASE_URL must name a user and a database"),
        ({"DATABASE_URL": "shop"}, "DATABASE_URL can't be read"),
        ({"DATABASE_OWNER_URL": "shop"}, "DATABASE_OWNER_URL can't be read"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'. Use 1 or 0."),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is 'smtp'. Use a whole number."),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, str], words: str) -> None:
    done = manage("check", **{**example(), "SECRET_KEY": SECRET, **change})
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_production_is_the_default_where_a_database_is_given() -> None:
    ask = (
        "from django.conf import settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS, s.DATABASES['default'].get('START'))"
    )
    done = manage(
        "shell", "-v0", "-c", ask, DATABASE_URL="postgresql://app@db.example/shop", SECRET_KEY=SECRET
    )
    assert done.stdout.strip() == "False True True True True [] None", done.stderr


def test_without_a_database_the_secret_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    ask = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (manage("shell", "-v0", "-c", ask, CLIENTELE_DATA=str(tmp_path)).stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(kept_secret, [tmp_path / "data" / "secret_key"] * 40))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="file can't hold the data: File exists"):
        kept_secret(tmp_path / "file" / "secret_key")


def test_a_folder_of_another_user_is_named(tmp_path: Path) -> None:
    """As the user `nobody`, which every machine has; only root may become another user."""
    if os.geteuid() != 0:
        pytest.skip("Only root can try this out.")
    ask = (
        "import os, sys; from pathlib import Path; from config.environment import kept_secret\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "kept_secret(Path(sys.argv[1]))"
    )
    kept_secret(tmp_path / "secret_key")
    done = subprocess.run(
        [sys.executable, "-c", ask, str(tmp_path / "secret_key")],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert "secret_key belongs to another user of this machine" in done.stderr
