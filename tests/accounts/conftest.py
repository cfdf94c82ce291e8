from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_counters_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that commit are cleaned up after, but the table of the cache belongs to no model."""
    commits = "transactional_db" in request.fixturenames or "live_server" in request.fixturenames
    marker = request.node.get_closest_marker("django_db")
    commits = commits or bool(marker and marker.kwargs.get("transaction"))
    yield
    if commits:
        cache.clear()
