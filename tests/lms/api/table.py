"""One good request for every operation of the document, and what makes another row in every list."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from playhead.callbacks.models import Delivery, Endpoint
from playhead.lms.models import Course, Enrolment, Outsider, Video
from playhead.recorder.models import Playback
from tests.lms.api.conftest import Program
from tests.lms.conftest import School
from tests.lms.watching import watch
from tests.world import HandClock

HOOK = "https://lms.example/hook"


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

    def new_video(self) -> str:
        video = {"course": self.course, "title": self.name(), "url": "https://v.example/x.mp4", "duration_ms": 9000}
        return str(self.program.post("/videos", video).json()["key"])

    def new_playback(self) -> dict[str, Any]:
        """With two ledger lines and two batches in it."""
        opened = self.program.post("/playbacks", {"video": self.film, "viewer": self.viewer}).json()
        watch(opened, self.clock, [(0, 1000), (1000, 2000)])
        return dict(opened)

    def new_message(self) -> str:
        return str(self.program.ask("POST", f"/callbacks/{self.endpoint}/test").json()["id"])

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
        playback = {"video": self.film, "viewer": self.viewer}
        renewed, endpoint = f"/playbacks/{self.opened['playback']}/ticket", f"/callbacks/{self.endpoint}"
        return {
            "make_course": Asked("POST", "/courses", {"title": "New"}, Course.objects.count),
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
