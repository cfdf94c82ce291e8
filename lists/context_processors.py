from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from lists.saved import Shelf, shelves


def saved_views(request: HttpRequest) -> dict[str, Any]:
    """The sidebar's views, asked for only where the sidebar is."""

    def found() -> list[Shelf]:
        return shelves(request)

    return {"saved_views": found}
