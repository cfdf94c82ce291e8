"""Customers with contacts and addresses, to be imported over; a folder of its own for what a test uploads."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tenants.models import User
from tests.contacts.conftest import agent, alder, depot, manager, maria, short_form, viewer

__all__ = ["agent", "alder", "depot", "manager", "maria", "short_form", "viewer"]


@pytest.fixture(autouse=True)
def uploads(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "imports"


@pytest.fixture
def admin(people: dict[str, User], signed_in: Callable[[User], Client]) -> Client:
    return signed_in(people["admin"])
