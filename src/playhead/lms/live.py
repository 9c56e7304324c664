"""Who is on which second of a course's videos now: one question a second to the recorder's rows, however many watch.

What is told is where each student's newest report ended, as soon as it is on disk; between two reports, at most ten
seconds apart while a video plays, nobody is moved on by guessing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from django.db import close_old_connections, connections

from playhead.lms.access import course_for
from playhead.lms.models import Course, User
from playhead.lms.standings import students_of

logger = logging.getLogger(__name__)

EVERY_S: Final = 1.0
HERE_MS: Final = 60_000
"""Whoever told nothing for this long is gone."""

OVER: Final = b""
"""What a reader gets last, when the server stops."""

_WAITING: Final = 4
_NEWEST: Final = (
    "SELECT v.key, p.video, p.position_ms, p.last_seen_at FROM recorder_progress p "
    "JOIN recorder_viewer v ON v.id = p.viewer_id WHERE p.video IN ({marks}) AND p.last_seen_at >= %s"
)

Here = Mapping[tuple[str, str], tuple[int, int]]
"""By student and video: position in ms, and when it was told (epoch ms)."""
_encode: Final = msgspec.json.Encoder().encode


def here(videos: Sequence[str], *, since_ms: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Where viewers of these videos were, of whom something was heard since then."""
    if not videos:
        return {}
    with connections["tracking"].cursor() as cursor:
        cursor.execute(_NEWEST.format(marks=", ".join(["%s"] * len(videos))), [*videos, since_ms])
        return {(viewer, video): (position, at) for viewer, video, position, at in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Class:
    """Who is shown of a course, and in which videos: its students' and videos' keys."""

    students: frozenset[str]
    videos: tuple[str, ...]


def class_of(course: Course) -> Class:
    keys = tuple(course.videos.values_list("key", flat=True))
    return Class(frozenset(student.key for student in students_of(course)), keys)


def class_for(user: User, key: str) -> Class:
    """Raises our errors for whom it is not."""
    course, _role = course_for(user, key, teaching=True)
    return class_of(course)


@dataclass(slots=True)
class _Room:
    """A course that somebody looks at: its readers, and what they were told last."""

    members: Class
    readers: set["asyncio.Queue[bytes]"] = field(default_factory=set)
    told: Here = field(default_factory=dict)


class Hub:
    """Asks while somebody listens, and tells all readers of a course the same bytes."""

    def __init__(self, now_ms: Callable[[], int], *, every_s: float = EVERY_S) -> None:
        self._now_ms = now_ms
        self._every_s = every_s
        self._rooms: dict[str, _Room] = {}
        self._task: asyncio.Task[None] | None = None
        self.questions = 0

    @property
    def readers(self) -> int:
        return sum(len(room.readers) for room in self._rooms.values())

    def join(self, course: str, members: Class) -> "asyncio.Queue[bytes]":
        """A queue that first gets all that is known, then what changes. `leave` with it in the end."""
        room = self._rooms.setdefault(course, _Room(members))
        room.members = members
        queue: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        queue.put_nowait(message("all", room.told, self._now_ms()))
        room.readers.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        return queue

    def close(self) -> None:
        """Tell every reader that it is over: a stream that stays open would hold up the server's end."""
        for room in self._rooms.values():
            for queue in room.readers:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(OVER)

    def leave(self, course: str, queue: "asyncio.Queue[bytes]") -> None:
        room = self._rooms.get(course)
        if room is not None:
            room.readers.discard(queue)
            if not room.readers:
                del self._rooms[course]

    async def _run(self) -> None:
        while self._rooms:
            began = asyncio.get_running_loop().time()
            try:
                await self.turn()
            except Exception:
                logger.exception("the live view could not be read; trying again")
            await asyncio.sleep(max(0.0, self._every_s - (asyncio.get_running_loop().time() - began)))

    async def turn(self) -> None:
        """One question for all rooms, and what it changes told to each."""
        rooms = dict(self._rooms)
        videos = sorted({video for room in rooms.values() for video in room.members.videos})
        now_ms = self._now_ms()
        found = await asyncio.to_thread(_asked, videos, now_ms - HERE_MS)
        self.questions += 1
        for room in rooms.values():
            wanted = set(room.members.videos)
            now = {key: where for key, where in found.items() if key[0] in room.members.students and key[1] in wanted}
            changed = {key: where for key, where in now.items() if room.told.get(key) != where}
            gone = room.told.keys() - now.keys()
            room.told = now
            if changed or gone:
                self._tell(room, message("some", changed, now_ms, gone=sorted(gone)))

    def _tell(self, room: _Room, said: bytes) -> None:
        for queue in room.readers:
            if queue.full():  # whoever cannot keep up begins anew
                while not queue.empty():
                    queue.get_nowait()
                said_all = message("all", room.told, self._now_ms())
                queue.put_nowait(said_all)
            else:
                queue.put_nowait(said)


def _asked(videos: Sequence[str], since_ms: int) -> dict[tuple[str, str], tuple[int, int]]:
    try:
        return here(videos, since_ms=since_ms)
    finally:
        close_old_connections()


def message(kind: str, found: Here, now_ms: int, *, gone: Sequence[tuple[str, str]] = ()) -> bytes:
    """One server-sent event. `here` holds [student, video, position in ms, told at]."""
    listed = [[*key, *where] for key, where in found.items()]
    return b"event: " + kind.encode() + b"\ndata: " + _encode({"now": now_ms, "here": listed, "gone": gone}) + b"\n\n"
