"""The watch page: the player, and what of the video counts as watched so far."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playhead.lms.access import person, video_for
from playhead.lms.embeds import content_policy, is_framed, script_of
from playhead.lms.progress import watched_by


@require_GET
def watch(request: HttpRequest, key: str) -> HttpResponse:
    """Holds no media address: that is in the answer of `POST /v1/playbacks`, together with the ticket it needs."""
    user = person(request)
    video, role = video_for(user, key)
    videos = list(video.course.videos.select_related("course"))
    playlist = watched_by(user, videos)
    here = next(number for number, one in enumerate(playlist) if one.video == video)
    context = {
        "video": video,
        "course": video.course,
        "role": role,
        "framed": is_framed(video),
        "script": script_of(video),
        "watched": playlist[here],
        "playlist": playlist,
        "following": playlist[here + 1] if here + 1 < len(playlist) else None,
    }
    response = render(request, "lms/watch.html", context)
    # For this one answer: what its player needs of the video's own host.
    response._csp_update = content_policy(video)  # type: ignore[attr-defined]
    return response
