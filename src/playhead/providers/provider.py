"""What every provider does, in one interface, and the words it is told in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Stage(StrEnum):
    """How far a video is at its provider."""

    UPLOADING = "uploading"
    TRANSCODING = "transcoding"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Facts:
    """A video as its provider tells it. `description` is None where the provider keeps none; `reason` says in its words
    why it failed."""

    remote_id: str
    title: str
    stage: Stage
    description: str | None = None
    duration_ms: int | None = None
    url: str = ""
    thumbnail: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A file that somebody wants to bring."""

    title: str
    description: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """What whoever sends the file needs; never a credential that outlives this one upload.

    `way`: `tus` (go on at `url`), `pieces` (POST the form with one piece after the other, each with Content-Range), or
    `form` (POST all of it at once, the file in `file_field`).
    """

    way: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    file_field: str = "file"
    part_bytes: int = 0

    def told(self) -> dict[str, Any]:
        return {
            "way": self.way,
            "url": self.url,
            "fields": dict(self.fields),
            "file_field": self.file_field,
            "part_bytes": self.part_bytes,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of the account's videos; `more` is where the next ones begin, empty at the end."""

    videos: Sequence[Facts]
    more: str = ""


class Provider(Protocol):
    """One account. Whatever goes wrong is raised as one of our own errors, in words (`providers.door`)."""

    keeps_description: bool
    """Whether a description is kept there too; else it is only ours."""

    def check(self) -> str:
        """Try the credentials; returns what the account calls itself there."""
        ...

    def begin(self, wish: Wish) -> tuple[str, Ticket]:
        """Agree on an upload: what the video is called there, and how its file is sent."""
        ...

    def again(self, remote_id: str, wish: Wish) -> tuple[str, Ticket]:
        """Go on with one that was broken off, where a first ticket no longer serves."""
        ...

    def read(self, remote_id: str) -> Facts:
        """Raises Missing (code `provider_gone`) for what is not there."""
        ...

    def write(self, remote_id: str, *, title: str, description: str) -> None: ...

    def delete(self, remote_id: str) -> None:
        """May be repeated: what is gone already is deleted."""
        ...

    def listed(self, *, named: str = "", after: str = "") -> Listing:
        """The newest first. `named` is looked for in titles, where the provider can."""
        ...

    def sends_to(self) -> Sequence[str]:
        """The origins that a browser sends files to, as a Content-Security-Policy names them."""
        ...
