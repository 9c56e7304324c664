"""One good request for every operation of the document, and what makes another row in every list."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from playhead.callbacks.models import Delivery, Endpoint
from playhead.lms.models import Certificate, Course, Device, Enrolment, Outsider, Override, User, Video
from playhead.media.keys import master_keys, seal
from playhead.media.models import Asset, State
from playhead.media.packaging import Lock
from playhead.media.store import store
from playhead.recorder.models import Playback
from tests.lms.api.conftest import Program
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

ADDRESS = "https://v.example/x.mp4"
HOOK = "https://lms.example/hook"
LISTS = [
    f"/{name}"
    for name in (
        "courses", "videos", "viewers", "enrolments", "playbacks", "callbacks", "uploads", "accommodations",
        "overrides", "certificates",
    )
]  # fmt: skip
CAPTIONS = {"label": "English", "text": "WEBVTT\n\n00:00.000 --> 00:04.000\nHere it begins.\n"}


@dataclass(frozen=True)
class Asked:
    """`makes`: how many rows there are of what a POST makes; none where it makes something else."""

    method: str
    path: str
    body: Any = None
    makes: Callable[[], int] | None = None


class Scene:
    """A course with videos, viewers who watched, endpoints and messages, all of one integration's."""

    def __init__(self, program: Program, school: School, clock: HandClock) -> None:
        self.program, self.clock, self.course, self.film = program, clock, school.course.key, school.film.key
        self._numbers = itertools.count()
        self.viewer, self.newcomer = self.new_viewer(), self.new_viewer(enrolled=False)
        self.opened = self.new_playback()
        self.spare, self.spare_video, self.spare_course = self.new_viewer(), self.new_video(), self.new_course()
        self.outdated, self.better = self.new_video(), self.new_video()
        self.upload, self.device = self.new_upload(), self.new_device()
        self.program.ask("PUT", f"/uploads/{self.upload}/captions/en", CAPTIONS)
        self.agreed = self.new_accommodation(self.viewer)
        self.finished = self.new_course()
        self.lesson = self.new_video(self.finished)
        self.graduate, self.certificate = self.new_graduate(), self.new_certificate()
        self.endpoint = str(program.post("/callbacks", {"name": "Hook", "url": HOOK}).json()["key"])
        self.message = self.new_message()

    def name(self) -> str:
        return f"Added {next(self._numbers)}"

    def new_viewer(self, *, enrolled: bool = True) -> str:
        name = self.name()
        made = self.program.post("/viewers", {"external_id": name.replace(" ", "-"), "name": name})
        key = str(made.json()["key"])
        if enrolled:
            self.program.post("/enrolments", {"course": self.course, "viewer": key})
        return key

    def new_course(self) -> str:
        return str(self.program.post("/courses", {"title": self.name()}).json()["key"])

    def new_video(self, course: str = "") -> str:
        video = {
            "course": course or self.course,
            "title": self.name(),
            "url": ADDRESS,
            "duration_ms": 9000,
        }
        return str(self.program.post("/videos", video).json()["key"])

    def new_playback(self) -> dict[str, Any]:
        """With two ledger lines and two batches in it."""
        opened = self.program.post("/playbacks", {"video": self.film, "viewer": self.viewer}).json()
        watch(opened, self.clock, [(0, 1000), (1000, 2000)])
        return dict(opened)

    def new_message(self) -> str:
        return str(self.program.ask("POST", f"/callbacks/{self.endpoint}/test").json()["id"])

    def new_upload(self) -> str:
        """Packaged, as far as one can tell from outside, with a picture."""
        told = {"course": self.course, "name": "waves.mp4", "size_bytes": 1000, "title": self.name()}
        key = str(self.program.post("/uploads", told).json()["key"])
        asset, masters = Asset.objects.get(key=key), master_keys()
        asset.state, asset.duration_ms, asset.stills, asset.master = State.READY, 9000, 1, masters.newest
        asset.save()
        lock = Lock(key, masters.get(asset.master), bytes(asset.salt))
        store().put(f"{key}/still-0", seal(b"a picture", lock.picture_key("still-0")))
        return key

    def new_device(self) -> str:
        user = User.objects.get(key=self.viewer)
        return str(Device.objects.create(user=user, token_hash=self.name(), name="A browser").pk)

    def new_accommodation(self, viewer: str) -> str:
        path = f"/accommodations/{self.course}/{viewer}/{self.film}"
        self.program.ask("PUT", path, {"plays": 3, "reason": "agreed"})
        return path

    def new_graduate(self) -> str:
        """A student who is done with the finished course, by somebody's word."""
        key = self.new_viewer(enrolled=False)
        self.program.post("/enrolments", {"course": self.finished, "viewer": key})
        self.program.post("/overrides", {"video": self.lesson, "viewer": key, "reason": "done elsewhere"})
        return key

    def new_certificate(self) -> str:
        told = {"course": self.finished, "viewer": self.new_graduate()}
        return str(self.program.post("/certificates", told).json()["key"])

    def add_certificate(self) -> None:
        """Another row, without a paper, which takes its time."""
        course, user = Course.objects.get(key=self.finished), User.objects.get(key=self.new_viewer(enrolled=False))
        Certificate.objects.create(
            course=course, user=user, issued_at=timezone.now(), facts="{}", fingerprint="0", paper=b""
        )

    def table(self) -> dict[str, Asked]:
        """By the names of operations; in this order all of them work one after the other."""
        return self._reading() | self._making() | self._changing()

    def lists(self) -> dict[str, tuple[str, Callable[[], object]]]:
        """The path of every list, and what adds a row to it."""
        of_pair = f"?video={self.film}&viewer={self.viewer}"
        return {
            "list_courses": ("/courses", lambda: self.program.post("/courses", {"title": self.name()})),
            "list_videos": (f"/videos?course={self.course}", self.new_video),
            "list_viewers": ("/viewers", self.new_viewer),
            "list_enrolments": (f"/enrolments?course={self.course}", self.new_viewer),
            "list_uploads": (f"/uploads?course={self.course}", self.new_upload),
            "list_accommodations": (
                f"/accommodations?course={self.course}",
                lambda: self.new_accommodation(self.new_viewer()),
            ),
            "list_overrides": (f"/overrides?video={self.lesson}", self.new_graduate),
            "list_trail": (f"/courses/{self.course}/trail", self.new_viewer),
            "list_devices": (f"/viewers/{self.viewer}/devices", self.new_device),
            "list_certificates": (f"/certificates?course={self.finished}", self.add_certificate),
            "list_playbacks": (f"/playbacks{of_pair}", self.new_playback),
            "list_progress": (f"/progress?video={self.film}", self.new_viewer),
            "list_progress, of a viewer": (f"/progress?viewer={self.viewer}", self.new_video),
            "list_lines": (f"/ledger{of_pair}", self.new_playback),
            "list_events": (f"/events{of_pair}", self.new_playback),
            "list_endpoints": ("/callbacks", lambda: self.program.post("/callbacks", {"name": "x", "url": HOOK})),
            "list_messages": (f"/callbacks/{self.endpoint}/messages", self.new_message),
        }

    def _reading(self) -> dict[str, Asked]:
        one = {
            "read_key": "/key",
            "read_course": f"/courses/{self.course}",
            "read_video": f"/videos/{self.film}",
            "read_course_rules": f"/courses/{self.course}/rules",
            "read_video_rules": f"/videos/{self.film}/rules",
            "read_terms": f"/terms/{self.film}/{self.viewer}",
            "read_upload": f"/uploads/{self.upload}",
            "read_still": f"/uploads/{self.upload}/stills/0",
            "read_captions": f"/uploads/{self.upload}/captions/en",
            "read_accommodation": self.agreed,
            "read_override": f"/overrides/{self.lesson}/{self.graduate}",
            "read_device": f"/viewers/{self.viewer}/devices/{self.device}",
            "read_certificate": f"/certificates/{self.certificate}",
            "read_viewer": f"/viewers/{self.viewer}",
            "read_enrolment": f"/enrolments/{self.course}/{self.viewer}",
            "read_playback": f"/playbacks/{self.opened['playback']}",
            "read_progress": f"/progress/{self.film}/{self.viewer}",
            "course_statistics": f"/statistics/courses/{self.course}",
            "video_statistics": f"/statistics/videos/{self.film}",
            "read_endpoint": f"/callbacks/{self.endpoint}",
        }
        many = {name: path for name, (path, _add) in self.lists().items() if "," not in name}
        return {name: Asked("GET", path) for name, path in (one | many).items()}

    def _changing(self) -> dict[str, Asked]:
        place = f"/enrolments/{self.course}/{self.viewer}"
        return {
            "change_course": Asked("PATCH", f"/courses/{self.course}", {"title": "Changed"}),
            "change_course_rules": Asked("PATCH", f"/courses/{self.course}/rules", {"seeking": "covered"}),
            "change_video_rules": Asked("PATCH", f"/videos/{self.film}/rules", {"plays": 9}),
            "change_upload": Asked("PATCH", f"/uploads/{self.upload}", {"title": "Changed"}),
            "set_captions": Asked("PUT", f"/uploads/{self.upload}/captions/en", CAPTIONS | {"label": "Changed"}),
            "remove_captions": Asked("DELETE", f"/uploads/{self.upload}/captions/en"),
            "remove_upload": Asked("DELETE", f"/uploads/{self.upload}"),
            "remove_video": Asked("DELETE", f"/videos/{self.spare_video}"),
            "archive_course": Asked("DELETE", f"/courses/{self.spare_course}"),
            "switch_off_viewer": Asked("DELETE", f"/viewers/{self.spare}"),
            "agree": Asked("PUT", self.agreed, {"max_rate": 1500, "reason": "Changed"}),
            "end_accommodation": Asked("DELETE", self.agreed),
            "withdraw_override": Asked("DELETE", f"/overrides/{self.lesson}/{self.graduate}"),
            "forget_device": Asked("DELETE", f"/viewers/{self.viewer}/devices/{self.device}"),
            "change_video": Asked("PATCH", f"/videos/{self.film}", {"title": "Changed"}),
            "change_viewer": Asked("PATCH", f"/viewers/{self.viewer}", {"name": "Changed"}),
            "change_endpoint": Asked("PATCH", f"/callbacks/{self.endpoint}", {"name": "Changed"}),
            "change_role": Asked("PATCH", place, {"role": "assistant"}),
            "close_playback": Asked("DELETE", f"/playbacks/{self.opened['playback']}"),
            "unenrol": Asked("DELETE", place),
            "remove_endpoint": Asked("DELETE", f"/callbacks/{self.endpoint}"),
        }

    def _making(self) -> dict[str, Asked]:
        video = {"course": self.course, "title": "New", "url": "https://v.example/n.mp4", "duration_ms": 9000}
        enrolment = {"course": self.course, "viewer": self.newcomer}
        upload = {"course": self.course, "name": "film.mp4", "size_bytes": 1000}
        word = {"video": self.film, "viewer": self.viewer, "reason": "told us"}
        finished = {"course": self.finished, "viewer": self.graduate}
        playback = {"video": self.film, "viewer": self.viewer}
        renewed, endpoint = f"/playbacks/{self.opened['playback']}/ticket", f"/callbacks/{self.endpoint}"
        return {
            "make_course": Asked("POST", "/courses", {"title": "New"}, Course.objects.count),
            "copy_course": Asked("POST", f"/courses/{self.course}/copy", {"title": "Copied"}, Course.objects.count),
            "restore_video": Asked("POST", f"/videos/{self.spare_video}/restore"),
            "replace_video": Asked("POST", f"/videos/{self.outdated}/replace", {"by": self.better}),
            "begin_upload": Asked("POST", "/uploads", upload, Asset.objects.count),
            "restore_upload": Asked("POST", f"/uploads/{self.upload}/restore"),
            "override": Asked("POST", "/overrides", word, Override.objects.count),
            "issue_certificate": Asked("POST", "/certificates", finished, Certificate.objects.count),
            "withdraw_certificate": Asked("POST", f"/certificates/{self.certificate}/withdrawal", {"reason": "wrong"}),
            "add_video": Asked("POST", "/videos", video, Video.objects.count),
            "add_viewer": Asked("POST", "/viewers", {"external_id": "new", "name": "New"}, Outsider.objects.count),
            "enrol": Asked("POST", "/enrolments", enrolment, Enrolment.objects.count),
            "open_playback": Asked("POST", "/playbacks", playback, Playback.objects.count),
            "renew_ticket": Asked("POST", renewed, {"ticket": self.opened["ticket"]}),
            "add_endpoint": Asked("POST", "/callbacks", {"name": "New", "url": HOOK}, Endpoint.objects.count),
            "rotate_secret": Asked("POST", f"{endpoint}/secret"),
            "send_test": Asked("POST", f"{endpoint}/test", None, Delivery.objects.count),
            "resend_message": Asked("POST", f"{endpoint}/messages/{self.message}", None, Delivery.objects.count),
        }


def pages(program: Program, path: str, *, limit: int) -> Iterator[list[str]]:
    """The items of a list page by page, each as text; what is yielded to may add rows."""
    separator, cursor = "&" if "?" in path else "?", ""
    while True:
        page = program.get(f"{path}{separator}limit={limit}{cursor}").json()
        yield [_identity(one) for one in page["data"]]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _identity(item: dict[str, Any]) -> str:
    """What stays the same in an item, whatever happens meanwhile."""
    names = ("key", "id", "journal", "line", "course", "video", "viewer")
    return json.dumps([item[name] for name in names if name in item])
