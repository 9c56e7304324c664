"""Addresses of what a course's library holds at providers."""

from django.urls import path

from playhead.lms.views import elsewhere

urlpatterns = [
    path("", elsewhere.add_elsewhere, name="add-elsewhere"),
    path("uploads/", elsewhere.begin_elsewhere, name="begin-elsewhere"),
    path("remove/", elsewhere.remove_elsewhere, name="elsewhere-remove"),
    path("<str:remote_key>/", elsewhere.edit_elsewhere, name="elsewhere-edit"),
    path("<str:remote_key>/again/", elsewhere.again, name="elsewhere-again"),
    path("<str:remote_key>/arrived/", elsewhere.arrived, name="elsewhere-arrived"),
    path("<str:remote_key>/restore/", elsewhere.restore_elsewhere, name="elsewhere-restore"),
]
