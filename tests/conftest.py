"""What every test has: the database as the application sees it."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker
from xdist import get_xdist_worker_id

from tests.database import shard_tables, worker_database

pytest_plugins = ["tests.people", "tests.world", "tests.browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sharded", action="store_true", help="give the tables the shape of a sharded database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sharded"):
        for item in items:
            if item.path.name in {"test_plans.py", "test_list_plans.py"}:
                item.add_marker(pytest.mark.skip("partitions have indexes with names of their own"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Replaces pytest-django's: migrations run as the owner, tests as the application role."""
    with django_db_blocker.unblock(), worker_database(get_xdist_worker_id(request)) as name:
        if request.config.getoption("--sharded"):
            shard_tables(name)
        yield
