"""Forms of tracked rows: nobody's save disappears under somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from history.models import TrackedModel
from history.values import capitalised, names_of, text_of
from tenants.forms import TenantModelForm

Row = TypeVar("Row", bound=TrackedModel)


class SeenField(forms.IntegerField):
    """The operation that had written the row when its form was shown. Not a change in itself."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed. `yours` is '' where you had left the field alone."""

    label: str
    theirs: str
    yours: str


class TrackedModelForm(TenantModelForm[Row]):
    """Refuses to save, once, when fields of the form were changed by others since it was shown.

    The form is shown again with `conflicts`: what you left alone has their value, what you typed stays, and
    saving again confirms it. Load the row with a lock before a POST, so that two people can't pass at once.
    """

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts: list[Conflict] = []
        self.now = self.instance.last_operation_id if self.instance.pk else None
        if self.now is None:
            del self.fields["seen"]
        else:
            self.initial["seen"] = self.now

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.now is None or cleaned.get("seen") == self.now:
            return cleaned
        changed = self._changed_by_others(cleaned.get("seen"))
        typed = {
            name: self.fields[name].has_changed(before, self[name].data) for name, before in changed.items()
        }
        same = [
            name for name in changed if not self.fields[name].has_changed(self._theirs(name), self[name].data)
        ]
        open_fields = [name for name in changed if name not in same]
        self.conflicts = self._in_words(open_fields, typed)
        self._take_over([name for name in open_fields if not typed[name]])
        if self.conflicts:
            raise ValidationError(
                "%(who)s saved this while you were typing. Nothing of yours is saved yet: look at what was "
                "changed, and save again.",
                code="conflict",
                params={"who": self.instance.last_operation.by or "Somebody"},
            )
        return cleaned

    def tracked_names(self) -> list[str]:
        """The fields that two people may disagree about."""
        return [name for name in self.fields if name != "seen"]

    def _theirs(self, name: str) -> Any:
        return self.initial.get(name)

    def _changed_by_others(self, seen: int | None) -> dict[str, Any]:
        """Field → the value it had when the form was shown, for those that have another one now."""
        history = self._meta.model.history.filter(id=self.instance.pk, operation_id=seen)
        shown = history.order_by("-history_id").first()
        names = self.tracked_names()
        if shown is None:  # an address typed by hand: everything that differs needs a look
            return {name: self._theirs(name) for name in names}
        before = {name: getattr(shown, self._model_field(name).attname) for name in names}
        return {name: value for name, value in before.items() if value != self._theirs(name)}

    def _model_field(self, name: str) -> Any:
        return self._meta.model._meta.get_field(name)

    def _in_words(self, names: list[str], typed: dict[str, bool]) -> list[Conflict]:
        yours = {name: self._typed_value(name) for name in names if typed[name]}
        relations = [name for name in names if self._model_field(name).is_relation]
        found = names_of(
            (self._model_field(name).related_model, value)
            for name in relations
            for value in (self._theirs(name), yours.get(name))
        )

        def words(name: str, value: Any) -> str:
            return text_of(self._model_field(name), value, found) or "(empty)"

        return [
            Conflict(
                label=capitalised(str(self.fields[name].label)),
                theirs=words(name, self._theirs(name)),
                yours=words(name, yours[name]) if name in yours else "",
            )
            for name in names
        ]

    def _typed_value(self, name: str) -> Any:
        """As the model keeps it; as typed where that is wrong, and None for a choice that is none."""
        if name not in self.cleaned_data:
            return None if self._model_field(name).is_relation else self[name].data
        value = self.cleaned_data[name]
        return value.pk if isinstance(value, models.Model) else value

    def _take_over(self, names: list[str]) -> None:
        """Show the form again with the others' values in these fields, and as one that has seen them."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else dict(self.data)
        data[self.add_prefix("seen")] = str(self.now)
        for name in names:
            key, field = self.add_prefix(name), self.fields[name]
            value = field.prepare_value(self._theirs(name))
            if isinstance(field, forms.BooleanField) and not value:
                data.pop(key, None)
            else:
                data[key] = "" if value is None else str(value)
        self.data = data
