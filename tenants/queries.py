"""Conditions that queries of every app use."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BooleanField, F, Func, Value


class AmongMany(Func):
    """Whether a column is one of many values: as one parameter, which takes a tenth of the time of one for each."""

    output_field = BooleanField()
    arg_joiner = " = ANY("
    template = "%(expressions)s)"

    def __init__(self, column: str, values: Iterable[int] | Iterable[str]) -> None:
        super().__init__(F(column), Value(list(values)))
