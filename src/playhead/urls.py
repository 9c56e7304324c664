"""Every address of the site. Batches (`/v1/batches`) and media are answered beside Django: see asgi.py."""

from django.urls import include, path

from playhead.lms.admin import site

handler400 = "playhead.lms.errors.bad_request"
handler403 = "playhead.lms.errors.forbidden"
handler404 = "playhead.lms.errors.not_found"
handler500 = "playhead.lms.errors.broken"

urlpatterns = [
    path("", include("playhead.lms.urls")),
    path("admin/", site.urls),
]
