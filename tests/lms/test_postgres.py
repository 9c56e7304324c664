"""The learning site on PostgreSQL: its tables as they are migrated there, and its pages over a class that watched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(240)]

# Run in a process of its own, whose site and tracking tables are both in the database it is given.
_LOOK = """
import json
import django; django.setup()
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connections
from django.test import Client, RequestFactory
from django.urls import reverse
from playhead.lms.models import Course, Enrolment, Role, User

settings.ALLOWED_HOSTS = ["testserver"]
assert {one.vendor for one in connections.all()} == {"postgresql"}
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
course = Course.objects.get(title__startswith="Simulated")
student = User.objects.filter(enrolments__course=course, enrolments__role=Role.STUDENT).order_by("pk").first()
ada = User.objects.create_superuser("ada", "Ada@school.example", "correct horse 1")
Enrolment.objects.get_or_create(course=course, user=ada, defaults={"role": Role.TEACHER})
video, one = course.videos.first().key, student.key
PAGES = {
    ada: {
        "home": [], "course": [course.key], "course-csv": [course.key], "insights": [course.key], "live": [course.key],
        "student": [course.key, one], "video": [video], "explain": [video, one], "explain-csv": [video, one],
        "people": [course.key], "bring-list": [course.key], "course-settings": [course.key], "trail": [course.key],
        "course-rules": [course.key], "student-terms": [course.key, one], "library": [course.key],
        "copy-course": [course.key],
        "accounts": [], "integrations": [], "callbacks": [], "unverified": [], "system": [], "admin:index": [],
        "account": [],
    },
    student: {"home": [], "course": [course.key], "watch": [video], "explain": [video, one], "account": []},
}
seen = {}
for user, pages in PAGES.items():
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    for name, arguments in pages.items():
        seen[f"{name} of {user.username}"] = client.get(reverse(name, args=arguments)).status_code
    assert client.post(reverse("change-name"), {"name": "김민준"}).status_code == 302
    assert client.get(reverse("course", args=[course.key]) + "?sort=-seen&q=a").status_code in {200, 302}
request = RequestFactory().post("/login/", {"username": "ADA@SCHOOL.EXAMPLE"})
assert authenticate(request, username="ADA@SCHOOL.EXAMPLE", password="correct horse 1") == ada
print(json.dumps(seen))
"""


def test_every_main_page_over_a_class_that_watched(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database: str = request.getfixturevalue("postgres").new_database()
    settings = {"PLAYHEAD_DATA": str(tmp_path), "PLAYHEAD_DATABASE_URL": database}
    environment = os.environ | settings | {"DJANGO_SETTINGS_MODULE": "playhead.settings"}
    playhead = str(Path(sys.executable).with_name("playhead"))
    subprocess.run([playhead, "simulate", "--students", "4", "--videos", "2"], env=environment, check=True)
    told = subprocess.run([sys.executable, "-c", _LOOK], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seen = json.loads(told.stdout.splitlines()[-1])
    assert len(seen) > 25
    assert {page: status for page, status in seen.items() if status != 200} == {}
