"""The three lists and what the settings pages say about each."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from marketing.models import Channel, Entry, Segment, Status


@dataclass(frozen=True)
class EntryList:
    """One list: `slug` is its place in the address and the name of its page."""

    slug: str
    model: type[Entry]
    title: str
    purpose: str

    @property
    def name(self) -> str:
        """What one entry is called, in URL names and permissions too: "segment"."""
        return str(self.model._meta.model_name)

    @property
    def url(self) -> str:
        return reverse(f"marketing:{self.slug}")

    def users_url(self, entry: Entry) -> str:
        """The list of the rows that refer to `entry`, disabled ones included."""
        relation = self.model._meta.related_objects[0]
        page = reverse(f"{relation.related_model._meta.app_label}:list")
        return f"{page}?{relation.field.name}={entry.pk}&state=all"


SEGMENTS = EntryList("segments", Segment, "Segments", "What kind of customer it is.")
STATUSES = EntryList("statuses", Status, "Statuses", "How things stand with a customer.")
CHANNELS = EntryList("channels", Channel, "Attracting channels", "How a customer came to you.")
LISTS = (SEGMENTS, STATUSES, CHANNELS)
