"""Imports and foreign keys point one way: an app knows those before it in `ORDER`, never those after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ORDER = [
    "tenants",
    "history",
    "lists",
    "company",
    "marketing",
    "customers",
    "contacts",
    "billing",
    "imports",
    "config",  # the composition root: it alone may know every app
]
PRESENT = [app for app in ORDER if (settings.BASE_DIR / app).is_dir()]


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """Line and package of every import, those inside functions included."""
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module.partition(".")[0]


def may_know(app: str, other: str) -> bool:
    return ORDER.index(other) <= ORDER.index(app)


def test_every_app_of_ours_has_its_place_in_the_order() -> None:
    ours = {path.parent.name for path in settings.BASE_DIR.glob("*/apps.py")}
    assert ours <= set(ORDER)
    assert set(PRESENT) >= {"tenants", "history", "lists", "company", "marketing", "customers", "config"}


@pytest.mark.parametrize("app", PRESENT)
def test_an_app_imports_only_those_before_it(app: str) -> None:
    folder: Path = settings.BASE_DIR / app
    wrong = [
        f"{file.relative_to(settings.BASE_DIR)}:{line} imports {package}"
        for file in sorted(folder.rglob("*.py"))
        for line, package in imports_of(file)
        if package in ORDER and not may_know(app, package)
    ]
    assert wrong == []


@pytest.mark.parametrize("app", PRESENT)
def test_nothing_of_the_product_imports_its_tests(app: str) -> None:
    folder: Path = settings.BASE_DIR / app
    assert [f for f in folder.rglob("*.py") for _, package in imports_of(f) if package == "tests"] == []


def test_foreign_keys_lead_only_to_apps_before() -> None:
    wrong = [
        f"{model.__name__}.{field.name} refers to {field.remote_field.model.__name__}"
        for model in apps.get_models()
        if model._meta.app_label in ORDER
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.model._meta.app_label in ORDER
        and not may_know(model._meta.app_label, field.remote_field.model._meta.app_label)
    ]
    assert wrong == []


def test_a_relative_import_does_not_hide_where_it_leads() -> None:
    """We write imports in full, so that they can be searched for."""
    relative = [
        f"{file.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for app in PRESENT
        for file in (settings.BASE_DIR / app).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert relative == []
