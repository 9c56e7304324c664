"""The pages of callbacks, for admins, and the door for Kollus's own."""

from django.urls import include, path

from playhead.lms.api import kollus, providers
from playhead.lms.views import callbacks

pages = [
    path("", callbacks.callbacks, name="callbacks"),
    path("<str:key>/", callbacks.endpoint, name="endpoint"),
    path("<str:key>/resend/", callbacks.resend_range, name="resend-range"),
    path("<str:key>/do/<str:what>/", callbacks.endpoint_do, name="endpoint-do"),
    path("<str:key>/messages/<int:number>/", callbacks.callback_message, name="callback-message"),
    path("<str:key>/messages/<int:number>/resend/", callbacks.resend_message, name="resend-message"),
]

urlpatterns = [
    path("callbacks/", include(pages)),
    path("v1/providers/<str:account>/<str:token>", providers.provider_callback, name="provider-callback"),
    path("v1/kollus/<str:integration>/<str:token>", kollus.kollus_callback, name="kollus-callback"),
]
