"""What people keep about lists: how they look, views, selections, exports."""

from lists.models.exports import Export, ExportTemplate, Layout
from lists.models.selection import Selection
from lists.models.settings import ListSettings, settings_of
from lists.models.views import SavedView, ViewUse

__all__ = [
    "Export",
    "ExportTemplate",
    "Layout",
    "ListSettings",
    "SavedView",
    "Selection",
    "ViewUse",
    "settings_of",
]
