from django.urls import path

from history import operation_views, running, views

app_name = "history"
urlpatterns = [
    path("", operation_views.activity, name="activity"),
    path("running/", running.show, name="running"),
    path("<int:pk>/", operation_views.show, name="operation"),
    path("<int:pk>/rows/", operation_views.rows, name="rows"),
    path("<int:pk>/kept/", operation_views.kept, name="kept"),
    path("<int:pk>/cancel/", operation_views.cancel, name="cancel"),
    path("<int:pk>/undo/", views.undo, name="undo"),
]
