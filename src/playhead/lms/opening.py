"""Opening a playback, whoever asks for it: a page, a signed address, or a program with a key."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playhead.core import limits
from playhead.core.errors import Forbidden, PlayheadError
from playhead.core.reach import reached_ms
from playhead.core.sections import EMPTY
from playhead.lms import telling
from playhead.lms.access import check_earning, video_for
from playhead.lms.devices import admit
from playhead.lms.models import User, Video
from playhead.lms.terms import policy_of, terms_for, wished
from playhead.lms.videos import INFERRED, delivery_is_evidence, media_of
from playhead.recorder import service
from playhead.recorder.policy import FREE, Policy


@dataclass(frozen=True, slots=True)
class Joined:
    """The other system that a playback is opened for: its key, its own name for the viewer, and how often it wants to
    hear of progress."""

    integration: str
    external_viewer: str
    progress_every_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is opened: what the browser calls itself, its name for people, and what is known of its environment."""

    device: str = ""
    device_name: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the other system asks for this opening: rules of viewing by name, and where to begin."""

    rules: Mapping[str, object] = field(default_factory=dict)
    start_ms: int | None = None


def open_for(
    user: User,
    key: str,
    *,
    session: str | None,
    joined: Joined | None = None,
    place: Place | None = None,
    wish: Wish | None = None,
) -> dict[str, Any]:
    """Open a playback of a video for somebody in its course, and say all that a player needs. Raises our errors.

    `session` names what it was opened in; closing that closes it.
    """
    place, wish = place or Place(), wish or Wish()
    video, role = video_for(user, key)
    check_earning(video.course)
    terms = wished(terms_for(user, [video])[video.pk], wish.rules)
    policy = replace(
        policy_of(terms, role),
        delivery_is_evidence=delivery_is_evidence(video),
        positions_inferred=video.source in INFERRED,
    )
    integration, external_id = (joined.integration, joined.external_viewer) if joined else (None, "")
    with telling.refusals(user, video, integration=integration, external_id=external_id):
        if not role.sees_class:
            admit(user, place.device, most=terms.devices, name=place.device_name)
        opening = service.open_playback(
            viewer=user.key,
            video=video.key,
            duration_ms=video.duration_ms,
            policy=policy,
            session=session,
            organisation_id=user.organisation_id,
            integration=integration,
            external_viewer=external_id,
            progress_every_s=joined.progress_every_s if joined else None,
            environment=place.environment,
        )
    _still_allowed(user, video)
    begin_ms = starting_ms(opening, policy, wish.start_ms)
    return _answer(opening, video, policy) | {"resume_ms": begin_ms, "viewer": {"name": str(user), "id": user.username}}


def starting_ms(opening: service.Opening, policy: Policy, asked_ms: int | None) -> int:
    """Where to begin: where the other system wants, else where the viewer stopped; inside the part, and no further than
    they have come where they may not skip."""
    start, end = policy.part or (0, limits.VIDEO_MS)
    at_ms = opening.resume_ms if asked_ms is None else asked_ms
    if policy.seeking != FREE:
        at_ms = min(at_ms, reached_ms(opening.progress.coverage, EMPTY, start_ms=start))
    return at_ms if start <= at_ms < min(end, opening.progress.duration_ms or end) else start


def _still_allowed(user: User, video: Video) -> None:
    """What came between the check and the opening must not leave a playback open: an unenrolment, the course archived,
    the account switched off."""
    try:
        if not User.objects.filter(pk=user.pk, is_active=True).exists():
            raise Forbidden("account_off", "This account is switched off.")
        again, _role = video_for(user, video.key)
        check_earning(again.course)
    except PlayheadError:
        service.close_playbacks(reason="unenrolled", viewer=user.key, video=video.key)
        raise


def _answer(opening: service.Opening, video: Video, policy: Policy) -> dict[str, Any]:
    progress = opening.progress
    return {
        "playback": opening.playback,
        "ticket": opening.ticket,
        "expires_at_s": opening.expires_at_s,
        "opened_at": opening.opened_at,
        "server_time": service.current().now_ms(),
        "video": {"key": video.key, "title": video.title, "duration_ms": video.duration_ms},
        "media": media_of(opening.ticket, video),
        "policy": {
            "max_rate": policy.max_rate,
            "threshold_percent": policy.threshold_percent,
            "no_skip": policy.no_skip,
            "part": policy.part,
            "seeking": policy.seeking,
            "rates": policy.rates,
            "watermark": policy.watermark,
        },
        "resume_ms": opening.resume_ms,
        "coverage": progress.coverage.pairs(),
        "again": progress.again.pairs(),
        "refused": (progress.refused - progress.coverage).pairs(),
        "refusals": progress.refusals,
        "progress": progress.progress,
        "covered_ms": progress.covered_ms,
        "watched_ms": progress.watched_ms,
        "counted_ms": progress.counted_ms,
        "needed_ms": progress.needed_ms,
        "completed": progress.completed,
        "evidence": progress.evidence,
    }
