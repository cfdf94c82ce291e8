from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lists.files import refuse_too_large
from lists.sheets import FileRefused


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV or XLSX file",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,text/csv"}),
        error_messages={"empty": "The file is empty.", "required": "Choose a file."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            refuse_too_large(file.size)
        except FileRefused as error:
            raise ValidationError(str(error)) from error
        return file


class ConfirmForm(forms.Form):
    upload = forms.CharField(widget=forms.HiddenInput)
    leave_bad_rows_out = forms.BooleanField(required=False)
