from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact
from django.db.models.sql.where import WhereNode
from django.forms.models import ModelChoiceField

from tenants.context import current_tenant_id

Set = TypeVar("Set")
Get = TypeVar("Get")
if TYPE_CHECKING:  # these are generic for the type checker only
    CharField = models.CharField[str | Combinable, str]
    TextField = models.TextField[str | Combinable, str]
    BooleanField = models.BooleanField[bool | Combinable, bool]
    PositiveIntegerField = models.PositiveIntegerField[int | Combinable, int]
else:
    CharField, TextField, BooleanField = models.CharField, models.TextField, models.BooleanField
    PositiveIntegerField = models.PositiveIntegerField

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# In one line also what turns the direction of the text after it around.
ANY_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def tidy(value: str) -> str:
    """Trimmed and NFC-normalised, as all text from people is kept."""
    return value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip()


# Letters that are another one with a mark for people, but not for Unicode.
MARKED = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip
# Marks that programs set where people type a plain one.
TYPOGRAPHIC = {"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "–": "-", "—": "-"}
_UNMARKED = str.maketrans(MARKED | TYPOGRAPHIC)


def fold(value: str) -> str:
    """`value` as compared and sorted by people: without case, accents or surplus blanks, and with plain quotes."""
    if value.isascii():
        return " ".join(value.lower().split())
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.translate(_UNMARKED).split())


class PlainTextField(CharField):
    """One line of text from a person: trimmed, normalised, without control characters."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return tidy(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and ANY_CONTROL.search(value):
            raise ValidationError(
                "Line breaks and control characters are not allowed here. Remove them.",
                code="control_characters",
            )


class DerivedTextField(TextField):
    """Text computed from the row whenever it is written, by the row's method named `source`.

    Kept so that an index can serve it; never typed by anybody. `of` names the fields it depends on.
    """

    def __init__(self, *args: Any, source: str, of: Sequence[str], **kwargs: Any) -> None:
        self.source = source
        self.of = tuple(of)
        kwargs.update(editable=False, blank=True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(source=self.source, of=self.of)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.source)()
        setattr(model_instance, self.attname, value)
        return value


class ComparedTextField(DerivedTextField):
    """Derived text that is looked for by its whole or its beginning, and sorted by: letter by letter, whatever the
    server's collation, for only then an index knows what begins alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "db_collation": "C"})


class Settled:
    """A field that is carried over from other rows when an operation ends (settings.OPERATION_SETTLERS).

    Kept so that an index can serve it; never typed by anybody, and no part of the row's history.
    """


class SettledTextField(Settled, TextField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, blank=True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)


class SettledFlag(Settled, BooleanField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, default=False, db_default=False)
        super().__init__(*args, **kwargs)


class SettledCount(Settled, PositiveIntegerField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, default=0, db_default=0)
        super().__init__(*args, **kwargs)


class SettledMarks(Settled, models.JSONField):
    """A list of short texts; a filter asks whether one of them is there. A new row has those of `default`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, blank=True)
        super().__init__(*args, **kwargs)


def is_computed(field: models.Field[Any, Any]) -> bool:
    """Whether the column can be computed again from others, so that its history needn't be kept."""
    return field.generated or isinstance(field, DerivedTextField | Settled)


def tenant_field(model: type[models.Model]) -> models.Field[Any, Any]:
    """The column that says whose a row is."""
    field = model._meta.get_field("tenant")
    assert isinstance(field, models.Field)
    return field


class TenantForeignKey(models.ForeignKey[Set, Get]):
    """A reference to a row of the same tenant.

    Joins compare the tenant too. The database's constraint is a CompositeForeignKey in the model's Meta.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_constraint", False)
        kwargs.setdefault("db_index", False)
        super().__init__(*args, **kwargs)

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> WhereNode | None:
        if not alias or not related_alias:
            return None
        # `alias` is the joined (remote) table, `related_alias` the one that holds the key.
        here = tenant_field(self.model).get_col(related_alias)
        there = tenant_field(self.remote_field.model).get_col(alias)
        same: Any = Exact(here, there)
        return WhereNode([same])

    def formfield(self, **kwargs: Any) -> Any:
        """Choices of the active tenant. A form class made before one is known has none: TenantModelForm
        fills them in."""
        kwargs.pop("using", None)
        if "queryset" not in kwargs:
            related = self.remote_field.model
            known = current_tenant_id() is not None
            kwargs["queryset"] = related._default_manager.all() if known else models.QuerySet(related).none()
        options = {"to_field_name": self.remote_field.field_name, "blank": self.blank, **kwargs}
        # ForeignKey's own asks the manager, which needs a tenant, even when a queryset is given.
        return super(models.ForeignKey, self).formfield(**{"form_class": ModelChoiceField, **options})
