from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from history.admin import TrackedAdmin
from marketing.models import Channel, Entry, Segment, Status
from tenants.admin import site
from tenants.numbers import grouped


class EntryAdmin(TrackedAdmin):
    list_display = ("name", "colour", "position", "is_default", "retired_at")
    search_fields = ("name",)
    fields = ("name", "colour")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.place_last()
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """One in use can't be deleted; how many use it is said, not each of them listed."""
        protected = [f"{entry}: used by {grouped(used)} customers" for entry, used in _used(objs) if used]
        if not protected:
            return super().get_deleted_objects(objs, request)
        return [str(entry) for entry in objs], {}, set(), [*protected, "Retire it in the settings instead."]


def _used(entries: Any) -> list[tuple[Entry, int]]:
    return [(entry, entry.users()) for entry in entries]


for model in (Segment, Status, Channel):
    admin.register(model, site=site)(EntryAdmin)
