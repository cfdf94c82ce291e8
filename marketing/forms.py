from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from marketing.models import Channel, Entry, Segment, Status
from tenants.colours import Colour, Swatches
from tenants.fields import fold
from tenants.forms import TenantModelForm

TAKEN = "There is one with this name already."


class EntryForm(TenantModelForm[Entry]):
    """Name and colour of an entry; a new one goes to the end of its list."""

    colour = forms.ChoiceField(choices=Colour.choices, widget=Swatches, initial=Colour.GREY)

    refusals = {
        f"marketing_{model._meta.model_name}_name": ("name", TAKEN) for model in (Segment, Status, Channel)
    }

    def clean_name(self) -> str:
        """Refuse a name that is there already, in whatever case, and say which entry has it."""
        name: str = self.cleaned_data["name"]
        others = self._meta.model.objects.exclude(pk=self.instance.pk)
        twin = others.filter(name_key=fold(name)).first()
        if twin is None:
            return name
        hint = " It is retired: reinstate it instead." if twin.is_retired else ""
        raise ValidationError(f"There is “{twin}” already.{hint}", code="unique")

    def save(self, commit: bool = True) -> Entry:
        if self.instance.pk is None:
            self.instance.place_last()
        return super().save(commit)


def entry_form(model: type[Entry]) -> type[EntryForm]:
    """The form for the entries of one list."""
    form: Any = forms.modelform_factory(model, form=EntryForm, fields=["name", "colour"])
    return cast(type[EntryForm], form)
