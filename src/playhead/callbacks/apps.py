from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "playhead.callbacks"
    label = "callbacks"
