from django.urls import URLPattern, URLResolver, include, path

from config.admin import site
from customers.views.dashboard import charts, dashboard
from customers.views.jump import jump

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="dashboard"),
    path("charts/", charts, name="charts"),
    path("jump/", jump, name="jump"),
    path("customers/", include("customers.urls")),
    path("", include("contacts.urls")),
    path("operations/", include("history.urls")),
    path("lists/", include("lists.urls")),
    path("exports/", include("lists.export_urls")),
    path("imports/", include("imports.urls")),
    path("imports/timed/", include("imports.schedule_urls")),
    path("settings/", include("company.urls")),
    path("settings/", include("marketing.urls")),
    path("admin/", site.urls),
]
