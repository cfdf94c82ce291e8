"""Rows of a table as lines of text, as COPY takes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models

NULL = r"\N"


class Sheet:
    """The columns of one table: `given` comes with every row, the others hold their field's default."""

    def __init__(self, model: type[models.Model], given: Sequence[str], **fixed: Any) -> None:
        """`fixed` are values that all rows share, by column. Raises ValueError for a column that doesn't exist."""
        meta = model._meta
        self.table = meta.db_table
        fields = {str(field.column): field for field in meta.concrete_fields if not field.generated}
        shared = {
            column: fixed.get(column, field.get_default())
            for column, field in fields.items()
            if column not in given
        }
        if unknown := {*given, *fixed} - set(fields):
            raise ValueError(f"{self.table} has no {', '.join(sorted(unknown))}.")
        self.columns = [*given, *shared]
        self.tail = "".join(f"\t{cell(value)}" for value in shared.values()) + "\n"


def cell(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict | list):
        return escaped(json.dumps(value))
    return escaped(str(value))


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
