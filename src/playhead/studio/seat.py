"""Who sits at the workbench, and what they may see: found anew on every run of the script, so that a logout or a lost
role is known at once. The learning site says who; this room only states what it needs to know."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class SeatVideo(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def course(self) -> str: ...
    @property
    def course_title(self) -> str: ...
    @property
    def duration_ms(self) -> int | None: ...


class SeatStudent(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def course(self) -> str: ...


class Shown(Protocol):
    """A figure of the teacher's page and the table that says the same."""

    @property
    def title(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def figure(self) -> dict[str, Any]: ...
    @property
    def headings(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Sequence[Any]]: ...


class Seat(Protocol):
    """A person with courses of their own."""

    @property
    def name(self) -> str: ...
    @property
    def videos(self) -> Sequence[SeatVideo]: ...
    @property
    def students(self) -> Sequence[SeatStudent]: ...

    def progress(self) -> Sequence[tuple[str, str, int | None, int, int, int | None]]:
        """A row for each student and video of their courses: video, viewer, percent (None: length unknown), covered and
        watched media ms, completed_at (epoch ms)."""
        ...

    def figures(self, video: str) -> Sequence[Shown]:
        """Those of the teacher's page of that video, which must be one of `videos`."""
        ...


FindSeat = Callable[[Mapping[str, str]], Seat | None]
_installed: list[FindSeat] = []


def install(find: FindSeat) -> None:
    """Say how to find who sits there, by the cookies of their browser: once, where the server is put together."""
    _installed[:] = [find]


def seat_of(cookies: Mapping[str, str]) -> Seat | None:
    """None for anybody who is not logged in, or teaches nothing."""
    return _installed[0](cookies) if _installed else None
