from django.urls import path

from history import views

app_name = "history"
urlpatterns = [
    path("<int:pk>/undo/", views.undo, name="undo"),
]
