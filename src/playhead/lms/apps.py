from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    name = "playhead.lms"
    label = "lms"
    verbose_name = _("Learning site")

    def ready(self) -> None:
        from playhead.lms import closing  # noqa: F401  connects its signals; needs the models loaded
