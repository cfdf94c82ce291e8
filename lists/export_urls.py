from django.urls import path

from lists.export_pages import Cancel, Download, ExportList
from lists.export_templates import delete_template, template

app_name = "exports"
urlpatterns = [
    path("", ExportList.as_view(), name="list"),
    path("<int:pk>/download/", Download.as_view(), name="download"),
    path("<int:pk>/cancel/", Cancel.as_view(), name="cancel"),
    path("templates/<int:pk>/", template, name="template"),
    path("templates/<int:pk>/delete/", delete_template, name="delete-template"),
]
