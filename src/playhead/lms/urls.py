"""The pages and endpoints of the learning site."""

from django.urls import include, path

from playhead.lms.api import playbacks
from playhead.lms.api import unverified as unverified_door
from playhead.lms.views import (
    auth,
    comparing,
    courses,
    explain,
    home,
    insights,
    live,
    reading,
    system,
    unverified,
    videos,
    watch,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", auth.Login.as_view(), name="login"),
    path("logout/", auth.log_out, name="logout"),
    path("", include("playhead.lms.school_urls")),
    path("", include("playhead.lms.playback_urls")),
    path("courses/<str:key>/", courses.course_page, name="course"),
    path("courses/<str:key>/insights/", insights.insights_page, name="insights"),
    path("courses/<str:key>/compare/", comparing.compare_courses, name="compare-course"),
    path("courses/<str:key>/live/", live.live_page, name="live"),
    path("courses/<str:key>/progress.csv", reading.course_csv, name="course-csv"),
    path("courses/<str:key>/students/<str:user_key>/", reading.student_page, name="student"),
    path("courses/<str:key>/videos/add/", courses.add_video, name="add-video"),
    path("videos/<str:key>/", videos.video_page, name="video"),
    path("videos/<str:key>/compare/", comparing.compare_videos, name="compare-video"),
    path("courses/<str:key>/library/", include("playhead.lms.library_urls")),
    path("explain/<str:key>/<str:user_key>/", explain.explain_page, name="explain"),
    path("explain/<str:key>/<str:user_key>/lines.csv", explain.explain_csv, name="explain-csv"),
    path("system/", system.system, name="system"),
    path("", include("playhead.lms.callback_urls")),
    path("", include("playhead.lms.export_urls")),
    path("watch/<str:key>/", watch.watch, name="watch"),
    path("api/v1/", include("playhead.lms.api.urls")),
    path("unverified/", unverified.unverified_page, name="unverified"),
    path("api/analytics", unverified_door.tell, name="tell-event"),
    path("api/analytics/batch", unverified_door.tell, name="tell-events"),
    path("v1/playbacks", playbacks.open_playback, name="open-playback"),
    path("v1/playbacks/<str:playback>/ticket", playbacks.renew_ticket, name="renew-ticket"),
]
