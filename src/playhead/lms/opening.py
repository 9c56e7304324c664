"""Opening a playback, whoever asks for it: a page, a signed address, or a program with a key."""

from typing import Any
from urllib.parse import quote

from playhead.core.errors import Forbidden, PlayheadError
from playhead.lms.access import check_earning, video_for
from playhead.lms.models import Source, User, Video
from playhead.lms.terms import policy_for
from playhead.recorder import service
from playhead.recorder.policy import Policy


def open_for(user: User, key: str, *, session: str | None) -> dict[str, Any]:
    """Open a playback of a video for somebody in its course, and say all that a player needs. Raises our errors.

    `session` names what it was opened in; closing that closes it.
    """
    video, role = video_for(user, key)
    check_earning(video.course)
    policy = policy_for(user, video, role)
    opening = service.open_playback(
        viewer=user.key,
        video=video.key,
        duration_ms=video.duration_ms,
        policy=policy,
        session=session,
        organisation_id=user.organisation_id,
    )
    _still_allowed(user, video)
    return _answer(opening, video, policy)


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
        "media": {"src": _media_address(opening.ticket, video), "type": video.content_type},
        "policy": {
            "max_rate": policy.max_rate,
            "threshold_percent": policy.threshold_percent,
            "no_skip": policy.no_skip,
            "part": policy.part,
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


def _media_address(ticket: str, video: Video) -> str:
    """A file of ours only under its ticket; a video elsewhere at its own address."""
    return video.url if video.source == Source.URL else f"/media/{ticket}/{quote(video.file, safe='')}"
