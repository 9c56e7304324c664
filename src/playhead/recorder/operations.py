"""What the recorder can be asked to do. Each names the rows it needs, then changes them; the group does the rest.

`apply` raises one of our errors before it has changed anything, or succeeds.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Self

import msgspec

from playhead.core.credit import Claim
from playhead.core.errors import Conflict, Forbidden, Unauthorised
from playhead.core.sections import Sections
from playhead.core.tickets import Ticket
from playhead.recorder.admission import check_delivery, check_opening
from playhead.recorder.apply import Imported, Kept, apply_claims, apply_import, apply_kept, end_run, plays_elsewhere
from playhead.recorder.listeners import Listeners
from playhead.recorder.outbox import Message
from playhead.recorder.policy import Policy
from playhead.recorder.reporting import Before, after_batch, after_closing, after_opening
from playhead.recorder.state import Playback, Progress, Stand, Viewer
from playhead.recorder.workspace import Earned, Workspace

_LEFT = b'"pagehide"'
"""In the body of a batch that a page sends when it is left. Who sends it and plays on gains nothing (`admission`)."""


class Recorded(msgspec.Struct, array_like=True, gc=False):
    """A batch's outcome: a line for each of its claims, and where the viewer stands now."""

    seq: int
    duplicate: bool
    lines: list[Earned]
    stand: Stand
    evidence: str
    playing_elsewhere: bool
    received_at: int
    prompt: str | None = None


class RecordBatch(msgspec.Struct, array_like=True, gc=False):
    """Journal a batch as received and credit its claims. Who, what and where are the ticket's."""

    viewer: str
    video: str
    playback: str
    seq: int
    claims: list[Claim]
    body: bytes
    received_at: int
    answers: list[str] = []  # presence prompts
    makes_viewer: ClassVar = False
    organisation_id: ClassVar = 1

    @classmethod
    def under(
        cls,
        ticket: Ticket,
        seq: int,
        claims: Sequence[Claim],
        body: bytes,
        received_at: int,
        answers: Sequence[str] = (),
    ) -> Self:
        viewer, video, playback = ticket.viewer, ticket.video, ticket.playback
        return cls(viewer, video, playback, seq, list(claims), body, received_at, list(answers))

    def apply(self, space: Workspace) -> Recorded:
        viewer, playback = space.named(self.viewer, self.video, self.playback)
        if playback.closed_at is not None and self.received_at >= playback.closed_at:
            raise Forbidden("playback_closed", f"This playback was closed ({playback.closed_reason}).")
        progress = space.progress_of(playback)
        if (known := space.known_batch(playback, self.seq)) is not None:
            if known.body != self.body:
                raise Conflict("seq_conflict", "Another batch was recorded under this sequence number.")
            told, elsewhere = space.lines_of(known.journal_id), False
        else:
            elsewhere = plays_elsewhere(viewer, playback, self.claims, received_at=self.received_at)
            told = self._record(space, viewer, playback, progress)
            if self.body.rfind(_LEFT) >= 0:  # `in` takes twice as long
                end_run(viewer, playback)
        stand, evidence, prompt = progress.standing(), playback.evidence, playback.prompt
        return Recorded(self.seq, known is not None, told, stand, evidence, elsewhere, self.received_at, prompt)

    def _record(self, space: Workspace, viewer: Viewer, playback: Playback, progress: Progress) -> list[Earned]:
        first_credit_at, completed_at, presence = playback.first_credit_at, progress.completed_at, playback.presence
        lines = apply_claims(
            viewer, playback, progress, self.claims, received_at=self.received_at, answers=self.answers
        )
        space.write("batch", viewer, playback, self.body, seq=self.seq, received_at=self.received_at, lines=lines)
        space.changed(viewer=viewer, progress=progress)
        if playback.listeners.progress_every_s is not None:
            before = Before(first_credit_at, completed_at)
            told = after_batch(
                before, viewer.key, playback, progress, lines, body=self.body, received_at=self.received_at
            )
            space.tell(*told)
            space.changed(playback=playback)
        elif playback.first_credit_at != first_credit_at or playback.presence != presence:
            space.changed(playback=playback)
        return [Earned.by(line) for line in lines]


@dataclass(frozen=True, slots=True)
class Opened:
    playback: Playback
    progress: Progress


@dataclass(frozen=True, slots=True)
class OpenPlayback:
    """Open a playback; makes the viewer's row at the first one."""

    viewer: str
    playback: str
    video: str
    organisation_id: int
    session: str | None
    opened_at: int
    duration_ms: int | None
    policy: Policy
    ticket_expires_at: int
    kind: str = "live"
    integration: str | None = None
    progress_every_s: int | None = None  # None: nobody listens
    external_viewer: str = ""
    environment: str = ""
    seq = None
    makes_viewer = True

    def apply(self, space: Workspace) -> Opened:
        viewer = space.viewers[self.viewer]
        check_opening(space, viewer, self.video, self.policy, opened_at=self.opened_at)
        return self.open(space, viewer)

    def open(self, space: Workspace, viewer: Viewer) -> Opened:
        playback = space.insert_playback(
            Playback(
                id=0,
                key=self.playback,
                organisation_id=self.organisation_id,
                viewer_id=viewer.id,
                video=self.video,
                kind=self.kind,
                session=self.session,
                opened_at=self.opened_at,
                duration_ms=self.duration_ms,
                policy=self.policy,
                ticket_expires_at=self.ticket_expires_at,
                listeners=Listeners(self.integration, self.progress_every_s, self.external_viewer, self.environment),
            )
        )
        progress = space.progress_of(playback)
        before = Before(playback.first_credit_at, progress.completed_at)
        progress.measured_by(playback)
        space.write("opened", viewer, playback, opened_body(playback), received_at=self.opened_at)
        space.changed(progress=progress)
        if self.progress_every_s is not None:
            space.tell(*after_opening(before, viewer.key, playback, progress))
        return Opened(playback, progress.copy())


def opened_body(playback: Playback) -> bytes:
    """The journal's record of the terms a playback was opened under."""
    kept = {
        "playback": playback.key,
        "video": playback.video,
        "kind": playback.kind,
        "duration_ms": playback.duration_ms,
        "policy": playback.policy.as_json(),
    }
    if playback.listeners.integration:
        kept["integration"] = playback.listeners.integration
    if playback.listeners.environment:
        kept["environment"] = json.loads(playback.listeners.environment)
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class ClosePlaybacks:
    """Close a viewer's open playbacks: all, or those of one login session, or those of one video."""

    viewer: str
    closed_at: int
    reason: str
    session: str | None = None
    video: str | None = None
    playback = None
    seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: Workspace) -> int:
        viewer = space.viewers.get(self.viewer)
        closing = [] if viewer is None else [p for p in space.open_playbacks(viewer) if self._closes(p)]
        for playback in closing:
            assert viewer is not None
            playback.closed_at, playback.closed_reason = self.closed_at, self.reason
            body = json.dumps({"reason": self.reason}).encode()
            space.write("closed", viewer, playback, body, received_at=self.closed_at)
            space.changed(playback=playback)
            if playback.listeners.progress_every_s is not None:
                progress = space.progress_of(playback)
                space.tell(*after_closing(viewer.key, playback, progress, closed_at=self.closed_at))
        return len(closing)

    def _closes(self, playback: Playback) -> bool:
        return self.session in {None, playback.session} and self.video in {None, playback.video}


@dataclass(frozen=True, slots=True)
class RenewTicket:
    """Let a playback go on under a newer ticket."""

    ticket: Ticket
    received_at: int
    ticket_expires_at: int
    seq = None
    video = None
    makes_viewer = False
    organisation_id = 1

    @property
    def viewer(self) -> str:
        return self.ticket.viewer

    @property
    def playback(self) -> str:
        return self.ticket.playback

    def apply(self, space: Workspace) -> Playback:
        _viewer, playback = space.named(self.ticket.viewer, self.ticket.video, self.ticket.playback)
        if playback.closed_at is not None:
            raise Forbidden("playback_closed", f"This playback was closed ({playback.closed_reason}).")
        playback.ticket_expires_at = max(playback.ticket_expires_at, self.ticket_expires_at)
        space.changed(playback=playback)
        return playback


@dataclass(frozen=True, slots=True)
class Deliver:
    """Note that media left for a playback: `start_ms` to `end_ms`, in any rendition. Before its first byte leaves."""

    viewer: str
    playback: str
    start_ms: int
    end_ms: int
    received_at: int
    seq = None
    video = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: Workspace) -> bool:
        viewer, playback = space.viewers.get(self.viewer), space.playbacks.get(self.playback)
        if viewer is None or playback is None or playback.viewer_id != viewer.id:
            raise Unauthorised("ticket_invalid", "There is no such playback.")
        if playback.closed_at is not None:
            raise Forbidden("playback_closed", f"This playback was closed ({playback.closed_reason}).")
        check_delivery(space, viewer, playback, start_ms=self.start_ms, end_ms=self.end_ms, at=self.received_at)
        after = playback.delivered.add(self.start_ms, self.end_ms)
        if after == playback.delivered:
            return False
        playback.delivered = after
        body = json.dumps({"start_ms": self.start_ms, "end_ms": self.end_ms}).encode()
        space.write("delivered", viewer, playback, body, received_at=self.received_at)
        space.changed(playback=playback)
        return True


@dataclass(frozen=True, slots=True)
class Announce:
    """Put a message about something that is not recorded watching into the outbox."""

    message: Message
    viewer = None
    playback = None
    video = None
    seq = None
    makes_viewer = False
    organisation_id = 1

    def apply(self, space: Workspace) -> str:
        space.tell(self.message)
        return self.message.id


@dataclass(frozen=True, slots=True)
class _OpensItsOwn:
    """What brings its playback with it: about the same viewer, playback and video as the opening."""

    opening: OpenPlayback
    seq = None
    makes_viewer = True

    @property
    def organisation_id(self) -> int:
        return self.opening.organisation_id

    @property
    def viewer(self) -> str:
        return self.opening.viewer

    @property
    def playback(self) -> str:
        return self.opening.playback

    @property
    def video(self) -> str:
        return self.opening.video


@dataclass(frozen=True, slots=True)
class ImportSections(_OpensItsOwn):
    """Bring in one session of somebody else's record. The same again changes nothing; a longer one adds what is new."""

    brought: Imported
    received_at: int

    def apply(self, space: Workspace) -> bool:
        body = imported_body(self.brought)
        viewer = space.viewers[self.viewer]
        playback = space.playbacks.get(self.playback) or self.opening.open(space, viewer).playback
        bodies = space.bodies_of(playback)
        if body in bodies:
            return False
        told = Sections.of(span for known in bodies for span in imported_from(known).sections)
        progress = space.progress_of(playback)
        lines = apply_import(progress, self.brought, told=told, received_at=self.received_at)
        space.write("imported", viewer, playback, body, seq=len(bodies), received_at=self.received_at, lines=lines)
        space.changed(progress=progress)
        return True


def imported_from(body: bytes) -> Imported:
    """The journal's body of an import, read back."""
    kept = json.loads(body)
    return Imported(tuple((start, end) for start, end in kept["sections"]), kept["stated_at"])


def imported_body(brought: Imported) -> bytes:
    kept = {"sections": brought.sections, "stated_at": brought.stated_at}
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class KeepProgress(_OpensItsOwn):
    """Give a viewer of a video's new version what they had of the version before. Once: again it changes nothing."""

    kept: Kept
    received_at: int

    def apply(self, space: Workspace) -> bool:
        if self.playback in space.playbacks:
            return False
        viewer = space.viewers[self.viewer]
        playback = self.opening.open(space, viewer).playback
        progress = space.progress_of(playback)
        lines = apply_kept(progress, self.kept, received_at=self.received_at)
        space.write("kept", viewer, playback, kept_body(self.kept), received_at=self.received_at, lines=lines)
        space.changed(progress=progress)
        return True


def kept_from(body: bytes) -> Kept:
    """The journal's body of what was kept, read back."""
    told = json.loads(body)
    sections = tuple((start, end) for start, end in told["sections"])
    position = told["position"] and (told["position"][0], told["position"][1])
    return Kept(told["source"], sections, told["evidence"], position, told["completed_at"])


def kept_body(kept: Kept) -> bytes:
    return json.dumps(asdict(kept), separators=(",", ":"), sort_keys=True).encode()
