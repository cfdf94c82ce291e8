from django.urls import path

from imports import schedule_views as views

app_name = "timed"
urlpatterns = [
    path("", views.schedules, name="list"),
    path("new/", views.create, name="create"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/run/", views.run, name="run"),
]
