"""The form of a timed import: its file, when, how, and what has to be looked at first."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.formats import date_format

from history.forms import SeenField
from imports import files, runs
from imports.choices import Choices
from imports.fetching import NotFetched, check_address
from imports.formats import kinds_for
from imports.models import SET_UP, ImportRun, Schedule, headings_key
from imports.models.schedules import DAYS
from imports.plan_page import labels_for
from imports.reading import SMALL
from imports.settings_form import SettingsForm, initial_of
from imports.sources import has_folder, has_hosts, pattern_refusal
from imports.subjects import SUBJECTS
from imports.timed import choices_for
from lists.files import refuse_too_large
from lists.sheets import FileRefused
from lists.spool import spool
from tenants.forms import TenantModelForm
from tenants.models import Tenant, User

MOST = 20  # so many imports of a kind are offered as examples …
LATEST = 500  # … of the latest ones
PIECE = 1 << 20  # bytes
Source, Rhythm, Subject = Schedule.Source, Schedule.Rhythm, ImportRun.Subject
REQUIRED = "This is needed for what you have chosen."


class _ByKind(ModelChoiceIterator):  # type: ignore[type-arg]  # it takes none when it runs
    """Imports in groups, by what their rows are."""

    def __iter__(self) -> Iterator[Any]:
        yield "", self.field.empty_label
        of_kind: dict[str, list[Any]] = {label: [] for label in Subject.labels}
        for run in self.queryset:
            of_kind[run.get_subject_display()].append(self.choice(run))
        yield from ((label, offered) for label, offered in of_kind.items() if offered)


class ExampleField(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = _ByKind

    def label_from_instance(self, run: Any) -> str:
        return f"As in {run.name}, {date_format(timezone.localtime(run.at), 'SHORT_DATETIME_FORMAT')}"


class ScheduleForm(TenantModelForm[Schedule], SettingsForm):
    """Settings and columns may be those of an import that there was (`like`); its file too, where none is uploaded."""

    seen = SeenField(required=False)
    upload = forms.FileField(
        label="CSV or Excel file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"empty": "The file is empty."},
    )
    like: Any = ExampleField(
        None,
        label="Columns",
        required=False,
        help_text="An import in which somebody has matched the columns of such a file.",
    )

    refusals = {
        "imports_schedule_name": ("name", "There is one with this name already. Choose a different name.")
    }

    class Meta:
        model = Schedule
        fields = (
            *("name", "subject", "source", "pattern", "address"),
            *("rhythm", "day", "weekday", "time", "after", "most_changed", "most_failed"),
        )
        labels = {
            "subject": "What the rows are",
            "source": "Where the file comes from",
            "rhythm": "When it runs",
            "weekday": "Day of the week",
            "after": "Which one",
            "most_changed": "Most that may change, in percent",
            "most_failed": "Most rows that may have errors",
        }
        help_texts = {
            "pattern": "With * for what changes in it: customers-*.csv. Of several, the file written last is taken.",
            "address": "Of the file itself. Nothing but this host is asked.",
            "after": "It begins as soon as that one is done.",
            "most_changed": "Of those that you have. Leave it empty for any number.",
            "most_failed": "Rows with errors are left out. Leave it empty for any number.",
        }
        widgets = {
            "subject": forms.RadioSelect,
            "source": forms.RadioSelect,
            "rhythm": forms.RadioSelect,
            "day": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "time": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "pattern": forms.TextInput({"spellcheck": "false", "autocapitalize": "off"}),
            "address": forms.URLInput({"spellcheck": "false"}),
        }

    def __init__(
        self, *args: Any, user: User, company: Tenant, like: ImportRun | None = None, **kwargs: Any
    ) -> None:
        self.user, self.company = user, company
        instance: Schedule = kwargs["instance"]
        kwargs["initial"] = _initial(instance, like)
        super().__init__(*args, label_suffix="", **kwargs)
        self.offer(user)
        subjects: Any = self.fields["subject"]
        subjects.choices = [one for one in Subject.choices if SUBJECTS[one[0]].may_be_imported_by(user)]
        sources: Any = self.fields["source"]
        sources.choices = [one for one in Source.choices if one[0] in self._sources()]
        weekdays: Any = self.fields["weekday"]
        weekdays.choices = [("", "Choose"), *enumerate(DAYS)]
        before: Any = self.fields["after"]
        before.empty_label = "Choose"
        example: Any = self.fields["like"]
        example.queryset = examples([subject for subject, _ in subjects.choices], like)
        example.empty_label = "As they are now" if instance.pk else "Told by the headings"
        if not instance.pk:
            del self.fields["seen"]

    def _sources(self) -> list[str]:
        """Those that the person may choose and the installation knows, and the one it has."""
        known: list[str] = [Source.FILE]
        if self.user.has_perm(SET_UP):
            known += [Source.FOLDER] * has_folder(self.company.slug) + [Source.ADDRESS] * has_hosts()
        return [*known, self.instance.source] if self.instance.pk else known

    def choices_for(self, name: str) -> models.QuerySet[Any]:
        rows = super().choices_for(name)
        return rows.exclude(pk=self.instance.pk) if name == "after" and self.instance.pk else rows

    @property
    def columns_now(self) -> list[tuple[str, str]]:
        """Heading and label of those that it has."""
        row = self.instance
        labels, kinds = labels_for(self.user, row.subject), kinds_for(self.user, row.subject)
        found = {heading: labels.get(key, key) for heading, key in row.columns.items()}
        for heading, chosen in row.formats.items():
            if kind := kinds.get(row.columns.get(heading, "")):
                found[heading] += f" as {kind.formats[chosen].label}"
        return list(found.items())

    # What was sent

    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"]
        if self._chosen("source") == Source.FOLDER and (refused := pattern_refusal(pattern)):
            raise ValidationError(refused)
        return pattern

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if self._chosen("source") == Source.ADDRESS:
            try:
                check_address(address)
            except NotFetched as error:
                raise ValidationError(str(error)) from error
        return address

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload is None or self._chosen("source") != Source.FILE:
            return None
        try:
            refuse_too_large(upload.size)
        except FileRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return upload

    def _chosen(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        self._refuse_unseen(sent.get("seen"))
        self._clean_subject(sent)
        self._clean_source(sent)
        self._clean_when(sent)
        if not self.errors and sent["upload"] and sent["upload"].size <= SMALL:
            self._look_into(sent["upload"], sent["subject"])
        return sent

    def _refuse_unseen(self, seen: int | None) -> None:
        """Once, where somebody has saved it since the form was shown."""
        now = self.instance.last_operation_id if self.instance.pk else None
        if now is None or seen == now:
            return
        sent: Any = self.data
        data = sent.copy()
        data[self.add_prefix("seen")] = str(now)
        self.data = data
        who = self.instance.last_operation.by or "Somebody"
        raise ValidationError(
            f"{who} saved this while you were typing. Nothing of yours is saved yet: save again, and it will be as "
            "you see it here.",
            code="conflict",
        )

    def _clean_subject(self, sent: dict[str, Any]) -> None:
        """What belongs to customers only is dropped where the rows are others."""
        subject, like = self._chosen("subject"), sent.get("like")
        if like and subject and like.subject != subject:
            rows = SUBJECTS[like.subject].many
            self.add_error("like", f"The rows of that import are {rows}. Choose another one, or none.")
        if subject != Subject.CUSTOMERS:
            sent.update(dict.fromkeys(self.OF_CUSTOMERS, ""))

    def _clean_source(self, sent: dict[str, Any]) -> None:
        """What belongs to another source is dropped."""
        source = self._chosen("source")
        if source != Source.FOLDER:
            sent["pattern"] = ""
        if source != Source.ADDRESS:
            sent["address"] = ""
        if source == Source.FILE and "upload" not in self.errors and not self._has_file(sent):
            self.add_error("upload", "Choose a file.")

    def _has_file(self, sent: dict[str, Any]) -> bool:
        like = sent.get("like")
        return bool(sent.get("upload") or self.instance.file or (like and files.is_kept(like)))

    def _clean_when(self, sent: dict[str, Any]) -> None:
        when = self._chosen("rhythm")
        for name, needed in (
            ("day", when == Rhythm.ONCE),
            ("weekday", when == Rhythm.WEEKLY),
            ("time", when != Rhythm.AFTER),
            ("after", when == Rhythm.AFTER),
        ):
            if not needed:
                sent[name] = None
            elif sent.get(name) is None and name not in self.errors:
                self.add_error(name, REQUIRED)
        if when == Rhythm.ONCE and {"rhythm", "day", "time"} & set(self.changed_data):
            self._refuse_past(sent)
        if sent.get("after"):
            self._refuse_circle(sent["after"])

    def _refuse_past(self, sent: dict[str, Any]) -> None:
        if sent.get("day") and sent.get("time"):
            moment = datetime.combine(sent["day"], sent["time"], tzinfo=ZoneInfo(self.company.timezone))
            if moment <= timezone.now():
                self.add_error("day", "This is over. Choose a time to come.")

    def _refuse_circle(self, after: Schedule) -> None:
        before = dict(Schedule.objects.values_list("pk", "after"))
        place: int | None = after.pk
        while place and place != self.instance.pk:
            place = before.get(place)
        if place:
            self.add_error("after", f"“{after}” comes after this one itself.")

    def _look_into(self, upload: UploadedFile[Any], subject: str) -> None:
        """Whoever chose a wrong file needn't wait for the night to hear of it."""
        try:
            headings = _headings(upload.chunks(), self.company.country, self._before())
            choices_for(headings, self.decided({}), self.columns, self.user, subject)
        except ValueError as error:  # FileRefused is one
            self.add_error("upload", str(error))

    @property
    def columns(self) -> dict[str, str]:
        """The columns' keys by heading, as was chosen."""
        like: ImportRun | None = self.cleaned_data.get("like")
        if like:
            return {like.headings[at]: key for at, key in like.decided.columns.items()}
        kept = self.instance.pk and "subject" not in self.changed_data
        return self.instance.columns if kept else {}

    @property
    def formats(self) -> dict[str, str]:
        """In which columns are written, by heading, as was chosen."""
        like: ImportRun | None = self.cleaned_data.get("like")
        if like:
            return {like.headings[at]: chosen for at, chosen in like.decided.formats.items()}
        return self.instance.formats if self.columns else {}

    # Saving

    def save(self, commit: bool = True) -> Schedule:
        """In the person's name from now on."""
        row = self.instance
        row.columns, row.formats, row.owner = self.columns, self.formats, self.user
        row.choices = self.decided({}, self._before()).as_json()
        before, row.file, row.file_name = row.file, *self._file()
        try:
            saved = super().save(commit)
        except Exception:
            if row.file != before:
                files.remove_named(row.file)
            raise
        if before and before != row.file:
            transaction.on_commit(lambda: files.remove_named(before))
        return saved

    def _before(self) -> Choices:
        like: ImportRun | None = self.cleaned_data.get("like")
        return like.decided if like else self.instance.decided

    def _file(self) -> tuple[str, str]:
        """Where it lies, and what the person calls it; the one it had, unless there is another."""
        upload, like = self.cleaned_data["upload"], self.cleaned_data["like"]
        if self.cleaned_data["source"] != Source.FILE:
            return "", ""
        if upload:
            return files.keep(self.company.pk, upload.chunks())[0], runs.told(upload.name)
        if self.instance.file:
            return self.instance.file, self.instance.file_name
        with files.upload_path(like).open("rb") as source:
            return files.keep(self.company.pk, iter(lambda: source.read(PIECE), b""))[0], like.name


def examples(subjects: Collection[str], like: ImportRun | None = None) -> models.QuerySet[ImportRun]:
    """Imports of such rows whose columns somebody has matched, the latest first, and of those with the same headings
    that one only; and `like`."""
    matched = ImportRun.objects.filter(checking__isnull=False, found__isnull=False).order_by("-pk")
    latest: dict[str, dict[str, int]] = {subject: {} for subject in subjects}  # by their headings
    rows = matched.filter(subject__in=subjects).values_list("pk", "subject", "found__headers")
    for pk, subject, headings in rows[:LATEST]:
        if len(latest[subject]) < MOST:
            latest[subject].setdefault(headings_key(headings), pk)
    keys = [*(pk for found in latest.values() for pk in found.values()), *([like.pk] if like else [])]
    found: models.QuerySet[ImportRun] = matched.filter(pk__in=keys).defer("plan", "found")
    return found


def _initial(schedule: Schedule, like: ImportRun | None) -> dict[str, Any]:
    if like is None:
        return {**initial_of(schedule.decided), "seen": schedule.last_operation_id}
    return {
        **initial_of(like.decided),
        "like": like.pk,
        "name": Path(like.name).stem,
        "subject": like.subject,
    }


def _headings(pieces: Iterable[bytes], country: str, decided: Choices) -> list[str]:
    """Of a file that was uploaded, where that was decided to be. Raises FileRefused."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "upload")
        with source.open("wb") as file:
            file.writelines(pieces)
        return spool(source, Path(folder, "rows"), country=country, **decided.place).headers
