"""Values of fields in words, as the history and the conflict notice show them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils import timezone
from django.utils.formats import date_format

from tenants.base import TenantModel
from tenants.context import require_tenant_id
from tenants.models import Membership
from tenants.numbers import grouped

Model = type[models.Model]
Names = Mapping[tuple[Model, Any], str]
DELETED = "(deleted)"


def capitalised(label: str) -> str:
    return label[:1].upper() + label[1:]


def text_of(field: models.Field[Any, Any], value: Any, names: Names) -> str:
    """`value` of `field` in words, '' for nothing. Foreign keys are found in `names`, see names_of()."""
    if value in (None, "", {}, []):
        return ""
    if field.is_relation:
        return names.get((_related(field), value), DELETED)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def names_of(references: Iterable[tuple[Any, Any]]) -> Names:
    """The names of those rows, given as (model, id). One query at most.

    What is no longer there has its last name and "(deleted)".
    """
    wanted: dict[Model, set[Any]] = defaultdict(set)
    for model, key in references:
        if key is not None:
            wanted[model].add(key)
    last = [
        (model, _last_versions(model, keys), F("id")) for model, keys in wanted.items() if _history(model)
    ]
    live = [(model, _rows(model).filter(pk__in=keys), F("pk")) for model, keys in wanted.items()]
    names: dict[tuple[Model, Any], str] = {}
    for place, model, key, name in _fetch([*last, *live]):
        is_gone = place < len(last)
        if not is_gone or (model, key) not in names:
            names[model, key] = f"{name} {DELETED}" if is_gone else name
    return names


def _fetch(queries: list[tuple[Model, models.QuerySet[Any], F]]) -> Iterator[tuple[int, Model, Any, str]]:
    """Of each row the number of its query, its model, its id and its name, in one query."""
    if not queries:
        return
    selects = [
        rows.values_list(Value(place), Cast(key, models.BigIntegerField()), _name(model))
        for place, (model, rows, key) in enumerate(queries)
    ]
    for place, key, name in reduce(lambda left, right: left.union(right, all=True), selects):
        yield place, queries[place][0], key, name


def _name(model: Model) -> Any:
    """The expression that names a row of `model`, and of its history table too."""
    if model is Membership:
        text = models.TextField()
        full = Trim(Concat("user__first_name", Value(" "), "user__last_name", output_field=text))
        return Coalesce(NullIf(full, Value("")), "user__email", output_field=text)
    named = any(field.name == "name" for field in model._meta.concrete_fields)
    return Cast("name" if named else "id", models.TextField())


def _rows(model: Model) -> models.QuerySet[Any]:
    rows = model._default_manager.order_by()
    if not issubclass(model, TenantModel) and any(f.name == "tenant" for f in model._meta.concrete_fields):
        rows = rows.filter(tenant_id=require_tenant_id())
    return rows


def _history(model: Model) -> Any:
    manager = getattr(model._meta, "simple_history_manager_attribute", None)
    return manager and getattr(model, manager).model


def _last_versions(model: Model, keys: set[Any]) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = _history(model)._default_manager.filter(id__in=keys)
    return rows.order_by("id", "-history_id").distinct("id")


def _related(field: models.Field[Any, Any]) -> Model:
    related = field.related_model
    assert isinstance(related, type)
    return related
