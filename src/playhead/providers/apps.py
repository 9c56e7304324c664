from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "playhead.providers"
    label = "providers"
