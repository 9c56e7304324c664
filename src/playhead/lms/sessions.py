"""Login sessions in a table that can list them by person, and that opens none to whoever reads it.

Django's way to extend its session engine (docs: "Extending database-backed session engines"). The cookie holds the key,
the table its hash: the same by which the tracking tables know a session.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from playhead.lms.models import LoginSession
from playhead.lms.network import client_network
from playhead.recorder.service import session_hash

# How often at most the time a session was last seen is written down.
SEEN_EVERY_S = 600


class SessionStore(DatabaseStore):
    """A session ends `SESSION_LIFE` after the login, however much it is used."""

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        now = timezone.now()
        began_at = datetime.fromtimestamp(data["began"], UTC) if "began" in data else now
        return LoginSession(
            session_key=hashed(self._get_or_create_session_key()),  # type: ignore[attr-defined]  # not in the stubs
            session_data=self.encode(data),
            expire_date=began_at + settings.SESSION_LIFE,
            user_id=data.get(SESSION_KEY),
            began_at=began_at,
            seen_at=now,
            device=data.get("device", ""),
            network=data.get("network", ""),
        )

    def _get_session_from_db(self) -> LoginSession | None:
        kept = LoginSession.objects.filter(session_key=hashed(self.session_key or ""), expire_date__gt=timezone.now())
        found = kept.first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return LoginSession.objects.filter(session_key=hashed(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        LoginSession.objects.filter(session_key=hashed(session_key or self.session_key or "")).delete()


def hashed(session_key: str) -> str:
    """How a session is named in the tables, the tracking ones too."""
    return session_hash(session_key) or ""


@receiver(user_logged_in)
def note_login(request: HttpRequest, **_kwargs: Any) -> None:
    """What the owner of the session needs to know it again. The table gets it when the session is saved."""
    now_s = int(timezone.now().timestamp())
    told = {"began": now_s, "seen": now_s, "device": device(request), "network": client_network(request) or ""}
    request.session.update(told)


def note_seen(request: HttpRequest) -> None:
    now_s = int(timezone.now().timestamp())
    if now_s - request.session.get("seen", now_s) > SEEN_EVERY_S:
        request.session["seen"] = now_s


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device(request: HttpRequest) -> str:
    """`Firefox · Windows`: enough to know one's own again, too little to tell people apart by."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    named = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, named))
