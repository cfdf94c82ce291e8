from django.urls import path

from lists.bulk_views import BulkView, SelectView
from lists.saved_views import AddView, DefaultView, DeleteView, EditView, UpdateView, ViewCounts, Views
from lists.settings_views import AddFilter, ColumnsView, FiltersView
from lists.views import Count, Size

app_name = "lists"
urlpatterns = [
    path("view-counts/", ViewCounts.as_view(), name="view-counts"),
    path("<slug:name>/count/", Count.as_view(), name="count"),
    path("<slug:name>/columns/", ColumnsView.as_view(), name="columns"),
    path("<slug:name>/filters/", FiltersView.as_view(), name="filters"),
    path("<slug:name>/filters/add/", AddFilter.as_view(), name="filter-add"),
    path("<slug:name>/size/", Size.as_view(), name="size"),
    path("<slug:name>/selection/", SelectView.as_view(), name="select"),
    path("<slug:name>/selection/<int:pk>/<slug:action>/", BulkView.as_view(), name="bulk"),
    path("<slug:name>/views/", Views.as_view(), name="views"),
    path("<slug:name>/views/add/", AddView.as_view(), name="view-add"),
    path("<slug:name>/views/<int:pk>/edit/", EditView.as_view(), name="view-edit"),
    path("<slug:name>/views/<int:pk>/update/", UpdateView.as_view(), name="view-update"),
    path("<slug:name>/views/<int:pk>/default/", DefaultView.as_view(), name="view-default"),
    path("<slug:name>/views/<int:pk>/delete/", DeleteView.as_view(), name="view-delete"),
]
