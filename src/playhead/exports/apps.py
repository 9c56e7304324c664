from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "playhead.exports"
    label = "exports"
