"""Addresses of the rules of viewing, and of the player page inside other systems' pages."""

from django.urls import path

from playhead.lms.views import asking, joined, rules

urlpatterns = [
    path("courses/<str:key>/rules/", rules.course_rules, name="course-rules"),
    path("videos/<str:key>/rules/", rules.video_rules, name="video-rules"),
    path(
        "courses/<str:key>/students/<str:user_key>/devices/<int:number>/forget/",
        rules.forget_device,
        name="forget-device",
    ),
    path("integrations/<str:key>/ask/", asking.asking, name="ask-lms"),
    path("watch", joined.joined_watch, name="joined-watch"),
    path("s", joined.joined_watch, name="joined-watch-kollus"),  # as Kollus's own address has it
    path("v1/watch", joined.joined_open, name="joined-open"),
    path("v1/watch/<str:playback>/ticket", joined.joined_renew, name="joined-renew"),
]
