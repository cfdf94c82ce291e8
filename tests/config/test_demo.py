"""`manage.py demo` as somebody runs it who has just cloned the project."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config import demo_data, embedded
from config.management.commands.demo import gunicorn_options
from tests.demo import Demo


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder, "--customers=30").up()
    yield running
    running.stop(signal.SIGTERM)


def refused(folder: Path, *arguments: str, port: int | None = None, **environment: str) -> str:
    """What a demo says that does not start."""
    demo = Demo(folder, *arguments, port=port, **environment)
    assert demo.process.wait(60) == 1, demo.output
    assert "Traceback" not in demo.output
    return demo.output


class TestRunning:
    def test_it_says_where_to_look_and_who_to_sign_in_as(self, demo: Demo) -> None:
        assert f"http://127.0.0.1:{demo.port}/" in demo.output
        for person in demo_data.PEOPLE:
            assert re.search(rf"^ +{re.escape(person.email)} +\w", demo.output, re.MULTILINE)

    def test_one_can_sign_in(self, demo: Demo) -> None:
        person = {"login": "manager@northwind.example"}
        assert demo.send("/accounts/login/", **person, password="demo").endswith("/northwind/")
        assert demo.send("/accounts/login/", **person, password="wrong").endswith("/accounts/login/")

    def test_mails_appear_in_its_console(self, demo: Demo) -> None:
        demo.send("/accounts/password/reset/", email="agent@globex.example")
        demo.expect("To: agent@globex.example", seconds=20)
        assert f"http://127.0.0.1:{demo.port}/accounts/password/reset/key/" in demo.output

    def test_it_serves_style_sheets_under_hashed_names(self, demo: Demo) -> None:
        page = demo.get("/accounts/login/")
        sheet = re.search(r'href="(/static/css/[\w./-]+\.[0-9a-f]{12}\.css)"', page)
        assert sheet
        assert "{" in demo.get(sheet[1])

    def test_a_second_one_on_the_same_folder_is_refused(self, demo: Demo) -> None:
        log = demo.log.read_bytes()
        assert "A demo is running on" in refused(demo.folder)
        demo.log.write_bytes(log)

    def test_a_port_in_use_is_named_before_anything_starts(self, demo: Demo, tmp_path: Path) -> None:
        assert f"Port {demo.port} is in use" in refused(tmp_path / "data", port=demo.port)
        assert not (tmp_path / "data" / "postgres").exists()

    def test_another_one_starts_over_beside_it_stops_and_goes_on(self, demo: Demo, tmp_path: Path) -> None:
        for name in ("postgres/old", "files/old", "mine"):
            left = tmp_path / "data" / name
            left.parent.mkdir(parents=True, exist_ok=True)
            left.write_text("left by somebody")
        other = Demo(tmp_path / "data", "--customers=3", "--empty", "--fresh").up()
        assert "Filling" in other.output
        assert sorted(
            path.name for path in (tmp_path / "data").rglob("*") if path.name in ("old", "mine")
        ) == ["mine"]
        assert demo.get("/readyz") == other.get("/readyz") == "ready\n"
        children = other.children()
        assert len(children) >= 4
        assert other.stop() == 0
        assert not [child for child in children if child.is_running()]
        assert demo.get("/readyz") == "ready\n"

        again = Demo(tmp_path / "data").up()
        assert "Filling" not in again.output
        server = next(child for child in again.children() if "gunicorn" in child.cmdline())
        server.kill()
        assert again.process.wait(60) == 1
        assert "The web server was killed by SIGKILL" in again.output
        assert again.stop() == 1


def test_ctrl_c_while_it_prepares_leaves_nothing_running(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data")
    demo.expect("Starting Postgres")
    assert demo.stop() == 0
    assert not embedded.is_in_use(tmp_path / "data" / "postgres")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"customers": -1}, "-1 customers can't be made"),
        ({"port": 0}, "0 is no port"),
        ({"port": 70000}, "70000 is no port"),
    ],
)
def test_what_cannot_work_is_said_at_once(chosen: dict[str, int], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("demo", **chosen)


def test_it_does_not_touch_a_database_of_yours(tmp_path: Path) -> None:
    words = refused(tmp_path / "data", DATABASE_URL="postgresql://app@db.example/shop", SECRET_KEY="k" * 50)
    assert "Unset DATABASE_URL" in words


def test_the_web_server_opens_no_control_socket() -> None:
    assert "--no-control-socket" in gunicorn_options(8000)
