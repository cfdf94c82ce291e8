"""Messages that carry an Undo button, and those that leave with what they tell of."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from history.models import Operation
from history.undo import may_undo
from tenants.models import User

MARK = "undo:"
GOING = "going:"


def done(request: HttpRequest, text: str, operation: Operation | None, *, back: str = "") -> None:
    """Say on the next page that it is done; who may take it back finds an Undo button beside.

    `back` is the page to come to after undoing, by default the one where the button was pressed: give it when
    undoing makes that page go.
    """
    user = request.user
    kept = operation is not None and operation.pk  # one that changed nothing is not
    if not operation or not kept or not isinstance(user, User) or not may_undo(operation, user):
        messages.success(request, text)
        return
    address = reverse("history:undo", args=[operation.pk])
    query = f"?{urlencode({'next': back})}" if back else ""
    messages.success(request, text, extra_tags=f"{MARK}{address}{query}")


def goes_on(request: HttpRequest, level: int, text: str, place: str) -> None:
    """Say on the next page that something goes on. With scripts the message leaves when no element of that page has
    the id `place` any more."""
    messages.add_message(request, level, text, extra_tags=f"{GOING}{place}")


def undo_address(message: object) -> str:
    """Where the message's Undo button leads, '' for one without."""
    tags = getattr(message, "extra_tags", None) or ""
    return tags.removeprefix(MARK) if tags.startswith(MARK) else ""


def going_place(message: object) -> str:
    """The id of the element without which the message is out of date, '' for one that stays."""
    tags = getattr(message, "extra_tags", None) or ""
    return tags.removeprefix(GOING) if tags.startswith(GOING) else ""
