"""Addresses of the REST API: its operations, its document, and the page that shows it."""

from django.urls import URLPattern, path

from playhead.lms.api import reading
from playhead.lms.api.v1.api import patterns

urlpatterns: list[URLPattern] = [
    path("", reading.api_page, name="api-page"),
    path("openapi.json", reading.openapi, name="openapi"),
    *patterns(),
]
