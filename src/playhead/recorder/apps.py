from django.apps import AppConfig


class RecorderConfig(AppConfig):
    name = "playhead.recorder"
    label = "recorder"
