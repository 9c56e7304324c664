"""The pages and endpoints of the learning site."""

from django.urls import path

from playhead.lms.api import playbacks
from playhead.lms.views import auth, courses, home, videos, watch

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", auth.Login.as_view(), name="login"),
    path("logout/", auth.log_out, name="logout"),
    path("courses/<str:key>/", courses.course_page, name="course"),
    path("courses/<str:key>/people/", courses.enrol, name="enrol"),
    path("courses/<str:key>/people/<str:user_key>/remove/", courses.unenrol, name="unenrol"),
    path("courses/<str:key>/videos/add/", courses.add_video, name="add-video"),
    path("videos/<str:key>/", videos.video_page, name="video"),
    path("watch/<str:key>/", watch.watch, name="watch"),
    path("v1/playbacks", playbacks.open_playback, name="open-playback"),
    path("v1/playbacks/<str:playback>/ticket", playbacks.renew_ticket, name="renew-ticket"),
]
