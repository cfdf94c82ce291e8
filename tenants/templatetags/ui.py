"""What templates need besides Django's own tags. A builtin: no `{% load %}`."""

import zlib
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from tenants.addresses import public_address

register = template.Library()

HUES = 6


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 16, cls: str = "", label: str = "") -> str:
    """A lucide icon as inline SVG. Decoration unless `label` says what it means.

    Unknown names raise lucide.IconDoesNotExist.
    """
    meaning = {"role": "img", "aria-label": str(label)} if label else {"aria-hidden": "true"}
    classes = f"icon {cls}".strip()
    svg: str = lucide(name, size=size, **{"class": classes, "stroke-width": "1.75", **meaning})
    return SafeString(" ".join(svg.split()))


@register.simple_tag
def initials(name: str) -> str:
    """One or two capitals for the tile: "Alder Bikes Group" → "AB", "Northwind" → "NO"."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return letters.upper() or "?"


@register.filter
def hue(value: object) -> int:
    """A colour of the tile, 0 to 5, that stays with the value in every process."""
    return zlib.crc32(str(value).encode()) % HUES


@register.simple_tag(takes_context=True)
def public_url(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """An address outside any tenant: see `public_address`."""
    return public_address(context.get("request"), name, *args, **kwargs)


@register.filter
def invalid_fields(form: BaseForm) -> list[BoundField]:
    """The visible fields with an error, in the order of the form. Hidden ones join the form's own errors."""
    return [field for field in form.visible_fields() if field.errors]
