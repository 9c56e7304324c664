"""Addresses of what leaves: sinks and exports."""

from django.urls import path

from playhead.lms.views import exports, schedules, sinks

urlpatterns = [
    path("courses/<str:key>/export/", exports.export_page, name="course-export"),
    path("courses/<str:key>/export/<str:table>.<str:form>", exports.export_file, name="export-file"),
    path("courses/<str:key>/students/<str:user_key>/record.zip", exports.student_record, name="student-record"),
    path("account/record.zip", exports.own_record, name="own-record"),
    path("exports/", schedules.schedules_page, name="schedules"),
    path("exports/<str:key>/<str:what>/", schedules.schedule_do, name="schedule-do"),
    path("sinks/", sinks.sinks_page, name="sinks"),
    path("sinks/<str:key>/<str:what>/", sinks.sink_do, name="sink-do"),
]
