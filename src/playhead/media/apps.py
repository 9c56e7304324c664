from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "playhead.media"
    label = "media"
