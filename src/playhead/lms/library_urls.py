"""Addresses of a course's library."""

from django.urls import include, path

from playhead.lms.views import library

urlpatterns = [
    path("", library.library_page, name="library"),
    path("states.json", library.states, name="library-states"),
    path("uploads/", library.begin_upload, name="begin-upload"),
    path("elsewhere/", include("playhead.lms.elsewhere_urls")),
    path("remove/", library.remove, name="library-remove"),
    path("<str:asset_key>/", library.edit, name="library-edit"),
    path("<str:asset_key>/captions/", library.add_captions, name="add-captions"),
    path("<str:asset_key>/captions/<str:language>/remove/", library.remove_captions, name="remove-captions"),
    path("<str:asset_key>/replace/", library.replace, name="library-replace"),
    path("<str:asset_key>/restore/", library.restore, name="library-restore"),
    path("<str:asset_key>/stills/<int:number>.jpg", library.still, name="library-still"),
    path("<str:asset_key>/boards/<int:page>.jpg", library.board, name="library-board"),
]
