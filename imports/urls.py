from django.urls import path

from imports.views import columns, decide
from imports.views.create import create
from imports.views.detail import detail
from imports.views.files import Errors, Original
from imports.views.format import file_format, sample
from imports.views.list import imports

app_name = "imports"
urlpatterns = [
    path("", imports, name="list"),
    path("new/", create, name="create"),
    path("format/", file_format, name="format"),
    path("sample.csv", sample, {"kind": "csv"}, name="sample-csv"),
    path("sample.xlsx", sample, {"kind": "xlsx"}, name="sample-xlsx"),
    path("<int:pk>/", detail, name="detail"),
    path("<int:pk>/columns/", columns.columns, name="columns"),
    path("<int:pk>/place/", columns.place, name="place"),
    path("<int:pk>/approve/", decide.approve, name="approve"),
    path("<int:pk>/cancel/", decide.cancel, name="cancel"),
    path("<int:pk>/discard/", decide.discard, name="discard"),
    path("<int:pk>/again/", decide.again, name="again"),
    path("<int:pk>/errors.csv", Errors.as_view(), name="errors"),
    path("<int:pk>/file/", Original.as_view(), name="file"),
]
