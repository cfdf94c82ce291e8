from django.urls import path

from customers.views.list import customers, export

app_name = "customers"
urlpatterns = [
    path("", customers, name="list"),
    path("export/", export, name="export"),
]
