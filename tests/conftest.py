"""What every test has: the database as the application sees it."""

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker
from xdist import get_xdist_worker_id

from tests.database import empty_tables, shard_tables, worker_database

pytest_plugins = ["tests.people", "tests.world", "tests.browser"]

# A worker takes file after file, and what takes longest comes first: at the end none waits for the other.
LONG = [
    "test_demo.py",
    "browser.py",
    "config/",
    "benchmarks/",
    "plans.py",
    "test_bad_input.py",
    "history/",
    "lists/",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="keep screenshots in test-results/pages")
    parser.addoption("--sharded", action="store_true", help="give the tables the shape of a sharded database")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=place_in_the_run)
    if config.getoption("--sharded"):
        for item in items:
            if item.path.name in {"test_plans.py", "test_list_plans.py"}:
                item.add_marker(pytest.mark.skip("partitions have indexes with names of their own"))


def place_in_the_run(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0]
    return next((place for place, name in enumerate(LONG) if name in file), len(LONG))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Replaces pytest-django's: migrations run as the owner, tests as the application role."""
    with django_db_blocker.unblock(), worker_database(get_xdist_worker_id(request)) as name:
        if request.config.getoption("--sharded"):
            shard_tables(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: empty_tables())
            yield


@pytest.fixture(autouse=True)
def nothing_is_known() -> None:
    """What tests before this one have counted is forgotten, as their changes are."""
    caches["answers"].clear()
