"""Other systems that are joined to this one: made, changed and read here, whatever room does it."""

import json
import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from playhead.core import limits
from playhead.core.errors import Missing
from playhead.recorder import models, service
from playhead.recorder.databases import open_store
from playhead.recorder.sealed import seal, unseal
from playhead.recorder.workspace import Workspace

_COLUMNS = "key, organisation_id, name, kind, origins, progress_every_s, playback_keys, active, created_at"
_SAVE = (
    f"INSERT INTO recorder_integration ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[2:-1])
)


@dataclass(frozen=True, slots=True)
class PlaybackKey:
    """A secret that another system signs playback addresses with; sealed. Two are good during a rotation."""

    kid: str
    sealed: str
    created_at: int
    retired_at: int | None = None  # epoch ms from which it is no longer good

    def valid_at(self, at: int) -> bool:
        return self.retired_at is None or at < self.retired_at

    @property
    def secret(self) -> str:
        return unseal(self.sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """Another system. `origins` are those its pages may send from; `kind` says how it wants to be told."""

    key: str
    name: str
    created_at: int
    organisation_id: int = 1
    kind: str = "playhead"  # playhead, kollus
    origins: tuple[str, ...] = ()
    progress_every_s: int = limits.PROGRESS_EVERY_S
    playback_keys: tuple[PlaybackKey, ...] = ()
    active: bool = True

    def keys_valid_at(self, at: int) -> tuple[PlaybackKey, ...]:
        """The keys that open something now, newest first; none while the integration is off."""
        good = [key for key in self.playback_keys if key.valid_at(at)] if self.active else []
        return tuple(sorted(good, key=lambda key: -key.created_at))


def create(name: str, *, organisation_id: int = 1, **more: Any) -> Integration:
    """A new integration, active, without playback keys."""
    key = "i_" + secrets.token_hex(8)
    made = Integration(
        key=key, name=name, organisation_id=organisation_id, created_at=service.current().now_ms(), **more
    )
    return save(made)


def save(integration: Integration) -> Integration:
    """Write it as it is now. Its key, organisation and time of making never change."""
    service.current().do(SaveIntegration(integration))
    return integration


def find(key: str) -> Integration:
    """Raises Missing (code `no_integration`)."""
    row = models.Integration.objects.filter(key=key).first()
    if row is None:
        raise Missing("no_integration", "There is no such integration.")
    return _of(row)


def all_of(organisation_id: int) -> list[Integration]:
    """An organisation's integrations, oldest first."""
    return [_of(row) for row in models.Integration.objects.filter(organisation_id=organisation_id).order_by("id")]


def origins(database: str = "") -> frozenset[str]:
    """Those of all active integrations, read over a connection of its own: any thread may ask."""
    with closing(open_store(database or settings.TRACKING_DATABASE)) as store:
        rows = store.all("SELECT origins FROM recorder_integration WHERE active")
    kept = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in rows]
    return frozenset(origin for one in kept for origin in one)


def rotate_key(integration: Integration, *, overlap_ms: int = limits.KEY_OVERLAP_MS) -> tuple[Integration, str]:
    """A new playback key, shown this once; the ones before it stay good for `overlap_ms`. Returns (changed, secret)."""
    now, secret = service.current().now_ms(), secrets.token_urlsafe(32)
    ending = [key if key.retired_at else replace(key, retired_at=now + overlap_ms) for key in integration.playback_keys]
    made = PlaybackKey("k_" + secrets.token_hex(4), seal(secret), now)
    kept = [key for key in ending if key.valid_at(now)]
    return save(replace(integration, playback_keys=(made, *kept))), secret


@dataclass(frozen=True, slots=True)
class SaveIntegration:
    """Write one integration's row."""

    integration: Integration
    viewer = None
    playback = None
    video = None
    seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: Workspace) -> None:
        space.store.many(_SAVE, [_to_row(self.integration)])


def _to_row(joined: Integration) -> Sequence[object]:
    keys = [
        {"kid": key.kid, "secret": key.sealed, "created_at": key.created_at, "retired_at": key.retired_at}
        for key in joined.playback_keys
    ]
    return (
        joined.key,
        joined.organisation_id,
        joined.name,
        joined.kind,
        json.dumps(joined.origins),
        joined.progress_every_s,
        json.dumps(keys),
        joined.active,
        joined.created_at,
    )


def _of(row: models.Integration) -> Integration:
    keys = [PlaybackKey(key["kid"], key["secret"], key["created_at"], key["retired_at"]) for key in row.playback_keys]
    return Integration(
        key=row.key,
        name=row.name,
        created_at=row.created_at,
        organisation_id=row.organisation_id,
        kind=row.kind,
        origins=tuple(row.origins),
        progress_every_s=row.progress_every_s,
        playback_keys=tuple(keys),
        active=row.active,
    )
