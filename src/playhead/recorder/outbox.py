"""What other systems are to be told: rows written in the transaction that made them true, and never changed.

`callbacks` delivers them, keeps its own account of what was delivered, and says when one may leave. A replay of the
journal writes none.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from playhead.recorder.store import Row

if TYPE_CHECKING:
    from playhead.recorder.workspace import Workspace

CONTENT_TYPES: Final = ("content.ready", "content.failed", "content.deleted")
ENROLMENT_TYPES: Final = ("enrolment.created", "enrolment.ended")
PLAYBACK_TYPES: Final = ("playback.started", "progress.updated", "video.completed")
TYPES: Final = (
    *PLAYBACK_TYPES,
    "playback.refused",
    *CONTENT_TYPES,
    *ENROLMENT_TYPES,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `body` is what is sent, byte for byte, in every attempt."""

    organisation_id: int
    integration: str | None
    viewer: str | None
    type: str
    id: str
    created_at: int
    body: bytes

    def to_row(self) -> Row:
        return (
            self.organisation_id,
            self.integration,
            self.viewer,
            self.type,
            self.id,
            self.created_at,
            self.body,
        )


def message(
    type: str,
    data: Mapping[str, Any],
    *,
    at: int,
    organisation_id: int,
    integration: str | None = None,
    viewer: str | None = None,
) -> Message:
    """A message with an id of its own: type, timestamp and data, as Standard Webhooks 1.0 lays a payload out."""
    moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    kept = {"type": type, "timestamp": moment, "data": data}
    body = json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()
    return Message(organisation_id, integration, viewer, type, f"msg_{secrets.token_hex(12)}", at, body)


@dataclass(frozen=True, slots=True)
class Forget:
    """Take messages out of the outbox that were delivered everywhere."""

    rows: Sequence[int]
    viewer = None
    playback = None
    video = None
    seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: "Workspace") -> int:
        space.store.many("DELETE FROM recorder_outbox WHERE id = ?", [(id,) for id in self.rows])
        return len(self.rows)
