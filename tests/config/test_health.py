import pytest
from django.db import OperationalError, connection
from django.test import Client

from config import health


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "migrations", health._Migrations())


def test_a_process_says_that_it_is_alive_without_asking_the_database(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert not answer.cookies


@pytest.mark.django_db
def test_it_is_ready_when_the_database_is_migrated(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_once_it_was_ready_only_the_database_is_asked(
    client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's own type is not public
        assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_makes_it_unready_and_is_counted(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'customers'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"not applied; run migrate" in answer.content


@pytest.mark.django_db
def test_an_unreachable_database_makes_it_unready_without_telling_strangers_why(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object) -> None:
        raise OperationalError('connection to "db.internal" failed')

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.content == b"not ready: the database can't be reached\n"
    assert "db.internal" in caplog.text


def test_they_answer_over_plain_http_where_everything_else_is_sent_to_https(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez").status_code == 200
