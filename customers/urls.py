from django.urls import path

from customers.views import lifecycle, profile
from customers.views.create import Create
from customers.views.list import CustomerExport, CustomerList
from customers.views.update import Update

app_name = "customers"
urlpatterns = [
    path("", CustomerList.as_view(), name="list"),
    path("export/", CustomerExport.as_view(), name="export"),
    path("add/", Create.as_view(), name="create"),
    path("<int:pk>/", profile.detail, name="detail"),
    path("<int:pk>/edit/", Update.as_view(), name="update"),
    path("<int:pk>/marketing/", profile.marketing, name="marketing"),
    path("<int:pk>/history/", profile.history, name="history"),
    path("<int:pk>/disable/", lifecycle.disable, name="disable"),
    path("<int:pk>/enable/", lifecycle.enable, name="enable"),
    path("<int:pk>/delete/", lifecycle.delete, name="delete"),
]
