"""Which database holds which tables."""

from typing import Any

from django.conf import settings

TRACKING = frozenset({"recorder", "analytics"})


class TrackingRouter:
    """The recorder's tables, and what is summed up from them, live in `tracking`, all others in `default`.

    On PostgreSQL both names mean one database, whose migrations run once, under `default`.
    """

    def db_for_read(self, model: Any, **_hints: object) -> str | None:
        return "tracking" if model._meta.app_label in TRACKING else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: object) -> bool:
        if settings.PLAYHEAD_DATABASE_URL:
            return db == "default"
        return (db == "tracking") == (app_label in TRACKING)
