"""How the entries of a long form are written: a page may have two thousand controls, each a template otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tenants.forms import FormRenderer

Widget = dict[str, Any]  # what a widget gives its template


def _input(widget: Widget) -> SafeString:
    value = widget["value"]
    attrs = {**widget["attrs"], "value": None if value is None else str(value)}
    return format_html('<input type="{}" name="{}"{}>', widget["type"], widget["name"], flatatt(attrs))


def _textarea(widget: Widget) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        flatatt(widget["attrs"]),
        widget["value"] or "",
    )


def _select(widget: Widget) -> SafeString:
    options = "".join(
        f'<option value="{conditional_escape(option["value"])}"{" selected" if option["selected"] else ""}>'
        f"{conditional_escape(option['label'])}</option>"
        for _, group, _ in widget["optgroups"]
        for option in group
    )
    return format_html(
        '<select name="{}"{}>{}</select>',
        widget["name"],
        flatatt(widget["attrs"]),
        mark_safe(options),  # noqa: S308  # escaped above
    )


WRITERS: dict[str, Callable[[Widget], SafeString]] = {
    "django/forms/widgets/text.html": _input,
    "django/forms/widgets/hidden.html": _input,
    "django/forms/widgets/checkbox.html": _input,
    "django/forms/widgets/textarea.html": _textarea,
    "customers/widgets/long_select.html": _select,
}


class EntryRenderer(FormRenderer):
    """As all forms', but the plain controls are written without a template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        write = WRITERS.get(template_name)
        if write is None:
            return SafeString(super().render(template_name, context, request))
        return write(context["widget"])
