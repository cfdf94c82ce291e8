from django.urls import URLPattern, path

from marketing import views
from marketing.lists import LISTS, EntryList
from tenants.views import permission

app_name = "marketing"


def _pages(entry_list: EntryList) -> list[URLPattern]:
    """`segments/`, `segments/add/`, `segments/3/retire/` …, named `segments`, `segment-add`, `segment-retire` …"""
    name, slug, given = entry_list.name, entry_list.slug, {"entry_list": entry_list}
    may_add = permission(f"marketing.add_{name}")
    may_change = permission(f"marketing.change_{name}")
    may_delete = permission(f"marketing.delete_{name}")
    return [
        path(f"{slug}/", may_change(views.entries), given, name=slug),
        path(f"{slug}/add/", may_add(views.add), given, name=f"{name}-add"),
        path(f"{slug}/<int:pk>/edit/", may_change(views.edit), given, name=f"{name}-edit"),
        path(f"{slug}/<int:pk>/up/", may_change(views.up), given, name=f"{name}-up"),
        path(f"{slug}/<int:pk>/down/", may_change(views.down), given, name=f"{name}-down"),
        path(
            f"{slug}/<int:pk>/make-default/",
            may_change(views.make_default),
            given,
            name=f"{name}-make-default",
        ),
        path(f"{slug}/<int:pk>/retire/", may_change(views.retire), given, name=f"{name}-retire"),
        path(f"{slug}/<int:pk>/reinstate/", may_change(views.reinstate), given, name=f"{name}-reinstate"),
        path(f"{slug}/<int:pk>/delete/", may_delete(views.delete), given, name=f"{name}-delete"),
    ]


urlpatterns = [pattern for entry_list in LISTS for pattern in _pages(entry_list)]
