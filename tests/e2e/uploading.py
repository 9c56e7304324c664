"""A course of its own for uploads, a worker that packages them, and a teacher who brings a film by the library page."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Page, Route, expect

from playhead.media.ffmpeg import run_ffmpeg
from tests.e2e.server import Server

TITLE = "Ripples in a tank"
COURSE = "c_recordings"
LIBRARY = f"/courses/{COURSE}/library/"
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:25.000\nA ripple runs outwards\n"
FILM_S = 24

_COURSE = """
import django; django.setup()
from playhead.lms.models import Course, Enrolment, Role, User, default_organisation
from playhead.lms.seed import _person
import sys
key, *names = sys.argv[1:]
made = {"title": "Recordings", "organisation_id": default_organisation()}
course, _made = Course.objects.get_or_create(key=key, defaults=made)
for name in ["alice", *names]:
    role = Role.TEACHER if name == "alice" else Role.STUDENT
    person = User.objects.filter(username=name).first() or _person(name, name.title())
    Enrolment.objects.get_or_create(course=course, user=person, defaults={"role": role})
"""
_VIDEO = """
import django; django.setup()
import sys
from playhead.lms.models import Video
print(Video.objects.get(course__key=sys.argv[1], title=sys.argv[2]).key)
"""


def make_course(server: Server, *students: str) -> None:
    """Alice teaches it."""
    server.run(_COURSE, COURSE, *students)


def video_key(server: Server, title: str = TITLE) -> str:
    return server.run(_VIDEO, COURSE, title).strip()


def make_film(folder: Path, *, seconds: int = FILM_S, name: str = TITLE) -> Path:
    """640 x 480, so that there are two qualities; each second looks and sounds its own."""
    path = folder / f"{name}.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=640x480:r=12:d={seconds}", "-f", "lavfi", "-i", f"sine=d={seconds}"]
    list(run_ffmpeg([*picture, "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)]))
    return path


@contextmanager
def packaging(server: Server) -> Iterator[None]:
    """A worker beside the server, until the end of the block."""
    with subprocess.Popen([sys.executable, "-m", "playhead", "worker"], env=server.environment) as worker:
        try:
            yield
        finally:
            worker.terminate()


async def upload(page: Page, server: Server, film: Path, *, cuts: int = 3) -> None:
    """Over a connection that breaks so many times; the page is left alone until it says by itself that all is done."""
    left = cuts

    async def cut(route: Route) -> None:
        nonlocal left
        if route.request.method == "PATCH" and left:
            left -= 1
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/uploads/*", cut)
    await page.goto(server.address + LIBRARY)
    await page.set_input_files("#upload-files", film)
    await expect(page.get_by_label(f"Upload of {film.name}")).to_be_visible()
    row = page.locator("tr[data-asset]", has_text=film.stem)
    await expect(row).to_have_attribute("data-state", "ready", timeout=200_000)
    assert left == 0


async def describe(page: Page, title: str = TITLE) -> None:
    """Chapters, and captions in English."""
    await page.get_by_role("link", name=f"Edit {title}").click()
    await page.get_by_label("Chapters").fill("0:00 Calm\n0:12 Ripples & rings")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("link", name=f"Edit {title}").click()
    await page.get_by_label("Language").fill("en")
    await page.get_by_label("Shown as").fill("English")
    await page.set_input_files("#id_file", {"name": "en.vtt", "mimeType": "text/vtt", "buffer": CAPTIONS})
    await page.get_by_role("button", name="Add captions").click()
    await expect(page.get_by_role("button", name="Remove captions English")).to_be_visible()
