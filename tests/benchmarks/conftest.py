"""A small fill, shared by the tests of the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from benchmarks.filling import Sizes, fill
from tests.database import empty_tables

SIZES = Sizes(big=200, small=100, others=1, others_each=40)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Sizes]:
    with django_db_blocker.unblock():
        try:
            fill(SIZES, batch=120)
            yield SIZES
        finally:
            empty_tables()
