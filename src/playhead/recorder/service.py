"""The recorder of this process, and what the rest of the product asks of it."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from playhead.core import limits
from playhead.core.errors import PlayheadError, Unavailable
from playhead.core.progress import resume_ms
from playhead.core.tickets import TicketKeys, sign, verify
from playhead.recorder.apply import Imported, Kept
from playhead.recorder.clock import SystemClock
from playhead.recorder.databases import open_store
from playhead.recorder.group import record
from playhead.recorder.operations import (
    Announce,
    ClosePlaybacks,
    Deliver,
    ImportSections,
    KeepProgress,
    Opened,
    OpenPlayback,
    RenewTicket,
)
from playhead.recorder.outbox import Forget, message
from playhead.recorder.policy import Policy
from playhead.recorder.state import Progress
from playhead.recorder.taking import Taking
from playhead.recorder.workspace import Operation

# Whether anybody listens to what happens in an organisation, or in one integration's part of it, and to what is about
# no viewer at all: at which interval, in seconds, they want to hear of progress; None where nobody does.
Audience = Callable[[int, str | None, bool], int | None]

_running: list[Taking] = []
_audiences: list[Audience] = []


def install(recorder: Taking) -> None:
    """Make this the process's recorder; the composition root calls it after starting one."""
    _running.append(recorder)


def uninstall(recorder: Taking) -> None:
    _running.remove(recorder)


def current() -> Taking:
    """The process's recorder. Raises Unavailable where none runs."""
    if not _running:
        raise Unavailable("not_recording", "The recorder does not run in this process.", retry_after_s=5)
    return _running[-1]


def listen(audience: Audience) -> None:
    """Ask this from now on whether anybody listens; who delivers messages says so at the composition root."""
    _audiences.append(audience)


def stop_listening(audience: Audience) -> None:
    _audiences.remove(audience)


def _listening(organisation_id: int, integration: str | None, *, personal: bool = True) -> int | None:
    return _audiences[-1](organisation_id, integration, personal) if _audiences else None


@lru_cache(maxsize=1)
def ticket_keys() -> TicketKeys:
    return TicketKeys(settings.PLAYHEAD_SECRETS.ticket_keys)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a player needs to start: a ticket, and where its viewer stands."""

    playback: str
    ticket: str
    expires_at_s: int
    opened_at: int
    resume_ms: int
    progress: Progress


def open_playback(
    *,
    viewer: str,
    video: str,
    duration_ms: int | None,
    policy: Policy,
    session: str | None,
    organisation_id: int = 1,
    integration: str | None = None,
    progress_every_s: int | None = None,
    environment: Mapping[str, Any] | None = None,
    external_viewer: str = "",
) -> Opening:
    """Open a playback for a viewer who may watch this video. The caller has checked that they may.

    `session` is the login session's key, kept only as a hash, so that logging out can close what it opened.
    `integration` is the other system it is opened for, `external_viewer` that one's name for the viewer. If anybody
    listens they hear of progress at the integration's interval, or at `progress_every_s`. `environment`: what is known
    of device, browser, system, network and country.
    """
    recorder = current()
    opened_at = recorder.now_ms()
    if policy.presence_every_s is not None:
        policy = replace(policy, presence_seed=secrets.token_hex(8))
    every_s = None if policy.preview else _listening(organisation_id, integration)
    playback = "p_" + secrets.token_urlsafe(15)
    ticket, expires_at_s = _ticket(viewer=viewer, video=video, playback=playback, now_ms=opened_at)
    opened: Opened = recorder.do(
        OpenPlayback(
            viewer=viewer,
            playback=playback,
            video=video,
            organisation_id=organisation_id,
            session=session_hash(session),
            opened_at=opened_at,
            duration_ms=duration_ms,
            policy=policy,
            ticket_expires_at=expires_at_s * 1000,
            integration=integration,
            progress_every_s=every_s and (progress_every_s or every_s),
            external_viewer=external_viewer,
            environment=json.dumps(environment, separators=(",", ":"), sort_keys=True) if environment else "",
        )
    )
    go_on_ms = resume_ms(opened.progress.position_ms, opened.progress.duration_ms)
    return Opening(playback, ticket, expires_at_s, opened_at, go_on_ms, opened.progress)


def close_playbacks(*, reason: str, viewer: str, session: str | None = None, video: str | None = None) -> int:
    """Close a viewer's open playbacks (all, or those of one login session or video); returns how many."""
    recorder = current()
    closing = ClosePlaybacks(viewer, recorder.now_ms(), reason, session_hash(session), video)
    return int(recorder.do(closing))


def renew_ticket(token: str) -> tuple[str, int]:
    """A fresh ticket for a playback whose ticket is still valid: (ticket, expires_at_s). Raises our errors."""
    recorder = current()
    now_ms = recorder.now_ms()
    held = verify(token, keys=ticket_keys(), now_s=now_ms // 1000)
    ticket, expires_at_s = _ticket(viewer=held.viewer, video=held.video, playback=held.playback, now_ms=now_ms)
    recorder.do(RenewTicket(held, now_ms, expires_at_s * 1000))
    return ticket, expires_at_s


def delivered(*, viewer: str, playback: str, start_ms: int, end_ms: int) -> None:
    """Note media that is about to leave for a playback. Raises Forbidden once the playback is closed."""
    recorder = current()
    recorder.do(Deliver(viewer, playback, start_ms, end_ms, recorder.now_ms()))


def announce(
    type: str,
    data: Mapping[str, Any],
    *,
    organisation_id: int = 1,
    integration: str | None = None,
    viewer: str | None = None,
) -> str | None:
    """Tell other systems what is not recorded watching (`content.*`, `enrolment.*`, `playback.refused`).

    Returns the message's id, or None where nobody listens. Works in every process: where no recorder runs the row is
    written directly, and nothing else is touched.
    """
    if _listening(organisation_id, integration, personal=viewer is not None) is None:
        return None
    now_ms = current().now_ms() if _running else SystemClock().now_ms()
    announced = Announce(
        message(type, data, at=now_ms, organisation_id=organisation_id, integration=integration, viewer=viewer)
    )
    _record_anywhere(announced)
    return announced.message.id


def forget_messages(rows: Sequence[int]) -> None:
    """Take rows out of the outbox; whoever delivers messages says which are needed no more. Works in every process."""
    _record_anywhere(Forget(rows))


def _record_anywhere(operation: Operation) -> None:
    """By this process's recorder, or without one directly: only for what touches the outbox and nothing else."""
    if _running:
        current().do(operation)
        return
    with closing(open_store(settings.TRACKING_DATABASE)) as store:
        [outcome] = record(store, [operation])
        if isinstance(outcome, PlayheadError):
            raise outcome


@dataclass(frozen=True, slots=True)
class ImportedSession:
    """One viewer's session of one video as another system recorded it; `session` is that system's name for it."""

    viewer: str
    video: str
    duration_ms: int
    session: str
    sections: tuple[tuple[int, int], ...]
    stated_at: int


def import_sessions(sessions: Iterable[ImportedSession], *, organisation_id: int = 1) -> list[bool]:
    """Bring in other systems' sessions as `imported`; for each, whether it added anything."""
    recorder = current()
    now_ms = recorder.now_ms()
    return recorder.do_all(_importing(told, now_ms, organisation_id) for told in sessions)


def _importing(told: ImportedSession, now_ms: int, organisation_id: int) -> ImportSections:
    name = hashlib.sha256(f"{told.viewer}\n{told.video}\n{told.session}".encode()).hexdigest()
    opening = OpenPlayback(
        viewer=told.viewer,
        playback="x_" + name[:32],
        video=told.video,
        organisation_id=organisation_id,
        session=None,
        opened_at=told.stated_at,
        duration_ms=told.duration_ms,
        policy=Policy(),
        ticket_expires_at=0,
        kind="imported",
    )
    return ImportSections(opening, Imported(told.sections, told.stated_at), now_ms)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What one viewer keeps of a video's version before, and the policy they would open the new one under."""

    viewer: str
    kept: Kept
    policy: Policy


def keep_progress(
    keeping: Iterable[Keeping], *, video: str, duration_ms: int | None, organisation_id: int = 1
) -> list[bool]:
    """Give viewers of a video what they had of its version before; for each, whether that was new."""
    recorder = current()
    now_ms = recorder.now_ms()

    def operation(one: Keeping) -> KeepProgress:
        name = hashlib.sha256(f"{one.viewer}\n{one.kept.source}\n{video}".encode()).hexdigest()
        opening = OpenPlayback(
            viewer=one.viewer,
            playback="k_" + name[:32],
            video=video,
            organisation_id=organisation_id,
            session=None,
            opened_at=now_ms,
            duration_ms=duration_ms,
            policy=one.policy,
            ticket_expires_at=0,
            kind="kept",
        )
        return KeepProgress(opening, one.kept, now_ms)

    return recorder.do_all(map(operation, keeping))


def session_hash(session: str | None) -> str | None:
    """How a login session is named in the tracking tables: never by the key that opens it."""
    return None if session is None else hashlib.sha256(session.encode()).hexdigest()[:32]


def _ticket(*, viewer: str, video: str, playback: str, now_ms: int) -> tuple[str, int]:
    issued_at_s = now_ms // 1000
    jti = secrets.token_urlsafe(12)
    ticket = sign(viewer=viewer, video=video, playback=playback, jti=jti, keys=ticket_keys(), now_s=issued_at_s)
    return ticket, issued_at_s + limits.TICKET_LIFETIME_S
