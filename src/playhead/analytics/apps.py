from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "playhead.analytics"
    label = "analytics"
