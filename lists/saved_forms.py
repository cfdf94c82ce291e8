"""The form of a saved view."""

from __future__ import annotations

from typing import Any

from django import forms

from lists.models import SavedView
from lists.named import NamedForm, taken
from tenants.colours import Colour, Swatches


class ViewForm(NamedForm[SavedView]):
    """Name, colour and sharing."""

    what = "view of this list"
    refusals = {"lists_savedview_name": ("name", taken)}

    colour = forms.ChoiceField(choices=Colour.choices, widget=Swatches)

    class Meta:
        model = SavedView
        fields = ("name", "colour", "is_shared")
        labels = {"is_shared": "Share with everybody in the company"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}
