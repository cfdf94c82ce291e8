from django.urls import path

from lists.settings_views import ColumnsView, FiltersView

app_name = "lists"
urlpatterns = [
    path("<slug:name>/columns/", ColumnsView.as_view(), name="columns"),
    path("<slug:name>/filters/", FiltersView.as_view(), name="filters"),
]
