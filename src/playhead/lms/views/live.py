"""The page of who is where now; what it shows goes on by itself through `lms.live_door`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from playhead.lms.access import course_for, person
from playhead.lms.live import HERE_MS, here
from playhead.lms.standings import students_of


@require_GET
def live_page(request: HttpRequest, key: str) -> HttpResponse:
    course, role = course_for(person(request), key, teaching=True)
    videos, students = list(course.videos.all()), students_of(course)
    names = {student.key: student.name for student in students}
    now_ms = int(timezone.now().timestamp() * 1000)
    found = here([video.key for video in videos], since_ms=now_ms - HERE_MS)
    by_video: dict[str, list[tuple[str, int]]] = {video.key: [] for video in videos}
    for (who, video_key), (at_ms, _told) in sorted(found.items(), key=lambda item: item[1]):
        if who in names:
            by_video[video_key].append((names[who], at_ms))
    context = {
        "course": course,
        "role": role,
        "tab": "live",
        "rows": [(video, by_video[video.key]) for video in videos],
        "students": students,
        "known": {"names": names, "durations": {video.key: video.duration_ms for video in videos}},
    }
    return render(request, "lms/live.html", context)
